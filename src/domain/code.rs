//! What a learner hands in: one text, or several files with names.

use super::exercise::{Language, SourceFile};
use super::job::Job;
use super::source::{SourceCode, SourceRejected};

/// Files of one submission, at most.
pub const MAX_FILES: usize = 20;

/// Longest name of a file, in bytes.
const LONGEST_NAME: usize = 60;

/// Code that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// One text, which is compiled under the language's usual name.
    Text(String),
    /// Files in the order in which they came. Some may be empty, not all.
    Files(Vec<SourceFile>),
}

/// Why files are not taken. Nothing is stored and no attempt counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilesRejected {
    /// All of it together: nothing in any of them, or too much in all.
    #[error("{0}")]
    Together(SourceRejected),
    /// One of them is not text.
    #[error("in {file}: {rejected}")]
    One {
        /// Which one.
        file: String,
        /// What is wrong with it.
        rejected: SourceRejected,
    },
    /// A name that is none, or of no file of this language.
    #[error("'{name}' cannot be the name of a file here: letters, digits and _, then {endings}")]
    BadName {
        /// The name.
        name: String,
        /// What it may end in.
        endings: &'static str,
    },
    /// Two of them are called alike, but for the case of letters.
    #[error("two files are called '{0}'")]
    Twice(String),
    /// The exercise brings a file of that name.
    #[error("the exercise has a file of its own called '{0}': choose another name")]
    Taken(String),
    /// More than anybody needs.
    #[error("there are {0} files; at most {MAX_FILES} are accepted")]
    TooMany(usize),
}

impl FilesRejected {
    /// The file that is to be looked at, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::One { file, .. } => Some(file),
            Self::BadName { name, .. } | Self::Twice(name) | Self::Taken(name) => Some(name),
            Self::Together(_) | Self::TooMany(_) => None,
        }
    }
}

impl From<SourceCode> for Code {
    fn from(source: SourceCode) -> Self {
        Self::Text(source.as_str().to_owned())
    }
}

impl Code {
    /// Accepts one text.
    ///
    /// # Errors
    /// [`SourceRejected`] says what is wrong with it.
    pub fn text(bytes: &[u8], limit: usize) -> Result<Self, SourceRejected> {
        SourceCode::parse(bytes, limit).map(Self::from)
    }

    /// Accepts several files, which have at most `limit` bytes together. `support` are the exercise's own.
    ///
    /// # Errors
    /// [`FilesRejected`] says what is wrong with which.
    pub fn files(
        files: &[(String, Vec<u8>)],
        language: Language,
        support: &[SourceFile],
        limit: usize,
    ) -> Result<Self, FilesRejected> {
        if files.len() > MAX_FILES {
            return Err(FilesRejected::TooMany(files.len()));
        }
        let mut accepted: Vec<SourceFile> = Vec::with_capacity(files.len());
        let (mut size, mut blank) = (0, true);
        for (name, bytes) in files {
            check_name(name, language)?;
            // Not told apart by case: the file system of whoever works on them at home may not do so either.
            if accepted.iter().any(|earlier| earlier.file.eq_ignore_ascii_case(name)) {
                return Err(FilesRejected::Twice(name.clone()));
            }
            if support.iter().any(|own| own.file.eq_ignore_ascii_case(name)) {
                return Err(FilesRejected::Taken(name.clone()));
            }
            let text = match SourceCode::parse(bytes, usize::MAX) {
                Ok(source) => source.as_str().to_owned(),
                Err(SourceRejected::Empty) => String::new(),
                Err(rejected) => return Err(FilesRejected::One { file: name.clone(), rejected }),
            };
            size += text.len();
            blank &= text.is_empty();
            accepted.push(SourceFile { file: name.clone(), text });
        }
        if size > limit {
            return Err(FilesRejected::Together(SourceRejected::TooLarge { bytes: size, limit }));
        }
        if blank {
            return Err(FilesRejected::Together(SourceRejected::Empty));
        }
        Ok(Self::Files(accepted))
    }

    /// The files to compile: empty ones are left out, as they say nothing.
    #[must_use]
    pub fn sources(&self, language: Language) -> Vec<SourceFile> {
        match self {
            Self::Text(text) => Job::single_source(language, text),
            Self::Files(files) => files.iter().filter(|file| !file.text.trim().is_empty()).cloned().collect(),
        }
    }

    /// All of it as one text for people, each file below its name.
    #[must_use]
    pub fn listing(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Files(files) => {
                files.iter().map(|file| format!("── {} ──\n{}", file.file, file.text)).collect::<Vec<_>>().join("\n")
            }
        }
    }

    /// The files as an exercise's editors hold them, whose files `given` are at first: those of the exercise in its
    /// order, then any others. Empty where one editor holds all of it.
    #[must_use]
    pub fn in_editors(&self, language: Language, given: &[SourceFile]) -> Vec<SourceFile> {
        match self {
            Self::Text(_) if given.is_empty() => Vec::new(),
            Self::Text(text) => apart(text, language, given),
            Self::Files(files) => {
                let sent = |name: &str| files.iter().find(|file| file.file == name);
                let own = given.iter().map(|file| sent(&file.file).unwrap_or(file));
                let others = files.iter().filter(|file| given.iter().all(|own| own.file != file.file));
                own.chain(others).cloned().collect()
            }
        }
    }
}

fn check_name(name: &str, language: Language) -> Result<(), FilesRejected> {
    let (endings, words): (&[&str], _) = match language {
        Language::Elixir => (&[".ex", ".exs"], ".ex or .exs"),
        Language::Erlang => (&[".erl", ".hrl"], ".erl or .hrl"),
    };
    let plain = |stem: &str| !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let stem = endings.iter().find_map(|ending| name.strip_suffix(ending));
    if name.len() <= LONGEST_NAME && stem.is_some_and(plain) {
        return Ok(());
    }
    Err(FilesRejected::BadName { name: name.chars().take(LONGEST_NAME).collect(), endings: words })
}

/// Files that came as one text, each below a comment with its name, as a lesson's files stand in one editor. A text without
/// such comments is the first file.
fn apart(text: &str, language: Language, given: &[SourceFile]) -> Vec<SourceFile> {
    let mut files: Vec<SourceFile> =
        given.iter().map(|file| SourceFile { file: file.file.clone(), text: String::new() }).collect();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let named = line.trim_end().strip_prefix(language.comment()).map(str::trim_start);
        match named.and_then(|name| files.iter().position(|file| file.file == name)) {
            Some(found) => at = found,
            None => files[at].text.push_str(line),
        }
    }
    for file in &mut files {
        // The empty line before the next file's comment.
        if file.text.ends_with("\n\n") {
            file.text.pop();
        }
    }
    files
}

#[cfg(test)]
mod tests;
