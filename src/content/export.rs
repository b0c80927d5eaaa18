//! A lesson as a Livebook notebook: its text and runnable examples, and of each exercise what a learner begins with.
//!
//! What goes into a notebook is named here; everything else, tests and solutions first of all, stays out.

use std::collections::BTreeSet;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::edits::{Edit, edited};
use super::exercise::{is_other_way, plain_text};
use super::front_matter;
use super::glossary;
use super::opening;
use super::problem::{Problem, Problems};
use super::roles::Role;
use super::scan::{Piece, Placed, options, scan};
use super::source::Source;
use crate::domain::ids::ImageName;

/// What tells Livebook that a block is text, though it looks like a cell.
const TEXT: &str = "<!-- livebook:{\"force_markdown\":true} -->\n\n";

/// A lesson's notebook, and the pictures of the course that the notebook shows from `files/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Live Markdown.
    pub text: String,
    /// Each picture once.
    pub pictures: Vec<ExportedPicture>,
    /// Images with packages that its code asks for, which a notebook knows nothing of.
    pub images: BTreeSet<ImageName>,
}

/// A picture that a notebook shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedPicture {
    /// Its file, as a path from the lesson's folder, with `/` between its parts.
    pub from: String,
    /// What it is called in `files/`, where no two are called the same.
    pub name: String,
}

/// Makes a notebook of a lesson.
///
/// # Errors
/// The problems of a lesson that has errors: half of a lesson is not exported.
pub fn livebook(source: &Source) -> Result<Exported, Vec<Problem>> {
    let mut problems = Problems::new(source);
    let (matter, body) = front_matter::read(&mut problems);
    let pieces = scan(body, &mut problems);
    if problems.list.iter().any(Problem::is_error) {
        return Err(problems.list);
    }
    let mut exported =
        Exported { text: format!("# {}\n", matter.title), pictures: Vec::new(), images: BTreeSet::new() };
    if !matter.summary.is_empty() {
        exported.add(&matter.summary);
    }
    for piece in pieces {
        if let Piece::Block(Role::Run { image: Some(image) }, _) = &piece {
            exported.images.insert(image.clone());
        }
        match piece {
            Piece::Open { span, attributes } => {
                exported.images.extend(opening::read(span, attributes, &mut problems).image);
            }
            Piece::Text(events) => exported.events(source, &events),
            Piece::Block(Role::Run { .. } | Role::Starter { .. } | Role::Support { hidden: false, .. }, fence) => {
                let runs =
                    fence.lines.iter().map(|line| line.text.trim_start().bytes().take_while(|b| *b == b'`').count());
                let mark = "`".repeat(runs.max().unwrap_or(0).max(2) + 1);
                exported.add(&format!("{mark}{}\n{}{mark}", fence.language.as_str(), fence.text()));
            }
            Piece::Hint { summary: Some(summary), .. } if is_other_way(&plain_text(&source.text[summary.clone()])) => {}
            Piece::Hint { span, .. } => exported.add(&source.text[span]),
            // Never any of these: what is not named above stays out.
            Piece::Block(..) | Piece::Close { .. } => {}
        }
    }
    exported.definitions(&source.text[body..]);
    exported.text.push('\n');
    Ok(exported)
}

