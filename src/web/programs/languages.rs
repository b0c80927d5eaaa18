//! `GET /api/v1/languages`

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::json;

use crate::db::programs::languages;
use crate::domain::program::ProgramLimits;
use crate::web::error::WebError;
use crate::web::state::AppState;

#[derive(Serialize)]
struct LanguageJson {
    name: String,
    title: String,
    version: String,
    file: String,
    packages: Vec<String>,
    /// Whether a worker that has it is there now.
    available: bool,
    limits: ProgramLimits,
}

/// The languages that programs may be written in.
///
/// # Errors
/// A failing database.
pub async fn list(state: AppState) -> Result<HttpResponse, WebError> {
    let known = if state.settings.programs.enabled { languages::all(&state.pool).await? } else { Vec::new() };
    let languages: Vec<LanguageJson> = known
        .into_iter()
        .map(|known| LanguageJson {
            name: known.installed.name.to_string(),
            title: known.installed.title,
            version: known.installed.version,
            file: known.installed.file,
            packages: known.installed.packages,
            available: known.served,
            limits: known.installed.limits,
        })
        .collect();
    let programs = &state.settings.programs;
    Ok(HttpResponse::Ok().json(json!({
        "languages": languages,
        "code_bytes": programs.code_bytes,
        "input_bytes": programs.input_bytes,
    })))
}
