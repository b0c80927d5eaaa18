//! `athanor check --fix`: writes ids that are missing, code as the formatter has it, and expected values as `inspect` does.
//!
//! What it changes is checked again, and a file that is worse for it gets its old text back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use super::lab::Lab;
use super::{CheckArgs, check_all, exercises_of, lab_for};
use crate::cli::whole;
use crate::config::Config;
use crate::content::{self, Edit, Loaded, Problem, Source};
use crate::domain::formatting::{self, Formatted};
use crate::domain::ids::ExerciseId;
use crate::sandbox::SandboxError;
use crate::startup;

/// Writes what can be written better, and says on standard error what that was.
///
/// # Errors
/// The sandbox failed for good; nothing is written then.
pub(super) async fn run(args: &CheckArgs, config: &Config, lab: &mut Option<Lab>) -> Result<(), SandboxError> {
    let load = || content::load(&args.path, config.private_lessons.as_deref());
    let mut loaded = load();
    if write_all(&ids(&loaded, &args.path)) > 0 {
        loaded = load();
    }
    let exercises = exercises_of(&loaded);
    if loaded.course.lessons().next().is_none() {
        return Ok(());
    }
    let lab = lab_for(args, config, lab).await?;
    let at_once = startup::at_once(config);
    let checked = check_all(lab, &loaded, &exercises, at_once).await?;
    let mut fixes: Vec<Fix> = Vec::new();
    for lesson in loaded.course.lessons() {
        let Some(source) = loaded.source(&loaded.name_of(&lesson.file)) else { continue };
        let mut edits = formatted(lab, source).await?;
        let code = edits.len();
        for (exercise, checked) in exercises.iter().zip(&checked).filter(|(exercise, _)| exercise.file == lesson.file) {
            if let Some(expected) = &checked.expected {
                edits.extend(content::canonical_values(source, exercise, expected));
            }
        }
        let what = counted(&[(code, "code block"), (edits.len() - code, "expected value")]);
        fixes.extend(Fix::of(source, &edits, what));
    }
    let worse_before = errors(&loaded, checked.iter().flat_map(|checked| &checked.problems));
    if write_all(&fixes) == 0 {
        return Ok(());
    }
    let loaded = load();
    let checked = check_all(lab, &loaded, &exercises_of(&loaded), at_once).await?;
    let worse_now = errors(&loaded, checked.iter().flat_map(|checked| &checked.problems));
    for fix in fixes {
        let count = |errors: &BTreeMap<String, usize>| errors.get(&fix.file).copied().unwrap_or_default();
        if count(&worse_now) > count(&worse_before) {
            let back = Fix {
                after: fix.before.clone(),
                what: "its old text, since it was worse with the new".to_owned(),
                ..fix
            };
            write_all(&[back]);
        }
    }
    Ok(())
}

/// A new text for a file.
struct Fix {
    file: String,
    before: String,
    after: String,
    what: String,
}

impl Fix {
    fn of(source: &Source, edits: &[Edit], what: String) -> Option<Self> {
        let after = content::edited(&source.text, edits);
        let changed = after != source.text;
        changed.then(|| Self { file: source.file.clone(), before: source.text.clone(), after, what })
    }
}

fn ids(loaded: &Loaded, path: &Path) -> Vec<Fix> {
    let mut taken: BTreeSet<ExerciseId> =
        exercises_of(loaded).into_iter().map(|exercise| exercise.id.clone()).collect();
    let without = loaded.problems.iter().filter(|problem| problem.code == "bad-exercise-id");
    let files: BTreeSet<&str> = without.map(|problem| problem.file.as_str()).collect();
    let sources =
        files.into_iter().filter(|file| Path::new(file).starts_with(path)).filter_map(|file| loaded.source(file));
    sources
        .filter_map(|source| {
            let edits = content::missing_ids(source, &mut taken);
            Fix::of(source, &edits, counted(&[(edits.len(), "id")]))
        })
        .collect()
}

/// The blocks of a lesson that the formatter writes otherwise. What it cannot read stays as it is.
async fn formatted(lab: &Lab, source: &Source) -> Result<Vec<Edit>, SandboxError> {
    let blocks = content::code_blocks(source);
    let expressions = blocks.iter().map(|block| formatting::expression(&block.text)).collect();
    let terms = lab.values_of(expressions).await?;
    let edits = blocks.into_iter().zip(terms).filter_map(|(block, term)| match formatting::formatted(&term?)? {
        Formatted::Text(text) => (text != block.text).then_some(Edit { text, ..block }),
        Formatted::Unreadable(_) | Formatted::NotDone => None,
    });
    Ok(edits.collect())
}

fn errors<'a>(loaded: &'a Loaded, found: impl Iterator<Item = &'a Problem>) -> BTreeMap<String, usize> {
    let mut errors = BTreeMap::new();
    for problem in loaded.problems.iter().chain(found).filter(|problem| problem.is_error()) {
        *errors.entry(problem.file.clone()).or_default() += 1;
    }
    errors
}

fn counted(parts: &[(usize, &str)]) -> String {
    let part = |(count, what): &(usize, &str)| format!("{count} {what}{}", if *count == 1 { "" } else { "s" });
    parts.iter().filter(|(count, _)| *count > 0).map(part).collect::<Vec<_>>().join(", ")
}

/// How many files were written.
fn write_all(fixes: &[Fix]) -> usize {
    let mut written = 0;
    for fix in fixes {
        match write(Path::new(&fix.file), &fix.after) {
            Ok(()) => {
                eprintln!("fixed {}: {}", fix.file, fix.what);
                written += 1;
            }
            Err(error) => eprintln!("athanor: {} cannot be written: {error}", fix.file),
        }
    }
    written
}

/// Line ends stay what they were.
fn write(path: &Path, text: &str) -> io::Result<()> {
    // A link stays a link: what it leads to is written.
    let path = path.canonicalize()?;
    let old = fs::read(&path)?;
    let text = if old.windows(2).any(|pair| pair == b"\r\n") { text.replace('\n', "\r\n") } else { text.to_owned() };
    whole::write(&path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_fixed_is_counted_in_words() {
        let parts = |code, value| counted(&[(code, "code block"), (value, "expected value")]);
        assert_eq!(parts(1, 0), "1 code block");
        assert_eq!(parts(2, 3), "2 code blocks, 3 expected values");
    }

    #[test]
    fn line_ends_and_permissions_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.md");
        fs::write(&file, "a\r\nb\r\n").expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("set");
        write(&file, "a\nc\n").expect("written");
        assert_eq!(fs::read_to_string(&file).expect("a text"), "a\r\nc\r\n");
        assert_eq!(file.metadata().expect("a file").permissions().mode() & 0o777, 0o640);
    }
}
