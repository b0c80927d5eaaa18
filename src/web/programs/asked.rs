//! What was asked for: a language of the address, and code and input of the body.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Payload;
use serde::Deserialize;
use serde_json::Value;

use super::trouble::ProgramTrouble;
use crate::db::programs::languages;
use crate::domain::program::LanguageName;
use crate::domain::source::SourceCode;
use crate::web::error::WebError;
use crate::web::form;
use crate::web::state::AppState;

/// A program that may be run.
#[derive(Debug)]
pub struct Asked {
    /// In which language.
    pub language: LanguageName,
    /// The program.
    pub code: SourceCode,
    /// What is typed on its standard input.
    pub input: String,
    /// The longest it may run, in milliseconds.
    pub time_ms: u64,
}

/// A body of the API. A misspelt field is refused: code that never sees its input would be a riddle.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictBody {
    code: String,
    #[serde(default)]
    input: Option<String>,
}

/// A body of the plain address, which takes whatever else others send along.
#[derive(Debug, Deserialize)]
struct PlainBody {
    code: String,
    #[serde(default)]
    input: Option<String>,
}

/// Which kind of body is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `{"code", "input"}` and nothing else.
    Strict,
    /// With whatever else.
    Plain,
}

impl Asked {
    /// Reads and checks a request.
    ///
    /// # Errors
    /// [`ProgramTrouble`], or what is wrong with the body.
    pub async fn read(
        request: &HttpRequest,
        state: &AppState,
        language: &str,
        payload: Payload,
        form: Form,
    ) -> Result<Self, WebError> {
        let body = form::read_body(payload).await?;
        let (language, time_ms) = find_language(state, language).await?;
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // The plain address is for small programs that send JSON and do not say so.
        if form == Form::Strict && !is_json(kind) {
            return Err(WebError::UnsupportedMedia);
        }
        let (code, input) = parse(&body, form)?;
        let limits = &state.settings.programs;
        let code = SourceCode::parse(code.as_bytes(), limits.code_bytes).map_err(ProgramTrouble::Code)?;
        if input.len() > limits.input_bytes {
            let (bytes, limit) = (input.len(), limits.input_bytes);
            return Err(ProgramTrouble::InputTooLarge { bytes, limit }.into());
        }
        Ok(Self { language, code, input, time_ms })
    }
}

fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

fn parse(body: &[u8], form: Form) -> Result<(String, String), ProgramTrouble> {
    // First as an object: a list of two strings would otherwise do as well.
    let object = serde_json::from_slice::<serde_json::Map<String, Value>>(body).map(Value::Object);
    let read = object.and_then(|object| match form {
        Form::Strict => serde_json::from_value(object).map(|StrictBody { code, input }| (code, input)),
        Form::Plain => serde_json::from_value(object).map(|PlainBody { code, input }| (code, input)),
    });
    let (code, input) = read.map_err(|error| {
        ProgramTrouble::BadBody(format!(
            "the body must be JSON with \"code\", and may have \"input\", both strings ({error})"
        ))
    })?;
    Ok((code, input.unwrap_or_default()))
}

/// The language and its time limit, when some worker has it.
async fn find_language(state: &AppState, asked: &str) -> Result<(LanguageName, u64), WebError> {
    let mut known = if state.settings.programs.enabled { languages::all(&state.pool).await? } else { Vec::new() };
    let found = known.iter().position(|known| known.installed.name.as_str() == asked);
    match found.map(|at| known.swap_remove(at)) {
        Some(known) if known.served => Ok((known.installed.name, known.installed.limits.time_ms)),
        Some(_) => Err(ProgramTrouble::Away.into()),
        None => {
            let installed = known.into_iter().map(|known| known.installed.name.to_string()).collect();
            Err(ProgramTrouble::UnknownLanguage { asked: asked.to_owned(), installed }.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_cannot_be_read_says_what_is_missing_or_too_much() {
        let of = |body: &str| parse(body.as_bytes(), Form::Strict).map_err(|error| error.to_string());
        assert_eq!(of(r#"{"code":"a"}"#), Ok(("a".into(), String::new())));
        assert_eq!(of(r#"{"code":"a","input":null}"#), Ok(("a".into(), String::new())));
        assert_eq!(of("{\"code\":\"\\u0000\",\"input\":\"\u{e9}\"}"), Ok(("\0".into(), "\u{e9}".into())));
        for bad in [
            "",
            "{",
            "[]",
            "[\"a\"]",
            "null",
            "\"a\"",
            "{}",
            r#"{"code":1}"#,
            r#"{"code":"\ud800"}"#,
            "{\"code\":\"a\"} b",
        ] {
            assert!(of(bad).is_err_and(|error| error.contains("must be JSON with \"code\"")), "{bad}");
        }
        assert!(of(r#"{"code":"a","stdin":"b"}"#).is_err_and(|error| error.contains("stdin")));
        assert!(parse(br#"{"code":"a","stdin":"b"}"#, Form::Plain).is_ok());
        assert!(parse(b"{\"code\":\"\xff\"}", Form::Plain).is_err());
    }

    #[test]
    fn a_type_of_content_may_have_a_charset() {
        assert!(is_json("application/json") && is_json("Application/JSON; charset=utf-8"));
        assert!(!is_json("text/plain") && !is_json("") && !is_json("application/jsonp"));
    }
}
