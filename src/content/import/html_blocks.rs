//! HTML in a track's texts: what of it a lesson can hold.

use std::ops::Range;

/// What becomes of a block of HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Html {
    pub text: String,
    /// Where comments were taken out, from the block's beginning.
    pub comments: Vec<Range<usize>>,
    /// Whether it is shown as text, because it would break the lesson.
    pub escaped: bool,
}

/// Takes out comments; what would not be understood as HTML is shown as it is written.
pub(super) fn rewrite(block: &str, details: bool) -> Html {
    let (mut text, comments) = without_comments(block);
    let fenced = text.lines().any(|line| {
        let line = line.trim_start();
        line.starts_with("```") || line.starts_with("~~~")
    });
    let folded = text.contains("<details") || text.contains("</details");
    let escaped = fenced || (folded && !details) || text.contains("<!--") || has_no_end(&text);
    if escaped {
        // As text it must open no code block either.
        text = text.replace('<', "&lt;").replace("```", "\\```").replace("~~~", "\\~~~");
    }
    Html { text, comments, escaped }
}

/// Whether Markdown takes all that follows as part of this block, which is then not closed before the text ends.
fn has_no_end(block: &str) -> bool {
    const RAW: [&str; 4] = ["pre", "script", "style", "textarea"];
    let block = block.trim_start().to_ascii_lowercase();
    let opens = |tag: &str| {
        let rest = block.strip_prefix('<').and_then(|rest| rest.strip_prefix(tag));
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-'))
    };
    if RAW.iter().any(|tag| opens(tag)) {
        return !RAW.iter().any(|tag| block.contains(&format!("</{tag}>")));
    }
    let ends = [("<![cdata[", "]]>"), ("<?", "?>"), ("<!--", ""), ("<!", ">")];
    let end = ends.iter().find(|(start, _)| block.starts_with(start));
    end.is_some_and(|(_, end)| !block.contains(end))
}

fn without_comments(block: &str) -> (String, Vec<Range<usize>>) {
    let mut text = String::new();
    let mut comments = Vec::new();
    let mut at = 0;
    while let Some(start) = block[at..].find("<!--").map(|start| at + start) {
        // `<!-->` is a whole comment.
        let Some(end) = block[start + 2..].find("-->").map(|end| start + 2 + end + 3) else { break };
        text.push_str(&block[at..start]);
        comments.push(start..end);
        at = end;
    }
    text.push_str(&block[at..]);
    (text, comments)
}

/// Whether all `<details>` of these blocks, one after the other, are closed and have a summary.
pub(super) fn details_are_whole<'a>(blocks: impl IntoIterator<Item = &'a str>) -> bool {
    let mut open = 0_usize;
    for block in blocks {
        let (text, _) = without_comments(block);
        let mut at = 0;
        while let Some(next) = text[at..].find('<').map(|next| at + next) {
            let rest = &text[next..];
            at = next + 1;
            if rest.starts_with("<details") {
                let inside = rest.find('>').map(|end| rest[end + 1..].trim_start()).unwrap_or_default();
                if !inside.starts_with("<summary") || !inside.contains("</summary>") {
                    return false;
                }
                open += 1;
            } else if rest.starts_with("</details>") {
                match open.checked_sub(1) {
                    Some(left) => open = left,
                    None => return false,
                }
            }
        }
    }
    open == 0
}

/// Tags that are taken off every page.
pub(super) fn refused_tag(html: &str) -> Option<&'static str> {
    const REFUSED: [&str; 9] = ["img", "iframe", "script", "style", "video", "audio", "object", "form", "input"];
    REFUSED.into_iter().find(|tag| {
        html.match_indices('<').any(|(at, _)| {
            html[at + 1..].get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag))
                && !html[at + 1 + tag.len()..].starts_with(|c: char| c.is_ascii_alphanumeric())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_what_would_break_a_lesson_is_shown_as_text() {
        let plain = rewrite("<!-- exercise: x -->\n<b>y</b><!--->\n", true);
        assert_eq!((plain.text.as_str(), plain.comments.len(), plain.escaped), ("\n<b>y</b>\n", 2, false));
        assert_eq!(rewrite("<!-- open\n", true).text, "&lt;!-- open\n");
        assert!(rewrite("<div>\n```elixir\n", true).escaped);
        assert!(rewrite("<details>", false).escaped);
        for open in ["<pre>\nx", "<SCRIPT src=x>", "<?x", "<![CDATA[ x > y", "<!DOCTYPE html"] {
            assert!(rewrite(open, true).escaped, "{open}");
        }
        for closed in ["<pre>\nx</pre>", "<prefix>", "<?x ?>", "<![CDATA[ x ]]>", "<!DOCTYPE html>"] {
            assert!(!rewrite(closed, true).escaped, "{closed}");
        }
        assert!(!rewrite("<details><summary>x</summary>", true).escaped);
    }

    #[test]
    fn details_need_a_summary_and_an_end() {
        assert!(details_are_whole(["<details><summary>a</summary>\n", "</details>\n"]));
        assert!(!details_are_whole(["<details>\n", "</details>\n"]));
        assert!(!details_are_whole(["<details><summary>a</summary>\n"]));
        assert!(!details_are_whole(["</details>\n"]));
        assert_eq!(refused_tag("<p><IMG src=x>"), Some("img"));
        assert_eq!(refused_tag("<images>"), None);
    }
}
