//! `athanor import course`: results back into an empty database.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::cli::USAGE;
use crate::cli::export::RESULTS;
use crate::config::Config;
use crate::db::Pool;
use crate::db::transfer::{self, End, Import, Line, TransferError};
use crate::startup;

/// Longest line that is read, in bytes. The largest row is a version of an exercise, which comes from a lesson of at most
/// 1 MiB, or a case with all its texts at their limits.
const LONGEST: u64 = 64 * 1024 * 1024;

/// `athanor import course`.
#[derive(Debug, Args)]
pub struct CourseArgs {
    /// A folder that `athanor export course` made. Nothing in it is changed.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// Runs the command.
pub(super) async fn run(args: &CourseArgs, config: &Config) -> ExitCode {
    let path = args.folder.join(RESULTS);
    let result = match Lines::open(&path) {
        Ok(lines) => in_database(lines, config).await,
        Err(error) => Err(format!(
            "{} cannot be read: {error}\n  name a folder that `athanor export course` made with results",
            path.display()
        )),
    };
    match result {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("athanor: nothing is imported: {message}");
            ExitCode::from(USAGE)
        }
    }
}

async fn in_database(mut lines: Lines, config: &Config) -> Result<String, String> {
    let database = startup::database(config).await.map_err(|error| format!("{error:#}"))?;
    let result = match transfer::is_empty(&database.pool).await {
        Ok(true) => take(&database.pool, &mut lines).await,
        Ok(false) => compare(&database.pool, &mut lines).await,
        Err(error) => Err(error.to_string()),
    };
    database.close().await;
    result
}

async fn take(pool: &Pool, lines: &mut Lines) -> Result<String, String> {
    let mut import = Import::begin(pool).await.map_err(|error| error.to_string())?;
    let mut rows = 0;
    loop {
        match lines.line()? {
            Line::Row(row) => {
                import.row(&row).await.map_err(|error| lines.at(1, &error.to_string()))?;
                rows += 1;
            }
            Line::End(end) => {
                lines.end(end, rows)?;
                break;
            }
        }
    }
    import.finish().await.map_err(|error| format!("{}: {error}", lines.shown))?;
    Ok(format!("{rows} rows are imported; whoever had a password needs a new one (`athanor user password EMAIL`)"))
}

/// A database that holds the same already is as it should be.
async fn compare(pool: &Pool, lines: &mut Lines) -> Result<String, String> {
    let mut rows = 0;
    let other = |lines: &Lines| {
        lines.at(1, "the database is not empty, and holds something else from here on; import into a new database")
    };
    let same = transfer::read(pool, |row| {
        let here = transfer::line(&Line::Row(Box::new(row))).map_err(io::Error::other)?;
        let there = lines.line().and_then(|line| transfer::line(&line).map_err(|error| error.to_string()));
        rows += 1;
        match there.map_err(io::Error::other)? == here {
            true => Ok(()),
            false => Err(TransferError::Taker(io::Error::other(other(lines)))),
        }
    });
    same.await.map_err(|error| error.to_string())?;
    match lines.line()? {
        Line::End(end) => lines.end(end, rows)?,
        Line::Row(_) => return Err(other(lines)),
    }
    Ok(format!("the database holds these {rows} rows already; nothing is changed"))
}

/// The lines of a file, one at a time.
struct Lines {
    shown: String,
    reader: BufReader<File>,
    number: u64,
}

impl Lines {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        Ok(Self { shown: path.display().to_string(), reader: BufReader::new(file), number: 0 })
    }

    fn at(&self, column: usize, message: &str) -> String {
        format!("{}:{}:{column}: {message}", self.shown, self.number)
    }

    /// The next line's bytes without its end; nothing after the last one.
    fn bytes(&mut self) -> Result<Option<Vec<u8>>, String> {
        self.number += 1;
        let mut bytes = Vec::new();
        let read = (&mut self.reader).take(LONGEST + 1).read_until(b'\n', &mut bytes);
        read.map_err(|error| self.at(1, &format!("this cannot be read: {error}")))?;
        if bytes.len() as u64 > LONGEST {
            return Err(self.at(1, &format!("this line is longer than {} MiB", LONGEST / 1024 / 1024)));
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        if bytes.pop_if(|last| *last == b'\n').is_some() {
            bytes.pop_if(|last| *last == b'\r');
        }
        Ok(Some(bytes))
    }

    fn line(&mut self) -> Result<Line, String> {
        let Some(bytes) = self.bytes()? else {
            return Err(self.at(1, "the file ends before its last line, which has the type `end`: it is not whole"));
        };
        let text = String::from_utf8(bytes).map_err(|error| {
            let before = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
            self.at(before.chars().count() + 1, "this is not UTF-8")
        })?;
        transfer::parse(&text).map_err(|bad| self.at(bad.column, &bad.message))
    }

    /// Whether the last line says what was counted, and is the last one.
    fn end(&mut self, end: End, rows: u64) -> Result<(), String> {
        if end.rows != rows {
            return Err(
                self.at(1, &format!("{rows} rows are above, and here it says {}: the file is not whole", end.rows))
            );
        }
        match self.bytes()? {
            None => Ok(()),
            Some(_) => Err(self.at(1, "there is something after the line of type `end`")),
        }
    }
}
