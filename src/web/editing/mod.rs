//! What an editor's buttons ask for: the text as the formatter writes it, the starter again.

pub mod format;
pub mod starter;

use actix_web::HttpResponse;
use serde_json::json;

use crate::domain::code::Code;

/// Code for the script of a page and for programs: `{"source"}` or `{"files"}`, and a sentence for people.
fn answer(code: &Code, sentence: &str) -> HttpResponse {
    HttpResponse::Ok().json(match code {
        Code::Text(text) => json!({ "source": text, "sentence": sentence }),
        Code::Files(files) => {
            let files: Vec<_> = files.iter().map(|file| json!({ "name": file.file, "text": file.text })).collect();
            json!({ "files": files, "sentence": sentence })
        }
    })
}
