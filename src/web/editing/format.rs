//! `POST /exercises/{id}/format`
//!
//! The site has no Elixir of its own: a worker formats, through the queue of program runs.

use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use crate::db::programs::{self, NewRun, RunKind};
use crate::domain::code::Code;
use crate::domain::exercise::{Exercise, Language};
use crate::domain::formatting::{FormatResult, Formatted, Formatting, Unreadable};
use crate::web::blocks::show;
use crate::web::client;
use crate::web::error::{Problem, WebError};
use crate::web::lessons;
use crate::web::lessons::page::LessonPage;
use crate::web::programs::wait::{self, Awaited};
use crate::web::programs::{requester, trouble::ProgramTrouble};
use crate::web::state::AppState;
use crate::web::submissions::create;
use crate::web::submissions::handed::Typed;
use crate::web::views::exercise::{Desk, Message};
use crate::web::views::words::sentence;
use crate::web::visitor::Visitor;

/// What came of the code that was sent.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// It is written like this.
    Written(Code),
    /// It cannot be read; the file where there are several.
    Unreadable(Option<String>, Unreadable),
}

/// Answers the text that was sent as `mix format` writes it. A text that is no Elixir is left as it was, with the place where
/// it stops being so.
///
/// # Errors
/// Where JSON was asked for, every reason not to do it; on a page that there is no such exercise.
pub async fn format(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let (typed, basis) = Typed::read(&request, payload).await?;
    let course = std::sync::Arc::clone(state.course());
    let (lesson, placed) = lessons::exercise(&course, &path)?;
    let exercise = &placed.exercise;
    let outcome = formatted(&request, &state, &visitor, exercise, &typed).await;
    if client::wants_json(&request) {
        return Ok(match outcome? {
            Outcome::Written(code) => super::answer(&code, words(&code, &typed)),
            Outcome::Unreadable(file, unreadable) => refused(file.as_deref(), &unreadable),
        });
    }
    let (status, desk) = match outcome {
        Ok(Outcome::Written(code)) => {
            let message = Message { tone: "good", text: words(&code, &typed).to_owned(), ..Message::default() };
            (StatusCode::OK, Desk { message: Some(message), ..Desk::typed(code, basis.revision) })
        }
        Ok(Outcome::Unreadable(faulty_file, unreadable)) => {
            let message = Message::bad(told(faulty_file.as_deref(), &unreadable));
            let desk = Desk::typed(typed.shown(), basis.revision);
            (StatusCode::UNPROCESSABLE_ENTITY, Desk { message: Some(message), faulty_file, ..desk })
        }
        Err(error) => {
            let (at, typed) = ((lesson, placed), (&typed, basis));
            return create::refused(&request, &state, &visitor, at, typed, &error).await;
        }
    };
    LessonPage { status, desk: Some((exercise.id.clone(), desk)), ..LessonPage::new(lesson) }
        .respond(&request, &state, &visitor)
        .await
}

async fn formatted(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    exercise: &Exercise,
    typed: &Typed,
) -> Result<Outcome, WebError> {
    if exercise.tests.language != Language::Elixir {
        return Err(WebError::Unfit("Only Elixir can be formatted here.".to_owned()));
    }
    let code = typed.accepted(&exercise.tests, state.settings.source_bytes)?;
    requester::count(request, state, Some(visitor))?;
    let texts = match &code {
        Code::Text(text) => vec![text.clone()],
        Code::Files(files) => files.iter().map(|file| file.text.clone()).collect(),
    };
    let asked = serde_json::to_string(&Formatting { texts }).map_err(WebError::internal)?;
    let new = NewRun {
        kind: RunKind::Format,
        language: "elixir",
        code: &asked,
        input: "",
        requester: &requester::of_visitor(visitor),
        streams: false,
        room: state.settings.programs.room,
    };
    let id = programs::accept(&state.pool, &new).await?;
    // Called off when nobody waits for it any more.
    let mut awaited = Awaited::new(state.clone(), id);
    let run = show::settled(state, visitor, id, state.settings.programs.room.wait).await?;
    let result = wait::outcome(Some(&run))?.ok_or(ProgramTrouble::Late)?;
    awaited.ended();
    let result: FormatResult = serde_json::from_value(result).map_err(WebError::internal)?;
    put_back(code, result)
}

