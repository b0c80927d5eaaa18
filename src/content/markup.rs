//! Markup that is written here and not by the Markdown parser: alerts, boxes, tables, support files.

use crate::domain::exercise::Language;
use pulldown_cmark::{Alignment, BlockQuoteKind, Event, Tag, TagEnd};

use super::highlight::{escape, highlight};
use super::sanitize::sanitize;

/// The opening of an alert, with its title as Git hosts show it.
pub(super) fn alert(kind: BlockQuoteKind) -> String {
    let (class, title) = match kind {
        BlockQuoteKind::Note => ("note", "Note"),
        BlockQuoteKind::Tip => ("tip", "Tip"),
        BlockQuoteKind::Important => ("important", "Important"),
        BlockQuoteKind::Warning => ("warning", "Warning"),
        BlockQuoteKind::Caution => ("caution", "Caution"),
    };
    format!("<div class=\"markdown-alert markdown-alert-{class}\">\n<p class=\"markdown-alert-title\">{title}</p>\n")
}

/// The box before an item of a task list.
pub(super) fn task(done: bool) -> &'static str {
    if done {
        "<span class=\"task task-done\" role=\"img\" aria-label=\"done\">☑</span> "
    } else {
        "<span class=\"task\" role=\"img\" aria-label=\"to do\">☐</span> "
    }
}

/// Tables are written here, because a page's security policy has no room for style attributes.
#[derive(Default)]
pub(super) struct TableState {
    alignments: Vec<Alignment>,
    column: usize,
    head: bool,
}

impl TableState {
    /// The HTML of an event that belongs to a table; `None` for others.
    pub fn html(&mut self, event: &Event<'_>) -> Option<String> {
        let cell = if self.head { "th" } else { "td" };
        Some(match event {
            Event::Start(Tag::Table(alignments)) => {
                self.alignments.clone_from(alignments);
                "<table>".to_owned()
            }
            Event::End(TagEnd::Table) => "</tbody></table>\n".to_owned(),
            Event::Start(Tag::TableHead) => {
                (self.head, self.column) = (true, 0);
                "<thead><tr>".to_owned()
            }
            Event::End(TagEnd::TableHead) => {
                self.head = false;
                "</tr></thead><tbody>\n".to_owned()
            }
            Event::Start(Tag::TableRow) => {
                self.column = 0;
                "<tr>".to_owned()
            }
            Event::End(TagEnd::TableRow) => "</tr>\n".to_owned(),
            Event::Start(Tag::TableCell) => {
                let class = match self.alignments.get(self.column) {
                    Some(Alignment::Left) => " class=\"align-left\"",
                    Some(Alignment::Center) => " class=\"align-center\"",
                    Some(Alignment::Right) => " class=\"align-right\"",
                    _ => "",
                };
                self.column += 1;
                format!("<{cell}{class}>")
            }
            Event::End(TagEnd::TableCell) => format!("</{cell}>"),
            _ => return None,
        })
    }
}

/// A read-only file that belongs to an exercise.
pub(super) fn support_file(name: &str, language: Language, code: &str) -> String {
    let mut html = String::from("<figure class=\"support-file\"><figcaption><code>");
    escape(name, &mut html);
    html.push_str("</code></figcaption>");
    html.push_str(&highlight(language.as_str(), code));
    html.push_str("</figure>\n");
    sanitize(&html)
}
