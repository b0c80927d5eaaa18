//! Reads the checkout of a track. Nothing outside it is looked at, whatever its links and names say.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use crate::content::import::{Entry, Files, Finding, Given, Kind, Weight, read_track};
use crate::domain::ids::ExerciseId;

/// Largest file that is read, in bytes: as large as a lesson may be.
const LARGEST: u64 = 1024 * 1024;
/// Most files that are read of one exercise.
const MOST_FILES: usize = 1000;
/// Folders that hold what was built or fetched.
const BUILT: [&str; 5] = ["_build", "deps", "cover", ".git", ".elixir_ls"];

/// What a checkout holds.
pub(super) struct Checkout {
    pub exercises: Vec<Given>,
    /// The introductions of the track's concepts, by their path in its `concepts` folder.
    pub concepts: Files,
    pub findings: Vec<Finding>,
}

impl Checkout {
    /// Something to say of an exercise as a whole.
    pub fn finding(&self, id: &ExerciseId, weight: Weight, message: String) -> Finding {
        let given = self.exercises.iter().find(|given| given.listed.slug == *id);
        let file = given.map_or_else(|| id.to_string(), |given| given.folder.clone());
        Finding { weight, file, line: None, column: None, message }
    }
}

/// Reads it. The error says why the folder is no track's.
pub(super) fn read(source: &Path) -> Result<Checkout, String> {
    let root = fs::canonicalize(source).map_err(|error| format!("{} cannot be read: {error}", source.display()))?;
    let config = match entry(&root, &root.join("config.json")) {
        Entry::File(bytes) => bytes,
        Entry::Unread(why) => {
            return Err(format!(
                "{} is no track's folder: config.json in it is not to be had: {why}",
                source.display()
            ));
        }
    };
    let config = String::from_utf8(config).map_err(|error| format!("config.json is not UTF-8: {error}"))?;
    let track = read_track(&config).map_err(|error| format!("{}: {error}", source.display()))?;
    let mut findings = track.findings;
    let mut exercises = Vec::new();
    for listed in track.exercises {
        let usual = format!("exercises/{}/{}", listed.kind.as_str(), listed.slug);
        let old = format!("exercises/{}", listed.slug);
        let Some(folder) = [usual.clone(), old].into_iter().find(|folder| root.join(folder).is_dir()) else {
            let message = format!("`{}` has no folder: {usual} does not exist", listed.slug);
            findings.push(Finding {
                weight: Weight::LeftOut,
                file: "config.json".to_owned(),
                line: listed.line,
                column: None,
                message,
            });
            continue;
        };
        let mut files = Files::new();
        if let Some(message) = walk(&root, &root.join(&folder), "", &mut files) {
            findings.push(Finding { weight: Weight::LeftOut, file: folder.clone(), line: None, column: None, message });
        }
        exercises.push(Given { listed, folder, files });
    }
    unlisted(&root, &track.named, &mut findings);
    Ok(Checkout { exercises, concepts: concepts(&root), findings })
}

/// Folders beside the listed ones.
fn unlisted(root: &Path, named: &[String], findings: &mut Vec<Finding>) {
    let named: BTreeSet<&str> = named.iter().map(String::as_str).collect();
    for kind in Kind::ALL {
        let folder = format!("exercises/{}", kind.as_str());
        for name in names(&root.join(&folder)).unwrap_or_default() {
            if !named.contains(name.as_str()) && root.join(&folder).join(&name).is_dir() {
                let message = "config.json does not list this folder: it is not taken".to_owned();
                findings.push(Finding {
                    weight: Weight::Warning,
                    file: format!("{folder}/{name}"),
                    line: None,
                    column: None,
                    message,
                });
            }
        }
    }
}

fn concepts(root: &Path) -> Files {
    let folder = root.join("concepts");
    let read = |name: String| {
        let path = folder.join(&name).join("introduction.md");
        path.is_file().then(|| (format!("{name}/introduction.md"), entry(root, &path)))
    };
    names(&folder).unwrap_or_default().into_iter().filter_map(read).collect()
}

/// The names in a folder, in order.
fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Reads all files below a folder. Says when something of it could not be looked at.
pub(super) fn walk(root: &Path, folder: &Path, prefix: &str, files: &mut Files) -> Option<String> {
    let names = match names(folder) {
        Ok(names) => names,
        Err(error) => return Some(format!("the folder `{prefix}` cannot be read: {error}")),
    };
    let mut trouble = None;
    for name in names {
        let path = folder.join(&name);
        let key = format!("{prefix}{name}");
        let link = path.is_symlink();
        if path.is_dir() && !link {
            if !BUILT.contains(&name.as_str()) {
                trouble = walk(root, &path, &format!("{key}/"), files).or(trouble);
            }
        } else if files.len() >= MOST_FILES {
            return Some(format!("there are more than {MOST_FILES} files: `{key}` and those after it are not taken"));
        } else {
            files.insert(key, entry(root, &path));
        }
    }
    trouble
}

/// Reads one file that lies in the checkout, perhaps behind a link.
pub(super) fn entry(root: &Path, path: &Path) -> Entry {
    let unread = |why: &str| Entry::Unread(why.to_owned());
    let real = match fs::canonicalize(path) {
        Ok(real) => real,
        Err(error) => return Entry::Unread(error.to_string()),
    };
    if !real.starts_with(root) {
        return unread("it is a link that leads out of the track");
    }
    // A named pipe would keep us waiting for ever, so look before opening.
    match fs::metadata(&real) {
        Ok(found) if found.is_file() => {}
        Ok(_) => return unread("it is no regular file"),
        Err(error) => return Entry::Unread(error.to_string()),
    }
    let mut bytes = Vec::new();
    let read = fs::File::open(&real).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) if bytes.len() as u64 > LARGEST => Entry::Unread(format!("it is larger than {} KiB", LARGEST / 1024)),
        Ok(_) => Entry::File(bytes),
        Err(error) => Entry::Unread(error.to_string()),
    }
}