/// The code with its texts as they came back.
fn put_back(code: Code, result: FormatResult) -> Result<Outcome, WebError> {
    let mut came = result.files.into_iter();
    let mut next = |was: &mut String| match came.next() {
        Some(Formatted::Text(text)) => {
            *was = text;
            Ok(None)
        }
        Some(Formatted::Unreadable(unreadable)) => Ok(Some(unreadable)),
        Some(Formatted::NotDone) | None => Err(WebError::Unfit(
            "The formatter did not come to an end with this text. It is left as it was.".to_owned(),
        )),
    };
    match code {
        Code::Text(mut text) => Ok(match next(&mut text)? {
            None => Outcome::Written(Code::Text(text)),
            Some(unreadable) => Outcome::Unreadable(None, unreadable),
        }),
        Code::Files(mut files) => {
            for file in &mut files {
                if let Some(unreadable) = next(&mut file.text)? {
                    return Ok(Outcome::Unreadable(Some(file.file.clone()), unreadable));
                }
            }
            Ok(Outcome::Written(Code::Files(files)))
        }
    }
}

/// What is said of a text that was formatted. Line ends are no change: a form has its own.
fn words(code: &Code, typed: &Typed) -> &'static str {
    let plain = |code: &Code| code.listing().replace("\r\n", "\n");
    if plain(code) == plain(&typed.shown()) { "It was formatted already." } else { "Formatted." }
}

/// Where a text stops being Elixir, in words.
fn told(file: Option<&str>, unreadable: &Unreadable) -> String {
    let file = file.map(|file| format!("in {file}, ")).unwrap_or_default();
    let column = unreadable.column.map(|column| format!(", column {column}")).unwrap_or_default();
    sentence(format!("{file}line {}{column}: {}", unreadable.line, unreadable.message))
}

/// The same for programs: `application/problem+json` that says the place, too.
fn refused(file: Option<&str>, unreadable: &Unreadable) -> HttpResponse {
    let problem = Problem {
        kind: "urn:athanor:problem:syntax-error".to_owned(),
        status: StatusCode::UNPROCESSABLE_ENTITY.as_u16(),
        title: "This is not Elixir yet",
        detail: told(file, unreadable),
        retry_after: None,
    };
    let mut body = serde_json::to_value(problem).unwrap_or_default();
    if let Some(body) = body.as_object_mut() {
        body.extend([
            ("file".to_owned(), json!(file)),
            ("line".to_owned(), json!(unreadable.line)),
            ("column".to_owned(), json!(unreadable.column)),
            ("message".to_owned(), json!(unreadable.message)),
        ]);
    }
    HttpResponse::UnprocessableEntity().content_type("application/problem+json").body(body.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::exercise::SourceFile;

    fn unreadable() -> Unreadable {
        Unreadable { line: 3, column: Some(5), message: "unexpected token: )".into() }
    }

    #[test]
    fn one_file_that_cannot_be_read_leaves_all_as_they_were() {
        let file = |name: &str, text: &str| SourceFile { file: name.into(), text: text.into() };
        let code = Code::Files(vec![file("a.ex", "1+1"), file("b.ex", "1+)")]);
        let of = |files| put_back(code.clone(), FormatResult { files }).unwrap();
        let text = |text: &str| Formatted::Text(text.into());
        assert_eq!(
            of(vec![text("1 + 1\n"), Formatted::Unreadable(unreadable())]),
            Outcome::Unreadable(Some("b.ex".into()), unreadable())
        );
        assert_eq!(
            of(vec![text("1 + 1\n"), text("2\n")]),
            Outcome::Written(Code::Files(vec![file("a.ex", "1 + 1\n"), file("b.ex", "2\n")]))
        );
        assert!(put_back(code, FormatResult { files: vec![text("1 + 1\n"), Formatted::NotDone] }).is_err());
    }

    #[test]
    fn a_place_is_told_with_its_file_where_there_are_several() {
        assert_eq!(told(None, &unreadable()), "Line 3, column 5: unexpected token: ).");
        assert_eq!(told(Some("b.ex"), &unreadable()), "In b.ex, line 3, column 5: unexpected token: ).");
    }
}
