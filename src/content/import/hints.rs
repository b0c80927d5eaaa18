//! A text of hints by heading becomes hints that unfold one by one.

use pulldown_cmark::{Event, HeadingLevel, Tag};

use super::super::scan::events;
use super::markdown::without_blank_ends;

/// Makes a folded hint of each section. The sections' headings are the highest of the text, of level `level`.
pub(super) fn fold(text: &str, level: HeadingLevel) -> String {
    let mut depth = 0_usize;
    let mut headings = Vec::new();
    for (event, range) in events(text, 0..text.len()) {
        match event {
            Event::Start(Tag::Heading { level: found, .. }) if depth == 0 && found == level => headings.push(range),
            _ => {}
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let first = headings.first().map_or(text.len(), |heading| heading.start);
    let mut hints = vec![hint("Hint", &text[..first])];
    for (index, heading) in headings.iter().enumerate() {
        let end = headings.get(index + 1).map_or(text.len(), |next| next.start);
        let title = text[heading.clone()].trim().trim_start_matches('#').trim_end_matches('#').trim();
        hints.push(hint(title, &text[heading.end..end]));
    }
    hints.retain(|hint| !hint.is_empty());
    hints.join("\n\n")
}

fn hint(title: &str, body: &str) -> String {
    let body = without_blank_ends(body);
    if body.is_empty() {
        return String::new();
    }
    format!("<details><summary>{}</summary>\n\n{body}\n\n</details>", summary(title))
}

/// A summary is read as a line of Markdown: a number at its start would make a list of it.
fn summary(title: &str) -> String {
    let title = if title.is_empty() { "Hint" } else { title };
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ").replace('<', "&lt;").replace('>', "&gt;");
    let digits = title.bytes().take_while(u8::is_ascii_digit).count();
    match title[digits..].chars().next() {
        Some('.' | ')') if digits > 0 => format!("{}\\{}", &title[..digits], &title[digits..]),
        _ => title,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_section_unfolds_alone() {
        let folded =
            fold("### General\n\n- a\n\n#### More\n\n### Empty\n\n### 1. The <first> `x`\n\nb\n", HeadingLevel::H3);
        assert_eq!(
            folded,
            "<details><summary>General</summary>\n\n- a\n\n#### More\n\n</details>\n\n\
             <details><summary>1\\. The &lt;first&gt; `x`</summary>\n\nb\n\n</details>"
        );
        assert_eq!(fold("only\n", HeadingLevel::H3), "<details><summary>Hint</summary>\n\nonly\n\n</details>");
    }
}
