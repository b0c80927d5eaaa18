//! What an import says about a file.

use serde::Serialize;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// As it should be; said so that nothing happens in silence.
    Notice,
    /// Taken, but not as it was: worth a look.
    Warning,
    /// Not in the course.
    LeftOut,
}

impl Weight {
    /// The word before what is said.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::LeftOut => "left out",
        }
    }
}

/// One thing that happened to one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub weight: Weight,
    /// The file or folder, from the track's folder.
    pub file: String,
    /// Its line, counted from 1, where there is one.
    pub line: Option<u32>,
    /// Its column, counted from 1 in characters, where it is known.
    pub column: Option<u32>,
    /// What happened, and why.
    pub message: String,
}

impl Finding {
    /// The finding on one line, with its file under this name.
    #[must_use]
    pub fn line_about(&self, file: &str) -> String {
        let place: String = [self.line, self.column].into_iter().flatten().map(|number| format!(":{number}")).collect();
        format!("{}: {file}{place}: {}", self.weight.as_str(), self.message)
    }
}

/// Collects what happens to the files of one folder.
#[derive(Debug)]
pub(super) struct Findings {
    /// The folder's path, which is put before every file's; empty or ended by `/`.
    pub folder: String,
    pub list: Vec<Finding>,
}

impl Findings {
    pub fn new(folder: &str) -> Self {
        Self { folder: if folder.is_empty() { String::new() } else { format!("{folder}/") }, list: Vec::new() }
    }

    pub fn add(&mut self, weight: Weight, file: &str, line: Option<u32>, message: impl Into<String>) {
        let file = format!("{}{file}", self.folder);
        self.list.push(Finding { weight, file, line, column: None, message: message.into() });
    }

    /// The same with line and column.
    pub fn add_at(&mut self, weight: Weight, file: &str, (line, column): (u32, u32), message: impl Into<String>) {
        let file = format!("{}{file}", self.folder);
        self.list.push(Finding { weight, file, line: Some(line), column: Some(column), message: message.into() });
    }

    pub fn notice(&mut self, file: &str, message: impl Into<String>) {
        self.add(Weight::Notice, file, None, message);
    }

    pub fn warn(&mut self, file: &str, line: Option<u32>, message: impl Into<String>) {
        self.add(Weight::Warning, file, line, message);
    }

    pub fn left_out(&mut self, file: &str, message: impl Into<String>) {
        self.add(Weight::LeftOut, file, None, message);
    }
}
