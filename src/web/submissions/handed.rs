//! What was handed in: a form of ours, or JSON.

use actix_web::HttpRequest;
use actix_web::web::Payload;
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::code::{Code, FilesRejected};
use crate::domain::draft::{Basis, Writer};
use crate::domain::exercise::{SourceFile, TestSet};
use crate::domain::ids::{DraftRevision, VersionId};
use crate::domain::source::SourceRejected;
use crate::domain::submission::Kind;
use crate::web::error::WebError;
use crate::web::form::{self, Form};

/// Code in whatever bytes it came: one text, or files by name.
#[derive(Debug)]
pub enum Typed {
    /// One text.
    Text(Vec<u8>),
    /// Files, in the order in which they came.
    Files(Vec<(String, Vec<u8>)>),
}

/// What the name of a form's field begins with that holds a file: `file:shapes.ex`.
pub const FILE_FIELD: &str = "file:";

impl Typed {
    /// Reads a body that is code: a form of ours, with what its code is based on, or JSON.
    ///
    /// # Errors
    /// When the body is too large, or neither a form nor JSON with `source` or `files`.
    pub async fn read(request: &HttpRequest, payload: Payload) -> Result<(Self, Basis), WebError> {
        if !form::is_json(request) {
            let form = form::read(request, payload).await?;
            return Ok((Self::of_form(&form), basis(&form)));
        }
        let shape = "the body must be JSON with either \"source\" or \"files\", a list of {\"name\", \"text\"}";
        let JsonCode { source, files } = form::read_json(payload, shape).await?;
        let typed = Self::of_json(source, files).ok_or(WebError::BadRequest(shape))?;
        Ok((typed, Basis::default()))
    }

    /// The code of a form: its field `source`, or the fields of files.
    #[must_use]
    pub fn of_form(form: &Form) -> Self {
        let files: Vec<_> = form
            .fields()
            .filter_map(|(name, bytes)| Some((name.strip_prefix(FILE_FIELD)?.to_owned(), bytes.to_vec())))
            .collect();
        if files.is_empty() {
            Self::Text(form.bytes("source").unwrap_or_default().to_vec())
        } else {
            Self::Files(files)
        }
    }

    /// Whether nothing at all was sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(bytes) => bytes.is_empty(),
            Self::Files(files) => files.is_empty(),
        }
    }

    /// The code of JSON: one of the two.
    #[must_use]
    pub fn of_json(source: Option<String>, files: Option<Vec<JsonFile>>) -> Option<Self> {
        match (source, files) {
            (Some(source), None) => Some(Self::Text(source.into_bytes())),
            (None, Some(files)) => {
                Some(Self::Files(files.into_iter().map(|file| (file.name, file.text.into_bytes())).collect()))
            }
            _ => None,
        }
    }

    /// Accepts it for an exercise: not blank, text, and all of it together not too large.
    ///
    /// # Errors
    /// [`WebError::Source`] or [`WebError::Files`] says what is wrong with it.
    pub fn accepted(&self, tests: &TestSet, limit: usize) -> Result<Code, WebError> {
        match self {
            Self::Text(bytes) => Ok(Code::text(bytes, limit)?),
            Self::Files(files) => Ok(Code::files(files, tests.language, &tests.support, limit)?),
        }
    }

    /// Accepts it as a draft, which may be blank.
    ///
    /// # Errors
    /// As [`Typed::accepted`].
    pub fn as_draft(&self, tests: &TestSet, limit: usize) -> Result<Code, WebError> {
        match self.accepted(tests, limit) {
            Err(WebError::Source(SourceRejected::Empty)) => Ok(Code::Text(String::new())),
            Err(WebError::Files(FilesRejected::Together(SourceRejected::Empty))) => Ok(match self.shown() {
                Code::Files(files) => {
                    let blank = |file: SourceFile| SourceFile { text: String::new(), ..file };
                    Code::Files(files.into_iter().map(blank).collect())
                }
                text @ Code::Text(_) => text,
            }),
            accepted => accepted,
        }
    }

    /// As it is shown again, whatever is wrong with it: bytes that are no text become U+FFFD.
    #[must_use]
    pub fn shown(&self) -> Code {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match self {
            Self::Text(bytes) => Code::Text(text(bytes)),
            Self::Files(files) => Code::Files(
                files.iter().map(|(name, bytes)| SourceFile { file: name.clone(), text: text(bytes) }).collect(),
            ),
        }
    }
}

/// What the code of a form is based on: the page's field, and what its script adds. Whatever cannot be read is nothing.
#[must_use]
pub fn basis(form: &Form) -> Basis {
    let writer = form.text("page").parse().ok().zip(form.text("seq").parse().ok());
    Basis { revision: form.text("draft").parse().ok(), writer: writer.map(|(page, seq)| Writer { page, seq }) }
}

/// What was handed in, not yet looked at.
#[derive(Debug)]
pub struct Handed {
    /// The code.
    pub code: Typed,
    kind: String,
    version: String,
    key: String,
    /// What it is based on.
    pub basis: Basis,
    /// Whether somebody whose session ended goes on as a guest.
    pub as_guest: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonBody {
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    files: Option<Vec<JsonFile>>,
    kind: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    draft: Option<DraftRevision>,
}

/// A file in JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonFile {
    name: String,
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonCode {
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    files: Option<Vec<JsonFile>>,
}

const NOT_OURS: WebError = WebError::BadRequest("the form is not one of ours: load the page again and repeat it");

impl Handed {
    /// Reads the body.
    ///
    /// # Errors
    /// When the body is too large, or neither a form nor JSON with `source` or `files`, and `kind`, and perhaps `version` and `key`.
    pub async fn read(request: &HttpRequest, payload: Payload) -> Result<Self, WebError> {
        if !form::is_json(request) {
            return Ok(Self::of_form(&form::read(request, payload).await?));
        }
        let shape = "the body must be JSON with \"kind\" and either \"source\" or \"files\", a list of {\"name\", \"text\"}, \
                     and may have \"version\" and \"key\"";
        let JsonBody { source, files, kind, version, key, draft } = form::read_json_code(payload, shape).await?;
        let code = Typed::of_json(source, files).ok_or(WebError::BadRequest(shape))?;
        let basis = Basis { revision: draft, writer: None };
        Ok(Self { code, kind, version, key, basis, as_guest: false })
    }

    fn of_form(form: &Form) -> Self {
        Self {
            code: Typed::of_form(form),
            kind: form.text("kind").to_owned(),
            version: form.text("version").to_owned(),
            key: form.text("key").to_owned(),
            basis: basis(form),
            as_guest: form.text("as_guest") == "yes",
        }
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
