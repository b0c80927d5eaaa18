//! What was handed in: a form of ours, or JSON.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Payload;
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::ids::VersionId;
use crate::domain::submission::Kind;
use crate::web::error::WebError;
use crate::web::form::{self, Form};

/// What was handed in, not yet looked at.
#[derive(Debug)]
pub struct Handed {
    /// The code, in whatever bytes it came.
    pub source: Vec<u8>,
    kind: String,
    version: String,
    key: String,
    /// Whether somebody whose session ended goes on as a guest.
    pub as_guest: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonBody {
    source: String,
    kind: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    key: String,
}

const NOT_OURS: WebError = WebError::BadRequest("the form is not one of ours: load the page again and repeat it");

impl Handed {
    /// Reads the body.
    ///
    /// # Errors
    /// When the body is too large, or neither a form nor JSON with `source` and `kind`, and perhaps `version` and `key`.
    pub async fn read(request: &HttpRequest, payload: Payload) -> Result<Self, WebError> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/json") {
            return Ok(Self::of_form(&form::read(request, payload).await?));
        }
        let body = form::read_body(payload).await?;
        let text = std::str::from_utf8(&body).map_err(|error| {
            WebError::Source(crate::domain::source::SourceRejected::NotUtf8 { valid_up_to: error.valid_up_to() })
        })?;
        let JsonBody { source, kind, version, key } = serde_json::from_str(text).map_err(|_| {
            WebError::BadRequest(
                "the body must be JSON with \"source\" and \"kind\", and may have \"version\" and \"key\"",
            )
        })?;
        Ok(Self { source: source.into_bytes(), kind, version, key, as_guest: false })
    }

    fn of_form(form: &Form) -> Self {
        Self {
            source: form.bytes("source").unwrap_or_default().to_vec(),
            kind: form.text("kind").to_owned(),
            version: form.text("version").to_owned(),
            key: form.text("key").to_owned(),
            as_guest: form.text("as_guest") == "yes",
        }
    }

    /// The code as it is shown again: bytes that are no text become U+FFFD.
    #[must_use]
    pub fn shown_source(&self) -> String {
        String::from_utf8_lossy(&self.source).into_owned()
    }

    /// *Run* or *Submit*.
    ///
    /// # Errors
    /// [`WebError::BadRequest`] for anything else.
    pub fn kind(&self) -> Result<Kind, WebError> {
        match self.kind.as_str() {
            "run" => Ok(Kind::Run),
            "submit" => Ok(Kind::Submit),
            _ => Err(NOT_OURS),
        }
    }

    /// The version that was seen; none takes the present one.
    ///
    /// # Errors
    /// [`WebError::BadRequest`] for what is no id.
    pub fn version(&self) -> Result<Option<VersionId>, WebError> {
        if self.version.is_empty() {
            return Ok(None);
        }
        self.version.parse().map(Some).map_err(|_| NOT_OURS)
    }

    /// The idempotency key; without one it is a submission of its own.
    ///
    /// # Errors
    /// [`WebError::BadRequest`] for what is no UUID.
    pub fn key(&self) -> Result<Uuid, WebError> {
        if self.key.is_empty() {
            return Ok(Uuid::now_v7());
        }
        self.key.parse().map_err(|_| NOT_OURS)
    }
}
