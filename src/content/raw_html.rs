//! Pictures and links that a lesson writes as HTML: their addresses are not turned into the site's.

use std::ops::Range;

/// A tag that shows something or leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Raw {
    /// `<img>`, and what its `src` says.
    Picture(String),
    /// `<a>`, and what its `href` says.
    Link(String),
}

/// The pictures and links of a piece of HTML, with their places in it (HTML Standard, section 13.2.5, as far as tags go).
pub(super) fn raw(html: &str) -> Vec<(Raw, Range<usize>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = html[at..].find('<').map(|next| at + next) {
        let rest = &html[start..];
        at = start + 1;
        if rest.starts_with("<!--") {
            // `<!-->` is a whole comment.
            let Some(end) = rest[2..].find("-->") else { break };
            at = start + 2 + end + 3;
        } else if let Some(OpeningTag { name, attributes, length }) = tag(rest) {
            at = start + length;
            let value = |wanted: &str| {
                let value = attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
                value.map(|(_, value)| value.trim().replace("&amp;", "&"))
            };
            match name.to_ascii_lowercase().as_str() {
                "img" => found.push((Raw::Picture(value("src").unwrap_or_default()), start..at)),
                "a" => found.extend(value("href").map(|href| (Raw::Link(href), start..at))),
                // What these hold is no HTML.
                name @ ("script" | "style" | "textarea") => {
                    let end = html[at..].to_ascii_lowercase().find(&format!("</{name}"));
                    at = end.map_or(html.len(), |end| at + end);
                }
                _ => {}
            }
        }
    }
    found
}

/// An opening tag.
struct OpeningTag<'h> {
    name: &'h str,
    attributes: Vec<(&'h str, &'h str)>,
    /// In bytes, with its brackets.
    length: usize,
}

/// The tag that a text begins with.
fn tag(text: &str) -> Option<OpeningTag<'_>> {
    let inside = text.strip_prefix('<').filter(|inside| inside.starts_with(|c: char| c.is_ascii_alphabetic()))?;
    let space = |c: char| c.is_ascii_whitespace() || c == '/';
    let length = inside.find(|c: char| space(c) || c == '>')?;
    let (name, mut rest) = inside.split_at(length);
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(space);
        if let Some(after) = rest.strip_prefix('>') {
            return Some(OpeningTag { name, attributes, length: text.len() - after.len() });
        }
        // A sign of equality at the beginning is part of the name.
        let first = rest.chars().next()?.len_utf8();
        let length = rest[first..].find(|c: char| space(c) || c == '>' || c == '=')? + first;
        let (attribute, after) = rest.split_at(length);
        let after = after.trim_start();
        let Some(value) = after.strip_prefix('=').map(str::trim_start) else {
            attributes.push((attribute, ""));
            rest = after;
            continue;
        };
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, after) = match quote {
            Some(quote) => value[1..].split_once(quote)?,
            None => value.split_at(value.find(|c: char| c.is_ascii_whitespace() || c == '>')?),
        };
        attributes.push((attribute, value));
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(html: &str) -> Vec<(String, &str)> {
        let text = |raw| match raw {
            Raw::Picture(src) => format!("picture {src}"),
            Raw::Link(href) => format!("link {href}"),
        };
        raw(html).into_iter().map(|(raw, range)| (text(raw), &html[range])).collect()
    }

    #[test]
    fn pictures_and_links_are_found_as_browsers_find_them() {
        for (html, expected) in [
            ("<p><img src=\"a.png\"></p>", "picture a.png"),
            ("<IMG alt='>' SRC = a.png>", "picture a.png"),
            ("<img alt=\"é\"\n  src='a b.png'/>", "picture a b.png"),
            ("<img/>", "picture "),
            ("<a href=\"02-two.md?a&amp;b#zz\">x</a>", "link 02-two.md?a&b#zz"),
            ("<a class=x href= #a>x</a>", "link #a"),
            ("<a disabled href>x</a>", "link "),
        ] {
            let found = found(html);
            assert_eq!(found.iter().map(|(said, _)| said.as_str()).collect::<Vec<_>>(), [expected], "{html}");
        }
        assert_eq!(found("é <b><a href=x >y</a>")[0].1, "<a href=x >");
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for html in [
            "<a id=\"x\">",
            "<abbr title=\"<img src=x>\">",
            "<!-- <img src=x> -->",
            "<!--><!-- <a href=x> -->",
            "< img src=x>",
            "<image src=x>",
            "</a href=x>",
            "<img src=\"x",
            "<img",
            "<a href",
            "<",
            "<script>'<img src=x>'</script>",
            "a <b",
        ] {
            assert_eq!(found(html), [], "{html}");
        }
        assert_eq!(found("<style>a<b</style><img src=y>").len(), 1);
    }
}
