//! The examples of a lesson that readers can run: as on the site, but at once and without a queue.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;
use serde_json::json;

use super::lab::Engine;
use super::pages;
use super::site::Site;
use crate::content;
use crate::domain::block::Block;
use crate::domain::ids::ImageName;
use crate::domain::source::SourceCode;
use crate::web::client;
use crate::web::error::WebError;
use crate::web::form;
use crate::web::page::Frame;
use crate::web::views::block::{BlockDesk, BlockResultView};
use crate::web::views::exercise::Message;

/// `POST /lessons/{slug}/blocks/{number}`: what comes of an example as it stands, or as it was changed. Its page; for scripts
/// `{"html", "sentence"}`, or `{"detail"}` where nothing comes of it.
pub(super) async fn run(
    request: HttpRequest,
    path: web::Path<(String, usize)>,
    site: web::Data<Site>,
    payload: Payload,
) -> HttpResponse {
    let (slug, number) = path.into_inner();
    let shown = site.desk.shown();
    let Some((written, image)) = shown.course().lesson(&slug).and_then(|lesson| lesson.block(number)) else {
        return pages::missing(&site, &shown, Frame::of_request(&request));
    };
    let (status, desk) = match form::read(&request, payload).await {
        Ok(form) => desk(&site, form.bytes("code").unwrap_or(written.as_bytes()), image).await,
        Err(error) => {
            let message = Some(Message::bad(error.problem().detail));
            (StatusCode::UNPROCESSABLE_ENTITY, BlockDesk { message, ..BlockDesk::default() })
        }
    };
    if !client::wants_json(&request) {
        // The reader's own address is that of the lesson, so that a reload shows it as it is.
        let frame = Frame::of_request(&request).at(format!("/lessons/{slug}"));
        return pages::lesson_with(frame, &site, &slug, status, HashMap::from([(number, desk)]));
    }
    if let Some(message) = &desk.message {
        return HttpResponse::build(status).json(json!({ "detail": message.text }));
    }
    let sentence = desk.sentence().unwrap_or_default().to_owned();
    let rendered: Result<String, WebError> = site.templates.render("block_result.html", context! { block => desk });
    match rendered {
        Ok(html) => HttpResponse::build(status).json(json!({ "html": html, "sentence": sentence })),
        Err(error) => HttpResponse::InternalServerError().json(json!({ "detail": error.to_string() })),
    }
}

/// What is to be shown at an example once `code` has run, or why it has not.
async fn desk(site: &Site, code: &[u8], image: Option<&ImageName>) -> (StatusCode, BlockDesk) {
    let typed = String::from_utf8_lossy(code).into_owned();
    let refused = |status, why: String| {
        (status, BlockDesk { code: Some(typed.clone()), message: Some(Message::bad(why)), ..BlockDesk::default() })
    };
    let code = match SourceCode::parse(code, site.lab.limits().source_bytes) {
        Ok(code) => code.as_str().to_owned(),
        Err(error) => return refused(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
    };
    let checks = match site.lab.engine() {
        Engine::Ready(checks) => checks,
        Engine::Starting => return refused(StatusCode::SERVICE_UNAVAILABLE, "The sandbox starts.".to_owned()),
        Engine::Missing(why) => {
            let why = format!("Examples cannot be run: {why}. `athanor doctor` says what is missing.");
            return refused(StatusCode::SERVICE_UNAVAILABLE, why);
        }
    };
    let block = Block { expressions: content::expressions(&code), code: code.clone(), image: image.cloned() };
    match site.lab.run_block(&checks, &block).await {
        Ok(result) => {
            let result = Some(BlockResultView::new(&result));
            (StatusCode::OK, BlockDesk { code: Some(code), result, ..BlockDesk::default() })
        }
        Err(fault) => refused(StatusCode::INTERNAL_SERVER_ERROR, format!("It could not be run: {fault}.")),
    }
}