impl Exported {
    fn add(&mut self, text: &str) {
        self.text.push('\n');
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    /// Text as it was written, but for what has another meaning in a notebook.
    fn events(&mut self, source: &Source, events: &[Placed<'_>]) {
        let mut at: Option<Range<usize>> = None;
        let mut edits = Vec::new();
        for (place, (event, range)) in events.iter().enumerate() {
            // Pieces of text are whole blocks; what was cut out between two of them, a hint perhaps, is not in them.
            at = Some(match at {
                Some(before) if source.text[before.end.min(range.start)..range.start].trim().is_empty() => {
                    before.start..before.end.max(range.end)
                }
                Some(before) => {
                    self.stretch(source, before, &mut edits);
                    range.clone()
                }
                None => range.clone(),
            });
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info)))
                    // Within a list it is no cell anyway.
                    if matches!(info.split_whitespace().next(), Some("elixir" | "erlang"))
                        && source.line_range(range.start).start == range.start =>
                {
                    edits.push(Edit { range: range.start..range.start, text: TEXT.to_owned() });
                }
                Event::Start(Tag::Image { dest_url, .. }) if !dest_url.contains(':') => {
                    let name = self.picture(dest_url);
                    edits.extend(target(source, range, dest_url, &format!("files/{name}")));
                }
                // A notebook has no glossary beside it.
                Event::Start(Tag::Link { dest_url, .. }) if leads_to_glossary(dest_url) => {
                    let inside = inside(range, &events[place + 1..]);
                    edits.push(Edit { range: range.start..inside.start, text: String::new() });
                    edits.push(Edit { range: inside.end..range.end, text: String::new() });
                }
                Event::Start(Tag::Link { dest_url, .. }) => {
                    edits.extend(notebook_of(dest_url).and_then(|to| target(source, range, dest_url, &to)));
                }
                _ => {}
            }
        }
        if let Some(range) = at {
            self.stretch(source, range, &mut edits);
        }
    }

    /// What a picture is called in `files/`.
    fn picture(&mut self, from: &str) -> String {
        if let Some(known) = self.pictures.iter().find(|picture| picture.from == from) {
            return known.name.clone();
        }
        let file = from.rsplit('/').next().unwrap_or(from);
        let (stem, ending) = file.rsplit_once('.').unwrap_or((file, ""));
        let numbered = (2_u32..).map(|number| format!("{stem}-{number}.{ending}"));
        let free = |name: &String| !self.pictures.iter().any(|picture| picture.name == *name);
        let name = std::iter::once(file.to_owned()).chain(numbered).find(free).unwrap_or_default();
        self.pictures.push(ExportedPicture { from: from.to_owned(), name: name.clone() });
        name
    }

    /// The targets of links that name them elsewhere; the text between the pieces is not in any of them.
    fn definitions(&mut self, body: &str) {
        let parser = Parser::new_ext(body, options());
        let mut definitions: Vec<(&str, String)> = parser
            .reference_definitions()
            .iter()
            .filter(|(_, definition)| !leads_to_glossary(&definition.dest))
            .map(|(label, definition)| {
                let old = definition.dest.to_string();
                let new = match self.pictures.iter().find(|picture| picture.from == old) {
                    Some(picture) => format!("files/{}", picture.name),
                    None => notebook_of(&old).unwrap_or(old),
                };
                let title = definition.title.as_ref().map(|title| format!(" \"{title}\"")).unwrap_or_default();
                (label, format!("[{label}]: <{new}>{title}"))
            })
            .collect();
        definitions.sort_unstable();
        let lines: Vec<String> = definitions.into_iter().map(|(_, line)| line).collect();
        if !lines.is_empty() {
            self.add(&lines.join("\n"));
        }
    }

    fn stretch(&mut self, source: &Source, range: Range<usize>, edits: &mut Vec<Edit>) {
        let moved: Vec<Edit> = edits
            .drain(..)
            .filter(|edit| edit.range.start >= range.start && edit.range.end <= range.end)
            .map(|edit| Edit { range: edit.range.start - range.start..edit.range.end - range.start, ..edit })
            .collect();
        self.add(&edited(&source.text[range], &moved));
    }
}

fn leads_to_glossary(dest: &str) -> bool {
    let path = dest.split('#').next().unwrap_or_default();
    path.trim_start_matches("../").trim_start_matches("./") == glossary::FILE
}

