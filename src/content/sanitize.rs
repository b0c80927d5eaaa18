//! What of a lesson's HTML may reach a page.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::Builder;

/// Classes that a lesson's HTML may carry, beside those that begin with `language-`, `hl-` or `markdown-alert`.
const CLASSES: [&str; 11] = [
    "footnote-reference",
    "footnote-definition",
    "footnote-definition-label",
    "support-file",
    "align-left",
    "align-center",
    "align-right",
    "task",
    "task-done",
    "anchor",
    "term",
];

/// Tags that may carry a class.
const CLASSY: [&str; 10] = ["a", "blockquote", "code", "div", "figure", "p", "span", "sup", "td", "th"];

static BUILDER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .add_tags(["figure", "figcaption", "details", "summary", "section"])
        .add_generic_attributes(["id"])
        .rm_tag_attributes("table", ["charset"])
        .add_tag_attributes("span", ["role", "aria-label"])
        .add_tag_attributes("details", ["open"])
        .add_tag_attributes("a", ["aria-describedby"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        // No link opens a window of its own, so none needs a `rel`.
        .link_rel(None)
        .attribute_filter(filter);
    for tag in CLASSY {
        builder.add_tag_attributes(tag, ["class"]);
    }
    builder
});

/// Takes out everything that could run, load or restyle the page.
pub(super) fn sanitize(html: &str) -> String {
    BUILDER.clean(html).to_string()
}

fn filter<'a>(tag: &str, attribute: &str, value: &'a str) -> Option<Cow<'a, str>> {
    if tag == "img" && attribute == "src" {
        // Those of the course, which were looked at; nothing of a page comes from elsewhere.
        let own =
            value.strip_prefix("/lessons/").is_some_and(|rest| rest.contains("/pictures/") && !rest.contains(".."));
        return own.then_some(value.into());
    }
    if attribute != "class" {
        return Some(value.into());
    }
    let allowed = |class: &&str| {
        CLASSES.contains(class) || ["language-", "hl-", "markdown-alert"].iter().any(|start| class.starts_with(start))
    };
    let kept = value.split_whitespace().filter(allowed).collect::<Vec<_>>().join(" ");
    (!kept.is_empty()).then_some(Cow::Owned(kept))
}

#[cfg(test)]
mod tests {
    use super::sanitize;

    #[test]
    fn scripts_handlers_and_script_links_are_taken_out() {
        for bad in [
            "<script>alert(1)</script>",
            "<p onclick=\"alert(1)\">x</p>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\" JaVaScRiPt:alert(1)\">x</a>",
            "<a href=\"data:text/html,alert(1)\">x</a>",
            "<iframe src=\"https://example.org\"></iframe>",
            "<style>p { alert(1) }</style>",
            "<p style=\"alert(1)\">x</p>",
            "<svg onload=alert(1)>",
            "<img src=x onerror=alert(1)>",
            "<form action=/x><input name=alert></form>",
            "<p class=\"alert-me\">x</p>",
        ] {
            let clean = sanitize(bad);
            for word in ["alert", "iframe", "script", "<input", "<form"] {
                assert!(!clean.contains(word), "{bad} became {clean}");
            }
        }
    }

    #[test]
    fn what_lessons_need_is_kept() {
        for good in [
            "<h2 id=\"a\">A</h2>",
            "<pre><code class=\"language-elixir\"><span class=\"hl-keyword\">def</span></code></pre>",
            "<div class=\"markdown-alert markdown-alert-note\"><p>x</p></div>",
            "<details open=\"\"><summary>x</summary>y</details>",
            "<td class=\"align-right\">1</td>",
        ] {
            let table = format!("<table><tbody><tr>{good}</tr></tbody></table>");
            let shown = if good.starts_with("<td") { table.as_str() } else { good };
            assert_eq!(sanitize(shown), shown);
        }
    }
}
