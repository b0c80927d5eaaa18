//! Bodies of forms, decoded to bytes: whether they are UTF-8 is for the reader of a field to find out.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Payload;
use bytes::BytesMut;
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;

use super::error::WebError;
use crate::domain::source::SourceRejected;

/// Hard cap of a body, in bytes, past which it is not read any further. Form encoding triples a source at the worst,
/// so that a source of several times the limit can still be given back with a word about its size.
pub const MAX_BODY: usize = 1024 * 1024;

/// Fields of a form, in order.
#[derive(Debug, Default, Clone)]
pub struct Form(Vec<(String, Vec<u8>)>);

impl Form {
    /// Decodes `application/x-www-form-urlencoded`. A percent sign that starts no byte stands for itself, as the URL
    /// standard has it.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let fields = body
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
                let value = pair.get(at + 1..).unwrap_or_default();
                (String::from_utf8_lossy(&decode(&pair[..at])).into_owned(), decode(value))
            })
            .collect();
        Self(fields)
    }

    /// All fields, in order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// A field's bytes.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_slice())
    }

    /// The texts of all fields of a name, in order; empty where they are not UTF-8.
    pub fn texts<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        let named = self.0.iter().filter(move |(field, _)| field == name);
        named.map(|(_, value)| std::str::from_utf8(value).unwrap_or_default())
    }

    /// A field's text; empty when it is missing or not UTF-8.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.bytes(name).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

fn decode(text: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        match (text[at], digit(text.get(at + 1)), digit(text.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                at += 2;
            }
            (b'+', _, _) => decoded.push(b' '),
            (byte, _, _) => decoded.push(byte),
        }
        at += 1;
    }
    decoded
}

/// Reads a body of at most [`MAX_BODY`] bytes.
///
/// # Errors
/// [`WebError::BodyTooLarge`], or [`WebError::BadRequest`] when the connection ends in the middle.
pub async fn read_body(mut payload: Payload) -> Result<BytesMut, WebError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| WebError::BadRequest("the request ended before its body was complete"))?;
        if body.len() + chunk.len() > MAX_BODY {
            return Err(WebError::BodyTooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn content_type(request: &HttpRequest) -> &str {
    request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether the body says that it is JSON.
#[must_use]
pub fn is_json(request: &HttpRequest) -> bool {
    content_type(request).starts_with("application/json")
}

/// Reads a body of JSON. `shape` says what it must look like.
///
/// # Errors
/// As [`read_body`]; [`WebError::BadRequest`] with `shape`.
pub async fn read_json<T: DeserializeOwned>(payload: Payload, shape: &'static str) -> Result<T, WebError> {
    serde_json::from_slice(&read_body(payload).await?).map_err(|_| WebError::BadRequest(shape))
}

/// The same where the body holds somebody's code, of which it is said where it stops being UTF-8.
///
/// # Errors
/// As [`read_json`], and [`WebError::Source`].
pub async fn read_json_code<T: DeserializeOwned>(payload: Payload, shape: &'static str) -> Result<T, WebError> {
    let body = read_body(payload).await?;
    serde_json::from_str(text(&body)?).map_err(|_| WebError::BadRequest(shape))
}

/// Bytes as the text that they are.
///
/// # Errors
/// [`WebError::Source`] says where they stop being UTF-8.
pub fn text(bytes: &[u8]) -> Result<&str, WebError> {
    let not_text = |error: std::str::Utf8Error| SourceRejected::NotUtf8 { valid_up_to: error.valid_up_to() };
    Ok(std::str::from_utf8(bytes).map_err(not_text)?)
}

/// Reads a form.
///
/// # Errors
/// As [`read_body`]; [`WebError::UnsupportedMedia`] when the body is no form.
pub async fn read(request: &HttpRequest, payload: Payload) -> Result<Form, WebError> {
    let body = read_body(payload).await?;
    if body.is_empty() {
        return Ok(Form::default());
    }
    if !content_type(request).starts_with("application/x-www-form-urlencoded") {
        return Err(WebError::UnsupportedMedia);
    }
    Ok(Form::parse(&body))
}

/// Reads a form, or a JSON object as if it were one: texts as they are, `true` as `yes`, everything else as nothing.
///
/// # Errors
/// As [`read`]; [`WebError::BadRequest`] when it says that it is JSON and is not an object.
pub async fn read_any(request: &HttpRequest, payload: Payload) -> Result<Form, WebError> {
    if !is_json(request) {
        return read(request, payload).await;
    }
    let fields: serde_json::Map<String, serde_json::Value> =
        read_json(payload, "the body must be a JSON object").await?;
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text.into_bytes(),
        serde_json::Value::Bool(true) => b"yes".to_vec(),
        _ => Vec::new(),
    };
    Ok(Form(fields.into_iter().map(|(name, value)| (name, text(value))).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_that_are_not_utf_8_come_through_as_they_are() {
        let form = Form::parse(b"source=a%FFb%0D%0A+c&kind=run&empty=&odd");
        assert_eq!(form.bytes("source"), Some(&b"a\xffb\r\n c"[..]));
        assert_eq!(form.text("source"), "");
        assert_eq!(form.text("kind"), "run");
        assert_eq!(form.bytes("empty"), Some(&b""[..]));
        assert_eq!(form.bytes("odd"), Some(&b""[..]));
        assert_eq!(form.bytes("missing"), None);
    }

    #[test]
    fn a_lone_percent_sign_stands_for_itself() {
        assert_eq!(
            Form::parse(b"a=100%&b=%4&c=%zz").0.iter().map(|(_, v)| v.as_slice()).collect::<Vec<_>>(),
            [&b"100%"[..], b"%4", b"%zz"]
        );
    }

    proptest! {
        #[test]
        fn whatever_a_browser_encodes_is_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let encoded: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
            let form = Form::parse(format!("x=1&source={encoded}").as_bytes());
            prop_assert_eq!(form.bytes("source"), Some(bytes.as_slice()));
        }

        #[test]
        fn no_body_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Form::parse(&bytes);
        }
    }
}
