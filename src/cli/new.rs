//! `athanor new`: a lesson or an exercise to begin with, which `athanor check` accepts as it is.

pub(super) mod places;

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use super::USAGE;
use crate::config::Config;
use crate::content;
use crate::domain::ids::{ExerciseId, LessonSlug};

/// `athanor new`.
#[derive(Debug, Subcommand)]
pub enum NewCommand {
    /// Make a lesson's file with the next free number.
    Lesson {
        /// Its name in links and addresses: small letters, digits and hyphens, for instance pattern-matching.
        name: String,
        /// The chapter, with or without its number; one that is not there is made. The last one when left out.
        #[arg(long, value_name = "CHAPTER")]
        chapter: Option<String>,
        /// Its title; made from the name when left out.
        #[arg(long)]
        title: Option<String>,
        /// The course's folder.
        #[arg(long, value_name = "DIR")]
        lessons: Option<PathBuf>,
    },
    /// Add an exercise to the end of a lesson.
    Exercise {
        /// Its id: unique in the course and permanent, for instance first-or-default.
        id: String,
        /// The lesson, by its name or its file.
        #[arg(long = "in", value_name = "LESSON")]
        lesson: String,
        /// Its title; made from the id when left out.
        #[arg(long)]
        title: Option<String>,
        /// The course's folder.
        #[arg(long, value_name = "DIR")]
        lessons: Option<PathBuf>,
    },
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("there is no folder {}: make it, or name the course with --lessons DIR or ATHANOR_LESSONS", .0.display())]
    NoCourse(PathBuf),
    #[error("`{0}` is no name: write small letters, digits and hyphens, such as pattern-matching")]
    BadName(String),
    #[error("the course has a lesson `{slug}` already: {}", file.display())]
    LessonTaken { slug: LessonSlug, file: PathBuf },
    #[error("the course has an exercise `{id}` already: {}:{line}", file.display())]
    ExerciseTaken { id: ExerciseId, file: PathBuf, line: usize },
    #[error("the course has no chapter yet: name one with --chapter, for instance --chapter first-steps")]
    NoChapter,
    #[error("the course has no lesson `{0}`; `athanor new lesson {0}` makes it")]
    NoLesson(String),
    #[error("{0} has errors, so nothing was added: `athanor check {0}` shows them")]
    Broken(String),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
}

/// Runs the command.
pub(super) fn run(command: &NewCommand, config: &Config) -> ExitCode {
    let folder = |lessons: &Option<PathBuf>| lessons.clone().unwrap_or_else(|| config.lessons.clone());
    let made = match command {
        NewCommand::Lesson { name, chapter, title, lessons } => {
            lesson(&folder(lessons), name, chapter.as_deref(), title.as_deref())
        }
        NewCommand::Exercise { id, lesson, title, lessons } => exercise(&folder(lessons), id, lesson, title.as_deref()),
    };
    match made {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(refused) => {
            eprintln!("athanor: {refused}");
            ExitCode::from(USAGE)
        }
    }
}

fn lesson(course: &Path, name: &str, chapter: Option<&str>, title: Option<&str>) -> Result<String, Refused> {
    let slug = LessonSlug::parse(name).map_err(|_| Refused::BadName(name.to_owned()))?;
    let known = places::lessons(course)?;
    if let Some(taken) = known.iter().find(|lesson| lesson.name == slug.as_str()) {
        return Err(Refused::LessonTaken { slug, file: taken.path.clone() });
    }
    let chapter = places::chapter(course, chapter)?;
    let number = places::next_number(&chapter).map_err(io(&chapter))?;
    let path = chapter.join(format!("{number:02}-{slug}.md"));
    fs::create_dir_all(&chapter).map_err(|source| Refused::Io { path: chapter, source })?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(io(&path))?;
    file.write_all(lesson_text(title.unwrap_or(&titled(name))).as_bytes()).map_err(io(&path))?;
    let path = path.display();
    Ok(format!("{path} is there to be filled in; `athanor check {path}` looks it over"))
}

