//! The files that were sent, as results point into them.

use std::borrow::Cow;

use serde::Serialize;

use crate::domain::code::Code;
use crate::domain::exercise::Language;

/// What was sent, by the names under which it was compiled.
#[derive(Debug, Clone)]
pub struct Sent<'a> {
    files: Vec<(Cow<'a, str>, &'a str)>,
    several: bool,
}

/// A line of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Anchor of the line on the page of the submission.
    pub anchor: String,
    /// Its file, where there are several.
    pub file: Option<String>,
    /// Its number, counted from 1.
    pub line: u32,
}

impl<'a> Sent<'a> {
    /// What a submission holds.
    #[must_use]
    pub fn new(code: &'a Code, language: Language) -> Self {
        match code {
            Code::Text(text) => Self { files: vec![(language.solution_file().into(), text)], several: false },
            Code::Files(files) => Self {
                files: files.iter().map(|file| (file.file.as_str().into(), file.text.as_str())).collect(),
                several: true,
            },
        }
    }

    /// The text of a file that was sent. One that is not named is the only one.
    #[must_use]
    pub fn text(&self, file: Option<&str>) -> Option<&'a str> {
        self.find(file).map(|at| self.files[at].1)
    }

    fn find(&self, file: Option<&str>) -> Option<usize> {
        match file {
            None => (!self.several).then_some(0),
            Some(name) => self.files.iter().position(|(own, _)| own == name),
        }
    }

    /// Where a line of a file is, if that was sent.
    #[must_use]
    pub fn place(&self, file: Option<&str>, line: u32) -> Option<Place> {
        let at = self.find(file)?;
        let anchor = anchor(self.several.then_some(at), line);
        Some(Place { anchor, file: self.several.then(|| self.files[at].0.clone().into_owned()), line })
    }

    /// The name of a file as a remark says it: of the only one that was sent there is none to say.
    #[must_use]
    pub fn named<'n>(&self, file: Option<&'n str>) -> Option<&'n str> {
        file.filter(|_| self.several || self.find(file).is_none())
    }
}

/// Anchor of a line: of the only text, or of the file at this place in the list, counted from 0.
fn anchor(file: Option<usize>, line: u32) -> String {
    file.map_or_else(|| format!("line-{line}"), |file| format!("file-{}-line-{line}", file + 1))
}

/// A file as the page of a submission lists it.
#[derive(Debug, Clone, Serialize)]
pub struct ListedFile {
    /// Its name, where there are several.
    name: Option<String>,
    lines: Vec<ListedLine>,
}

#[derive(Debug, Clone, Serialize)]
struct ListedLine {
    anchor: String,
    text: String,
}

/// All that was sent, line by line.
#[must_use]
pub fn listed(code: &Code) -> Vec<ListedFile> {
    let lines = |file: Option<usize>, text: &str| {
        let line = |(at, text): (usize, &str)| ListedLine {
            anchor: anchor(file, u32::try_from(at + 1).unwrap_or(u32::MAX)),
            text: text.to_owned(),
        };
        text.lines().enumerate().map(line).collect()
    };
    match code {
        Code::Text(text) => vec![ListedFile { name: None, lines: lines(None, text) }],
        Code::Files(files) => files
            .iter()
            .enumerate()
            .map(|(at, file)| ListedFile { name: Some(file.file.clone()), lines: lines(Some(at), &file.text) })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::exercise::SourceFile;

    #[test]
    fn a_place_names_its_file_only_where_there_are_several() {
        let text = Code::Text("a".into());
        let sent = Sent::new(&text, Language::Elixir);
        let place =
            |anchor: &str, file: Option<&str>| Place { anchor: anchor.into(), file: file.map(Into::into), line: 3 };
        assert_eq!(sent.place(None, 3), Some(place("line-3", None)));
        assert_eq!(sent.place(Some("solution.ex"), 3), Some(place("line-3", None)));
        assert_eq!((sent.place(Some("support.ex"), 3), sent.named(Some("support.ex"))), (None, Some("support.ex")));
        assert_eq!(sent.named(Some("solution.ex")), None);

        let file = |name: &str| SourceFile { file: name.into(), text: name.into() };
        let files = Code::Files(vec![file("a.ex"), file("b.ex")]);
        let sent = Sent::new(&files, Language::Elixir);
        assert_eq!(sent.place(Some("b.ex"), 3), Some(place("file-2-line-3", Some("b.ex"))));
        assert_eq!((sent.place(None, 3), sent.text(None)), (None, None));
        assert_eq!((sent.text(Some("a.ex")), sent.named(Some("a.ex"))), (Some("a.ex"), Some("a.ex")));
    }
}
