//! Scripts, styles and pictures, out of the program itself. Addresses carry a hash of the content, so that browsers may
//! keep them for ever.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rust_embed::{Embed, EmbeddedFile};
use sha2::{Digest as _, Sha256};

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

/// An import map: what scripts import by their plain addresses, at those with a hash.
#[derive(Debug)]
pub struct ImportMap {
    /// JSON, as it stands on a page.
    pub text: String,
    /// Its source expression for a content security policy, `sha256-…`.
    pub hash: String,
}

/// The import map of all scripts. Scripts are read once, so in a debug build, too, it is that of the program's start.
pub fn import_map() -> &'static ImportMap {
    static MAP: LazyLock<ImportMap> = LazyLock::new(|| {
        // What the editor is bundled from no page imports.
        let scripts = Assets::iter().filter(|path| path.ends_with(".js") && !path.starts_with("editor/"));
        let addresses: BTreeMap<String, String> =
            scripts.map(|path| (format!("/assets/{path}"), address(&path))).collect();
        let text = serde_json::json!({ "imports": addresses }).to_string();
        let hash = format!("sha256-{}", STANDARD.encode(Sha256::digest(&text)));
        ImportMap { text, hash }
    });
    &MAP
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
