//! What `grade` is given: a file, or a folder that is one submission of several files.

use std::path::{Path, PathBuf};

use crate::domain::exercise::{Language, SourceFile};
use crate::domain::job::Job;
use crate::domain::source::{SourceCode, SourceRejected};

/// Why there is nothing to grade.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// It cannot be read: bad usage.
    #[error("{path} cannot be read: {error}")]
    Unreadable {
        /// What was to be read.
        path: String,
        /// Why it was not.
        error: std::io::Error,
    },
    /// It is no source: rejected, as the site would.
    #[error("{0}")]
    Rejected(#[from] SourceRejected),
}

/// Reads a submission.
///
/// # Errors
/// [`Unfit`] says why there is none.
pub fn read(path: &Path, language: Language, limit: usize) -> Result<Vec<SourceFile>, Unfit> {
    let unreadable = |path: &Path| {
        let path = path.display().to_string();
        move |error| Unfit::Unreadable { path, error }
    };
    if !path.is_dir() {
        let bytes = std::fs::read(path).map_err(unreadable(path))?;
        return Ok(Job::single_source(language, SourceCode::parse(&bytes, limit)?.as_str()));
    }
    let endings: &[&str] = match language {
        Language::Elixir => &["ex", "exs"],
        Language::Erlang => &["erl", "hrl"],
    };
    let mut sources = Vec::new();
    let mut size = 0;
    for file in files_below(path).map_err(unreadable(path))? {
        if !file.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| endings.contains(&ending)) {
            continue;
        }
        let bytes = std::fs::read(&file).map_err(unreadable(&file))?;
        size += bytes.len();
        if size > limit {
            return Err(SourceRejected::TooLarge { bytes: size, limit }.into());
        }
        let text = match SourceCode::parse(&bytes, limit) {
            Err(SourceRejected::Empty) => continue,
            other => other?,
        };
        let name = file.strip_prefix(path).unwrap_or(&file).display().to_string();
        sources.push(SourceFile { file: name, text: text.as_str().to_owned() });
    }
    if sources.is_empty() { Err(SourceRejected::Empty.into()) } else { Ok(sources) }
}

/// All files below a folder, sorted by path. Links are not followed: a loop of them would never end.
pub(super) fn files_below(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}
