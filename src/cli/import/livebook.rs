//! `athanor import livebook`: a notebook becomes a lesson of a chapter.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::checkout::{entry, walk};
use crate::cli::USAGE;
use crate::cli::new::places::next_number;
use crate::content;
use crate::content::import::{Files, Finding, Notebook, Weight, notebook};

/// `athanor import livebook`.
#[derive(Debug, Args)]
pub struct LivebookArgs {
    /// The notebook. Pictures that it shows are looked for in `files/` beside it.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The chapter's folder, where the lesson gets the next number, or the lesson's file, which must be new.
    #[arg(value_name = "DEST", default_value = ".")]
    pub dest: PathBuf,
}

/// Runs the command.
pub(super) fn run(args: &LivebookArgs) -> ExitCode {
    match import(args) {
        Ok((lesson, findings)) => {
            for found in &findings {
                eprintln!("{}", found.line_about(&args.file.to_string_lossy()));
            }
            println!("{}", lesson.display());
            println!("`athanor check {}` says whether anything is left to do", lesson.display());
            ExitCode::from(u8::from(findings.iter().any(|found| found.weight == Weight::LeftOut)))
        }
        Err(message) => {
            eprintln!("athanor: {message}");
            ExitCode::from(USAGE)
        }
    }
}

fn import(args: &LivebookArgs) -> Result<(PathBuf, Vec<Finding>), String> {
    let shown = args.file.display();
    let real = fs::canonicalize(&args.file).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let name = real.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = real.parent().unwrap_or(&real);
    let stem = name.strip_suffix(".livemd").unwrap_or(&name);
    let slug = content::kebab(stem).unwrap_or_else(|| "notebook".to_owned());
    let lesson = place(&args.dest, &slug)?;
    let mut files = Files::from([(name.clone(), entry(folder, &real))]);
    // What cannot be read there is missed by name, where the notebook shows it.
    if folder.join("files").is_dir() {
        walk(folder, &folder.join("files"), "files/", &mut files);
    }
    let file = lesson.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (made, findings) = notebook(&files, &name, &slug, &file);
    let Some(made) = made else {
        let why = findings.first().map_or("there is nothing in it", |found| found.message.as_str());
        return Err(format!("{shown} is not imported: {why}"));
    };
    write(&lesson, &made).map_err(|error| format!("{} cannot be written: {error}", lesson.display()))?;
    Ok((lesson, findings))
}

/// The lesson's file: as named, or with the next number of a chapter.
fn place(dest: &Path, slug: &str) -> Result<PathBuf, String> {
    if !dest.is_dir() {
        let named = dest.extension().is_some_and(|ending| ending == "md");
        return match named {
            true if dest.exists() => Err(format!("{} exists: name another file", dest.display())),
            true => Ok(dest.to_owned()),
            false => Err(format!("there is no folder {}: make it, or name a file NN-name.md", dest.display())),
        };
    }
    let next = next_number(dest).map_err(|error| format!("{} cannot be read: {error}", dest.display()))?;
    Ok(dest.join(format!("{next:02}-{slug}.md")))
}

/// Pictures first, so that a lesson that is there is whole; nothing is written over.
fn write(lesson: &Path, made: &Notebook) -> io::Result<()> {
    let folder = lesson.parent().unwrap_or(lesson);
    for picture in &made.pictures {
        let path = folder.join(&picture.name);
        if fs::read(&path).ok().as_ref() != Some(&picture.bytes) {
            File::create_new(path)?.write_all(&picture.bytes)?;
        }
    }
    File::create_new(lesson)?.write_all(made.text.as_bytes())
}
