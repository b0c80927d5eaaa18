//! Scripts, styles and pictures, out of the program itself. Addresses carry a hash of the content, so that browsers may
//! keep them for ever.

use std::collections::BTreeMap;

use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::{Embed, EmbeddedFile};

use super::error::WebError;

#[derive(Embed)]
#[folder = "assets/"]
struct Assets;

fn hash(file: &EmbeddedFile) -> String {
    file.metadata.sha256_hash().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The address of a file in `assets/`.
#[must_use]
pub fn address(path: &str) -> String {
    match Assets::get(path) {
        Some(file) => format!("/assets/{path}?v={}", hash(&file)),
        None => format!("/assets/{path}"),
    }
}

/// Whether there is such a file: the editor is built apart and may be missing.
#[must_use]
pub fn exists(path: &str) -> bool {
    Assets::get(path).is_some()
}

/// What scripts import by their plain addresses, at those with a hash: the JSON of an import map.
#[must_use]
pub fn import_map() -> String {
    let scripts = Assets::iter().filter(|path| path.ends_with(".js"));
    let addresses: BTreeMap<String, String> = scripts.map(|path| (format!("/assets/{path}"), address(&path))).collect();
    serde_json::json!({ "imports": addresses }).to_string()
}

/// `GET /assets/{path}`
///
/// # Errors
/// [`WebError::NotFound`] when there is no such file.
pub async fn get(request: HttpRequest, path: web::Path<String>) -> Result<HttpResponse, WebError> {
    let file = Assets::get(&path).ok_or(WebError::NotFound)?;
    let tag = format!("\"{}\"", hash(&file));
    let asked_for = request.uri().query().and_then(|query| query.strip_prefix("v="));
    let keep = if asked_for.is_some_and(|version| version == tag.trim_matches('"')) {
        "public, max-age=31536000, immutable"
    } else {
        "public, no-cache"
    };
    let known = request.headers().get(IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((CACHE_CONTROL, keep)).insert_header((ETAG, tag));
    if known {
        return Ok(answer.finish());
    }
    let kind = file.metadata.mimetype();
    let charset = if kind.starts_with("text/") { "; charset=utf-8" } else { "" };
    Ok(answer.content_type(format!("{kind}{charset}")).body(file.data.into_owned()))
}