fn exercise(course: &Path, id: &str, lesson: &str, title: Option<&str>) -> Result<String, Refused> {
    let id = ExerciseId::parse(id).map_err(|_| Refused::BadName(id.to_owned()))?;
    let known = places::lessons(course)?;
    let named = |place: &&places::Place| place.name == lesson || place.path == Path::new(lesson);
    let place = known.iter().find(named).ok_or_else(|| Refused::NoLesson(lesson.to_owned()))?;
    for place in &known {
        let text = fs::read_to_string(&place.path).map_err(io(&place.path))?;
        if let Some(line) = places::line_of(&text, &id) {
            return Err(Refused::ExerciseTaken { id, file: place.path.clone(), line });
        }
    }
    let path = &place.path;
    let before = fs::read_to_string(path).map_err(io(path))?;
    let added = format!("{}\n{}", if before.ends_with('\n') { "" } else { "\n" }, exercise_text(&id, title));
    // In what is open to its end, a fence or another exercise, this one would be lost.
    if content::load(path, None).has_errors() {
        return Err(Refused::Broken(path.display().to_string()));
    }
    let mut file = OpenOptions::new().append(true).open(path).map_err(io(path))?;
    file.write_all(added.as_bytes()).map_err(io(path))?;
    let (line, path) = (before.lines().count() + 2, path.display());
    Ok(format!("{path}:{line}: '{id}' is there to be filled in; `athanor check {path}` runs it"))
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Refused {
    let path = path.to_owned();
    move |source| Refused::Io { path, source }
}

/// `pattern-matching` is called "Pattern matching".
fn titled(name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn lesson_text(title: &str) -> String {
    // A text in JSON is one in YAML, whatever it holds.
    let title = serde_json::Value::from(title);
    format!(
        "---\ntitle: {title}\nsummary: Say in one sentence what the reader can do afterwards.\n---\n\
         Begin with a question worth asking.\n\n```elixir run\n1 + 1   # => 2\n```\n"
    )
}

/// An exercise that passes its own check: reference, starter and wrong answer do what they should.
fn exercise_text(id: &ExerciseId, title: Option<&str>) -> String {
    let title = title.map_or_else(|| titled(id.as_str()), |title| title.replace(['\n', '\r'], " "));
    let module: String = id.as_str().split('-').map(titled).collect();
    let module = if module.starts_with(|c: char| c.is_ascii_digit()) { format!("N{module}") } else { module };
    format!(
        "<!-- exercise: {id} points=2 -->\n### {title}\n\nWrite `{module}.of/1`, which returns twice its number.\n\n\
         ```elixir starter\ndefmodule {module} do\n  def of(number) do\n  end\nend\n```\n\n\
         ```elixir test\niex> {module}.of(2)\n4\n```\n\n\
         ```elixir test hidden name=\"a negative number\"\niex> {module}.of(-3)\n-6\n```\n\n\
         ```elixir solution\ndefmodule {module} do\n  def of(number), do: number * 2\nend\n```\n\n\
         ```elixir wrong fails=\"a negative number\" says=\"Look at numbers below zero as well.\"\n\
         defmodule {module} do\n  def of(number), do: abs(number) * 2\nend\n```\n\n\
         <details><summary>Hint</summary>What is `2 * 3`?</details>\n<!-- /exercise -->\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_has_no_problems() {
        for title in ["Plain", "yes", "\"quoted\": and #more", "Größe"] {
            for id in ["one", "first-or-default", "2-words"] {
                let id = ExerciseId::parse(id).unwrap();
                let folder = tempfile::tempdir().unwrap();
                let file = folder.path().join("01-x.md");
                fs::write(&file, format!("{}\n{}", lesson_text(title), exercise_text(&id, None))).unwrap();
                let loaded = content::load(&file, None);
                let said: Vec<_> = loaded.problems.iter().map(|problem| loaded.render(problem)).collect();
                assert!(said.is_empty(), "{}", said.join("\n"));
                assert_eq!(loaded.course.exercises().count(), 1);
            }
        }
    }
}