/// What stands between the brackets of the link at `range`, which `after` begins right behind the opening of.
fn inside(range: &Range<usize>, after: &[Placed<'_>]) -> Range<usize> {
    let within =
        after.iter().take_while(|(event, other)| !(matches!(event, Event::End(TagEnd::Link)) && other == range));
    let places = within.map(|(_, place)| place.clone());
    places.reduce(|one, other| one.start.min(other.start)..one.end.max(other.end)).unwrap_or(range.end..range.end)
}

/// The notebook of a lesson that a link leads to.
fn notebook_of(dest: &str) -> Option<String> {
    let (file, anchor) = dest.split_once(".md").filter(|(file, _)| !file.is_empty() && !dest.contains(':'))?;
    Some(format!("{file}.livemd{anchor}"))
}

/// Puts another target into a link or picture that names its own.
fn target(source: &Source, range: &Range<usize>, old: &str, new: &str) -> Option<Edit> {
    let text = &source.text[range.clone()];
    let at = ["](", "](<"].into_iter().find_map(|mark| Some(text.rfind(&format!("{mark}{old}"))? + mark.len()))?;
    let at = range.start + at;
    Some(Edit { range: at..at + old.len(), text: new.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LESSON: &str = "---\ntitle: Lists\nsummary: Short.\n---\nA [link](02-maps.md#keys) and ![a](a.svg).\n\n```elixir run\n[1]\n```\n\n```elixir\nshown\n```\n\n<!-- exercise: first points=3 -->\n### First\n\nWrite it.\n\n```elixir starter\ndefmodule First do\nend\n```\n\n```elixir test\niex> First.secret_one()\n1\n```\n\n```elixir test hidden name=\"secret_two\"\niex> First.of()\n:secret_three\n```\n\n```elixir solution\n:secret_four\n```\n\n```elixir wrong says=\"secret_five\"\n:secret_six\n```\n\n```elixir support\n:visible\n```\n\n```elixir support file=h.ex hidden\n:secret_seven\n```\n\n<details><summary>Hint</summary>Look.</details>\n<!-- /exercise -->\n\nThe end.\n";

    fn pictures(exported: &Exported) -> Vec<(&str, &str)> {
        exported.pictures.iter().map(|picture| (picture.from.as_str(), picture.name.as_str())).collect()
    }

    #[test]
    fn pictures_of_other_folders_lie_beside_the_others_under_names_of_their_own() {
        let text = "---\ntitle: T\n---\n![a](a.svg) ![b](../x/a.svg) ![c](../x/b.svg) ![d](a.svg) ![e][r]\n\n[r]: ../x/a.svg\n";
        let exported = livebook(&Source::new("x.md", text)).expect("a notebook");
        let shown = "![a](files/a.svg) ![b](files/a-2.svg) ![c](files/b.svg) ![d](files/a.svg) ![e][r]";
        assert!(exported.text.contains(shown), "{}", exported.text);
        assert!(exported.text.contains("[r]: <files/a-2.svg>"), "{}", exported.text);
        assert_eq!(pictures(&exported), [("a.svg", "a.svg"), ("../x/a.svg", "a-2.svg"), ("../x/b.svg", "b.svg")]);
    }

    #[test]
    fn of_links_to_the_glossary_the_text_stays() {
        let text = "---\ntitle: T\n---\nAn [*atom*](../glossary.md#atom), a [tuple `{}`][t], [](../glossary.md), [m](02-m.md) and [own][o].\n\n\
                    [t]: ../glossary.md#tuple\n[o]: x/glossary.md\n";
        let exported = livebook(&Source::new("x.md", text)).expect("a notebook");
        let shown = "An *atom*, a tuple `{}`, , [m](02-m.livemd) and [own][o].";
        assert!(exported.text.contains(shown) && !exported.text.contains("[t]:"), "{}", exported.text);
    }

    #[test]
    fn a_notebook_has_what_a_learner_begins_with_and_nothing_that_judges() {
        let exported = livebook(&Source::new("01-lists.md", LESSON)).expect("a notebook");
        assert_eq!(
            exported.text,
            "# Lists\n\nShort.\n\nA [link](02-maps.livemd#keys) and ![a](files/a.svg).\n\n```elixir\n[1]\n```\n\n<!-- livebook:{\"force_markdown\":true} -->\n\n```elixir\nshown\n```\n\n### First\n\nWrite it.\n\n```elixir\ndefmodule First do\nend\n```\n\n```elixir\n:visible\n```\n\n<details><summary>Hint</summary>Look.</details>\n\nThe end.\n\n"
        );
        assert!(!exported.text.contains("secret") && !exported.text.contains("exercise:"));
        assert_eq!(pictures(&exported), [("a.svg", "a.svg")]);
    }

    #[test]
    fn links_pictures_and_code_in_lists_keep_their_targets_and_places() {
        let text = "---\ntitle: T\n---\n[maps][r] [t](02-maps.md \"02-maps.md\") ![p][q] ![w](https://example.org/a.png)\n\n- a\n\n  ```elixir\n  shown\n  ```\n\n[r]: 02-maps.md\n[q]: p.svg\n";
        let exported = livebook(&Source::new("x.md", text)).expect("a notebook");
        for part in [
            "[maps][r] [t](02-maps.livemd \"02-maps.md\") ![p][q] ![w](https://example.org/a.png)",
            "- a\n\n  ```elixir\n  shown\n  ```",
            "[q]: <files/p.svg>\n[r]: <02-maps.livemd>\n",
        ] {
            assert!(exported.text.contains(part), "{part}\n{}", exported.text);
        }
        assert_eq!(pictures(&exported), [("p.svg", "p.svg")]);
    }

    #[test]
    fn what_a_notebook_does_not_bring_along_is_named() {
        let text = "---\ntitle: x\n---\n```elixir run image=parsec\n1\n```\n<!-- exercise: x image=other -->\n### X\n<!-- /exercise -->\n";
        let exported = livebook(&Source::new("x.md", text)).expect("a notebook");
        assert_eq!(exported.images.iter().map(ImageName::as_str).collect::<Vec<_>>(), ["other", "parsec"]);
    }

    #[test]
    fn a_broken_lesson_is_not_exported() {
        let problems = livebook(&Source::new("x.md", "---\ntitle: x\n---\n```elixir\nno end")).expect_err("problems");
        assert_eq!(problems[0].code, "unclosed-fence");
    }
}
