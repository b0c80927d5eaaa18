//! `athanor export course`: files and results in one folder.

use std::fs;
use std::io::{self, BufWriter};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use super::tree;
use crate::cli::USAGE;
use crate::config::Config;
use crate::db::Pool;
use crate::db::transfer::{self, End, Line, TransferError};
use crate::startup;

/// What the file with the results is called.
pub(in crate::cli) const RESULTS: &str = "results.jsonl";

/// `athanor export course`.
#[derive(Debug, Args)]
pub struct CourseArgs {
    /// The folder to write: new, or empty.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// The course's folder.
    #[arg(long, value_name = "DIR")]
    pub lessons: Option<PathBuf>,
    /// Also write the hidden tests of ATHANOR_PRIVATE_LESSONS, to DIR/private/. Without it, a course that has such tests
    /// is exported only with --without-results, because results hold them too.
    #[arg(long)]
    pub private: bool,
    /// Write the files only. Needs no database.
    #[arg(long)]
    pub without_results: bool,
}

/// Runs the command.
pub(super) async fn run(args: &CourseArgs, config: &Config) -> ExitCode {
    match export(args, config).await {
        Ok(left_out) => {
            left_out.iter().for_each(|what| eprintln!("left out: {what}"));
            ExitCode::from(u8::from(!left_out.is_empty()))
        }
        Err(error) => {
            eprintln!("athanor: nothing is exported: {error:#}");
            ExitCode::from(USAGE)
        }
    }
}

async fn export(args: &CourseArgs, config: &Config) -> anyhow::Result<Vec<String>> {
    let lessons = args.lessons.as_ref().unwrap_or(&config.lessons);
    anyhow::ensure!(lessons.is_dir(), "{} is not a course's folder: name one by --lessons", lessons.display());
    let hidden = hidden(args, config)?;
    let parent = place(&args.to, &[Some(lessons), config.private_lessons.as_ref()])?;
    fs::create_dir_all(&parent).with_context(|| format!("{} cannot be made", parent.display()))?;
    // Results are nobody else's business, also while they are written.
    let staged = tempfile::Builder::new()
        .prefix(".athanor-export-")
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir_in(&parent)
        .with_context(|| format!("{} cannot be written", parent.display()))?;
    let except = config.private_lessons.as_ref().and_then(|private| fs::canonicalize(private).ok());
    let mut left_out = tree::copy(lessons, &staged.path().join("lessons"), except.as_deref())?;
    if let Some(hidden) = hidden {
        left_out.extend(tree::copy(hidden, &staged.path().join("private"), None)?);
    }
    if !args.without_results {
        let database = startup::database(config).await?;
        let written = results(&database.pool, &staged.path().join(RESULTS)).await;
        database.close().await;
        eprintln!("{} rows of results", written?);
    }
    fs::rename(staged.path(), &args.to).with_context(|| format!("{} cannot be written", args.to.display()))?;
    Ok(left_out)
}

/// The private tree, where it is asked for. Without being asked for, none of it may get out in another way.
fn hidden<'a>(args: &CourseArgs, config: &'a Config) -> anyhow::Result<Option<&'a PathBuf>> {
    match (&config.private_lessons, args.private) {
        (None, true) => anyhow::bail!("--private asks for hidden tests, and ATHANOR_PRIVATE_LESSONS names no folder"),
        (Some(private), false) if !args.without_results => anyhow::bail!(
            "the hidden tests in {} are part of the results, with every version of an exercise: give --private to export \
             them, or --without-results to export the lessons alone",
            private.display()
        ),
        (private, wanted) => Ok(private.as_ref().filter(|_| wanted)),
    }
}

/// The folder in which the new one is made, once it is sure that nothing is written over or copied into itself.
fn place(to: &Path, apart: &[Option<&PathBuf>]) -> anyhow::Result<PathBuf> {
    let shown = to.display();
    if to.is_symlink() || to.exists() {
        let empty = !to.is_symlink() && fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_none());
        anyhow::ensure!(empty, "{shown} is there already and is no empty folder: name a new one");
    }
    let full = std::path::absolute(to).with_context(|| format!("{shown} cannot be used"))?;
    let parent = full.parent().with_context(|| format!("{shown} cannot be used"))?.to_owned();
    // What is there of the way to it, with links followed.
    let there = full.ancestors().find_map(|above| fs::canonicalize(above).ok()).unwrap_or_default();
    for folder in apart.iter().flatten() {
        let inside = fs::canonicalize(folder).is_ok_and(|folder| there.starts_with(&folder));
        anyhow::ensure!(
            !inside,
            "{shown} lies in {}, which is to be exported: name a folder elsewhere",
            folder.display()
        );
    }
    Ok(parent)
}

/// Writes the results and answers how many rows there are.
async fn results(pool: &Pool, path: &Path) -> anyhow::Result<u64> {
    let file = fs::File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    let mut out = BufWriter::new(file);
    let mut rows = 0;
    transfer::read(pool, |row| {
        rows += 1;
        Ok(write_line(&mut out, &Line::Row(Box::new(row)))?)
    })
    .await
    .context("the results cannot be written")?;
    write_line(&mut out, &Line::End(End { rows })).map_err(TransferError::Taker)?;
    // Whole on the disk before it is called an export.
    out.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| file.sync_all())?;
    Ok(rows)
}

fn write_line(out: &mut impl io::Write, line: &Line) -> io::Result<()> {
    let text = transfer::line(line).map_err(io::Error::other)?;
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")
}
