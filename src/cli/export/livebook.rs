//! `athanor export livebook`: a lesson becomes a notebook.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::cli::{USAGE, whole};
use crate::content::{self, Exported, Source};

/// `athanor export livebook`.
#[derive(Debug, Args)]
pub struct LivebookArgs {
    /// The lesson's file.
    #[arg(value_name = "LESSON")]
    pub lesson: PathBuf,
    /// Where to write; without it, on standard output.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Write over a file that is there.
    #[arg(long)]
    pub force: bool,
}

/// Runs the command.
pub(super) fn run(args: &LivebookArgs) -> ExitCode {
    match livebook(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("athanor: {message}");
            ExitCode::from(USAGE)
        }
    }
}

fn livebook(args: &LivebookArgs) -> Result<(), String> {
    let shown = args.lesson.display();
    let text = fs::read_to_string(&args.lesson).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let source = Source::new(args.lesson.to_string_lossy(), &text);
    let exported = content::livebook(&source).map_err(|problems| {
        let rendered: Vec<String> = problems.iter().map(|problem| content::render(problem, Some(&source))).collect();
        format!("{shown} has errors, so it is not exported\n{}", rendered.join("\n"))
    })?;
    for image in &exported.images {
        eprintln!(
            "warning: {shown} has code that runs in the image `{image}`; a notebook needs its packages by `Mix.install` in a cell above"
        );
    }
    let Some(file) = &args.file else {
        print!("{}", exported.text);
        return Ok(());
    };
    if file.exists() && !args.force {
        return Err(format!("{} exists: name another file, or give --force", file.display()));
    }
    let folder = args.lesson.parent().unwrap_or(Path::new("."));
    write(&exported, folder, file).map_err(|error| format!("{} cannot be written: {error}", file.display()))
}

fn write(exported: &Exported, folder: &Path, file: &Path) -> io::Result<()> {
    let beside = file.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
    for picture in &exported.pictures {
        let copied = content::picture(folder, &picture.from)
            .and_then(|bytes| fs::create_dir_all(beside.join("files")).map(|()| bytes))
            .and_then(|bytes| fs::write(beside.join("files").join(&picture.name), bytes));
        if let Err(error) = copied {
            eprintln!("warning: the picture {} does not come along: {error}", picture.from);
        }
    }
    whole::write(file, exported.text.as_bytes())
}
