//! `POST /run/{language}`: the same for whoever wants one text, as small services for snippets answer.

use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::asked::{Asked, Form};
use super::{run, wait};
use crate::domain::program::ProgramResult;
use crate::web::error::{Problem, WebError};
use crate::web::problems;
use crate::web::state::AppState;

/// Runs a program, and answers `{"message"}` whatever comes of it.
pub async fn run(request: HttpRequest, path: web::Path<String>, state: AppState, payload: Payload) -> HttpResponse {
    match perform(&request, &state, &path, payload).await {
        Ok(result) => {
            let status = if result.timed_out { StatusCode::REQUEST_TIMEOUT } else { StatusCode::OK };
            HttpResponse::build(status).json(json!({ "message": message(result) }))
        }
        Err(error) => {
            error.log();
            refused(&error.problem())
        }
    }
}

async fn perform(
    request: &HttpRequest,
    state: &AppState,
    language: &str,
    payload: Payload,
) -> Result<ProgramResult, WebError> {
    let asked = Asked::read(request, state, language, payload, Form::Plain).await?;
    let id = run::accept(request, state, &asked, false).await?;
    wait::result(state, id, wait::deadline(state, asked.time_ms)).await
}

/// All that is wrong with what was sent is a 400 here.
fn refused(problem: &Problem) -> HttpResponse {
    let sent = matches!(problem.status, 404 | 413 | 415 | 422);
    let problem = Problem { status: if sent { 400 } else { problem.status }, ..problem.clone() };
    problems::builder(&problem).json(json!({ "message": problem.detail }))
}

fn message(result: ProgramResult) -> String {
    let mut message = result.stdout;
    message.push_str(&result.stderr);
    let stopped = if result.timed_out {
        "The program was stopped: its time is up."
    } else if result.memory_exceeded {
        "The program was stopped: it used more memory than it may."
    } else if result.exit_code.is_none() {
        "The program was stopped: it wrote more than it may."
    } else {
        return message;
    };
    if !message.is_empty() && !message.ends_with('\n') {
        message.push('\n');
    }
    message + stopped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_stopped_says_so_after_what_it_wrote() {
        let result = |stdout: &str, timed_out: bool| ProgramResult {
            stdout: stdout.to_owned(),
            stderr: String::new(),
            exit_code: (!timed_out).then_some(1),
            timed_out,
            memory_exceeded: false,
            truncated: false,
        };
        assert_eq!(message(result("a", false)), "a");
        assert_eq!(message(result("a", true)), "a\nThe program was stopped: its time is up.");
        assert_eq!(message(result("", true)), "The program was stopped: its time is up.");
    }
}
