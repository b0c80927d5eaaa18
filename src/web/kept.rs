//! Pages that are the same for everybody whom we do not know. They are rendered and compressed once, and forgotten with
//! the course that they show.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, PoisonError, RwLock};

use actix_web::http::header::{
    AcceptEncoding, CONTENT_ENCODING, ContentEncoding, Encoding, Header as _, HeaderValue, VARY,
};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;

use super::cookies;
use super::error::WebError;
use super::visitor::Visitor;

/// Brotli's quality and window, and gzip's level: what a page gains beyond these is not worth the first reader's wait.
const BROTLI: (u32, u32) = (6, 20);
const GZIP: u32 = 7;

/// The pages kept so far, by name and theme.
#[derive(Debug, Default)]
pub struct KeptPages(RwLock<HashMap<Key, Arc<KeptPage>>>);

/// A page's name, and the theme it is in.
type Key = (String, Option<&'static str>);

/// A page in each encoding that it can be sent in.
#[derive(Debug)]
struct KeptPage {
    plain: Bytes,
    gzip: Bytes,
    brotli: Bytes,
}

impl KeptPages {
    /// The page of this name: as it is kept, or else rendered now, and kept.
    ///
    /// # Errors
    /// Those of rendering it.
    pub async fn page(
        &self,
        request: &HttpRequest,
        name: &str,
        html: impl Future<Output = Result<String, WebError>>,
    ) -> Result<HttpResponse, WebError> {
        match self.answer(request, name) {
            Some(kept) => Ok(kept),
            None => Ok(self.keep(request, name, html.await?)),
        }
    }

    /// The page of this name for a request, if it is kept.
    fn answer(&self, request: &HttpRequest, name: &str) -> Option<HttpResponse> {
        let pages = self.0.read().unwrap_or_else(PoisonError::into_inner);
        pages.get(&(name.to_owned(), theme(request))).map(|page| page.answer(request))
    }

    /// Keeps a page that was rendered for a request, and answers with it. A name is the lesson's, not a path that a
    /// reader may write in many ways: so there are as many as the course has pages, times three themes.
    fn keep(&self, request: &HttpRequest, name: &str, html: String) -> HttpResponse {
        let page = Arc::new(KeptPage::new(html));
        let answer = page.answer(request);
        let key = (name.to_owned(), theme(request));
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(key, page);
        answer
    }
}

/// Whether a page for this request is one for everybody whom we do not know.
#[must_use]
pub fn serves(request: &HttpRequest, visitor: &Visitor) -> bool {
    visitor.is_nobody() && request.query_string().is_empty()
}

fn theme(request: &HttpRequest) -> Option<&'static str> {
    request.cookie(cookies::THEME).and_then(|cookie| cookies::theme(cookie.value()))
}

impl KeptPage {
    fn new(html: String) -> Self {
        // Into memory nothing fails; and if it did, the page would be sent as it is.
        let mut brotli = brotli::CompressorWriter::new(Vec::new(), 4096, BROTLI.0, BROTLI.1);
        let brotli = brotli.write_all(html.as_bytes()).map(|()| brotli.into_inner()).unwrap_or_default();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(GZIP));
        let gzip = gzip.write_all(html.as_bytes()).and_then(|()| gzip.finish()).unwrap_or_default();
        Self { plain: html.into(), gzip: gzip.into(), brotli: brotli.into() }
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let offered = [Encoding::brotli(), Encoding::gzip(), Encoding::identity()];
        let wanted = AcceptEncoding::parse(request).ok().and_then(|accepted| accepted.negotiate(offered.iter()));
        let encoding = match wanted {
            Some(Encoding::Known(encoding)) => encoding,
            _ => ContentEncoding::Identity,
        };
        let body = match encoding {
            ContentEncoding::Brotli => &self.brotli,
            ContentEncoding::Gzip => &self.gzip,
            _ => &self.plain,
        };
        let mut answer = HttpResponse::Ok();
        answer
            .content_type("text/html; charset=utf-8")
            .insert_header((VARY, HeaderValue::from_static("accept-encoding")));
        if encoding != ContentEncoding::Identity {
            answer.insert_header((CONTENT_ENCODING, encoding.as_str()));
        }
        answer.body(body.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use actix_web::body::to_bytes;
    use actix_web::test::TestRequest;

    use super::*;

    async fn sent(pages: &KeptPages, accepted: &str) -> (Option<String>, Vec<u8>) {
        let mut request = TestRequest::get().uri("/lessons/x");
        if !accepted.is_empty() {
            request = request.insert_header(("accept-encoding", accepted));
        }
        let answer = pages.answer(&request.to_http_request(), "x").unwrap();
        assert_eq!(answer.headers().get(VARY).unwrap(), "accept-encoding");
        let encoding = answer.headers().get(CONTENT_ENCODING).map(|value| value.to_str().unwrap().to_owned());
        (encoding, to_bytes(answer.into_body()).await.unwrap().to_vec())
    }

    #[actix_web::test]
    async fn a_kept_page_is_sent_as_the_reader_takes_it() {
        let pages = KeptPages::default();
        let request = TestRequest::get().uri("/lessons/x").to_http_request();
        assert!(pages.answer(&request, "x").is_none());
        let html = "<p>é</p>".repeat(100);
        pages.keep(&request, "x", html.clone());
        assert_eq!(sent(&pages, "").await, (None, html.clone().into_bytes()));
        assert_eq!(sent(&pages, "zstd").await, (None, html.clone().into_bytes()));
        let (encoding, body) = sent(&pages, "gzip, deflate").await;
        let mut text = String::new();
        flate2::read::GzDecoder::new(body.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!((encoding.as_deref(), text.as_str()), (Some("gzip"), html.as_str()));
        let (encoding, body) = sent(&pages, "gzip, deflate, br, zstd").await;
        let mut text = String::new();
        brotli::Decompressor::new(body.as_slice(), 4096).read_to_string(&mut text).unwrap();
        assert_eq!((encoding.as_deref(), text.as_str()), (Some("br"), html.as_str()));
    }

    #[test]
    fn themes_and_pages_are_kept_apart() {
        let pages = KeptPages::default();
        let request = |theme: Option<&'static str>| {
            let cookie = theme.map(|theme| actix_web::cookie::Cookie::new(cookies::THEME, theme));
            cookie.into_iter().fold(TestRequest::get(), TestRequest::cookie).to_http_request()
        };
        pages.keep(&request(Some("dark")), "x", "dark".into());
        assert!(pages.answer(&request(None), "x").is_none());
        assert!(pages.answer(&request(Some("dark")), "y").is_none());
        assert!(pages.answer(&request(Some("dark")), "x").is_some());
    }
}
