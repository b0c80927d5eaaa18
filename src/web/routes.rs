//! Which path goes where.

use actix_web::web::{self, ServiceConfig};

use super::account::{details, export, home, leave, openid, password, reset, sign_in, sign_out, sign_up, tokens};
use super::drafts::{api, others, save};
use super::error::WebError;
use super::submissions::{attempts, cancel, create, events, report, show};
use super::{
    assets, blocks, consoles, course, editing, glossary, health, instructor, lessons, programs, progress, search, theme,
};

/// The routes of the site.
pub fn configure(config: &mut ServiceConfig) {
    config
        .route("/", web::get().to(course::get))
        .route("/lessons/{slug}", web::get().to(lessons::show::show))
        .route("/exercises/{id}/submissions", web::post().to(create::create))
        .route("/exercises/{id}/format", web::post().to(editing::format::format))
        .route("/api/v1/exercises/{id}/format", web::post().to(editing::format::format))
        .route("/exercises/{id}/starter", web::post().to(editing::starter::starter))
        .route("/api/v1/exercises/{id}/starter", web::post().to(editing::starter::starter))
        .route("/exercises/{id}/draft", web::post().to(save::post))
        .route("/exercises/{id}/draft/restore", web::post().to(others::restore))
        .route("/exercises/{id}/draft/others/{other}/take", web::post().to(others::take))
        .route("/exercises/{id}/draft/others/{other}/drop", web::post().to(others::drop))
        .service(web::resource("/api/v1/exercises/{id}/draft").get(api::get).put(api::put).delete(api::delete))
        .route("/api/v1/exercises/{id}/draft/restore", web::post().to(others::restore))
        .route("/api/v1/exercises/{id}/draft/others/{other}/take", web::post().to(others::take))
        .route("/api/v1/exercises/{id}/draft/others/{other}", web::delete().to(others::drop))
        .route("/exercises/{id}/attempts", web::get().to(attempts::list))
        .route("/api/v1/exercises/{id}/attempts", web::get().to(attempts::list))
        .route("/instructor/exercises/{id}/learners/{user}/attempts", web::get().to(attempts::of_learner))
        .route("/api/v1/instructor/exercises/{id}/learners/{user}/attempts", web::get().to(attempts::of_learner))
        .route("/submissions/{id}", web::get().to(show::show))
        .route("/submissions/{id}/cancel", web::post().to(cancel::cancel))
        .route("/submissions/{id}/report", web::post().to(report::report))
        .route("/api/v1/submissions/{id}/report", web::post().to(report::report))
        .route("/api/v1/exercises/{id}/submissions", web::post().to(create::create))
        .service(web::resource("/api/v1/submissions/{id}").get(show::show).delete(cancel::cancel))
        .route("/submissions/{id}/events", web::get().to(events::stream))
        .route("/api/v1/submissions/{id}/events", web::get().to(events::stream))
        .route("/exercises/{id}/hints/{number}", web::post().to(lessons::hint::open))
        .route("/api/v1/exercises/{id}/hints/{number}", web::post().to(lessons::hint::open))
        .route("/lessons/{slug}/pictures/{name}", web::get().to(lessons::picture::picture))
        .route("/lessons/{slug}/blocks/{number}", web::post().to(blocks::create::create))
        .route("/api/v1/lessons/{slug}/blocks/{number}", web::post().to(blocks::create::create))
        .route("/exercises/{id}/console", web::post().to(consoles::open::exercise))
        .route("/api/v1/exercises/{id}/console", web::post().to(consoles::open::exercise))
        .route("/lessons/{slug}/blocks/{number}/console", web::post().to(consoles::open::block))
        .route("/api/v1/lessons/{slug}/blocks/{number}/console", web::post().to(consoles::open::block))
        .route("/consoles/{id}", web::get().to(consoles::show::show))
        .service(web::resource("/api/v1/consoles/{id}").get(consoles::show::show).delete(consoles::say::close))
        .route("/consoles/{id}/lines", web::post().to(consoles::say::lines))
        .route("/api/v1/consoles/{id}/lines", web::post().to(consoles::say::lines))
        .route("/consoles/{id}/interrupt", web::post().to(consoles::say::interrupt))
        .route("/api/v1/consoles/{id}/interrupt", web::post().to(consoles::say::interrupt))
        .route("/consoles/{id}/close", web::post().to(consoles::say::close))
        .route("/consoles/{id}/socket", web::get().to(consoles::socket::open))
        .route("/api/v1/consoles/{id}/socket", web::get().to(consoles::socket::open))
        .route("/runs/{id}", web::get().to(blocks::show::show))
        .route("/api/v1/runs/{id}", web::get().to(blocks::show::result))
        .service(web::resource("/api/v1/languages").get(programs::languages::list))
        .service(web::resource("/api/v1/run/{language}").post(programs::run::run))
        .service(web::resource("/run/{language}").post(programs::plain::run))
        .route("/glossary", web::get().to(glossary::get))
        .route("/api/v1/glossary", web::get().to(glossary::get))
        .route("/search", web::get().to(search::page::get))
        .route("/api/v1/search", web::get().to(search::page::api))
        .route("/progress", web::get().to(progress::get))
        .service(web::resource("/sign-up").get(sign_up::get).post(sign_up::post))
        .service(web::resource("/sign-in").get(sign_in::get).post(sign_in::post))
        .service(web::resource("/password").get(password::get).post(password::post))
        .configure(accounts)
        .service(web::resource("/account/tokens").get(tokens::list).post(tokens::make))
        .route("/account/tokens/{id}/revoke", web::post().to(tokens::revoke))
        .service(web::resource("/api/v1/account/tokens").get(tokens::list).post(tokens::make))
        .route("/api/v1/account/tokens/{id}", web::delete().to(tokens::revoke))
        .route("/sign-out", web::post().to(sign_out::post))
        .route("/theme", web::post().to(theme::post))
        .route("/instructor/submissions", web::get().to(instructor::submissions::list))
        .route("/instructor/reports", web::get().to(instructor::reports::list))
        .route("/instructor/reports/{id}", web::post().to(instructor::reports::answer))
        .route("/api/v1/instructor/reports", web::get().to(instructor::reports::list))
        .route("/api/v1/instructor/reports/{id}", web::post().to(instructor::reports::answer))
        .route("/instructor/regrades", web::get().to(instructor::regrades::list))
        .route("/instructor/regrades/{id}", web::get().to(instructor::regrades::show))
        .route("/instructor/regrades/{id}/apply", web::post().to(instructor::regrades::apply))
        .route("/instructor/regrades/{id}/discard", web::post().to(instructor::regrades::discard))
        .route("/api/v1/instructor/regrades", web::get().to(instructor::regrades::list))
        .route("/api/v1/instructor/regrades/{id}", web::get().to(instructor::regrades::show))
        .route("/api/v1/instructor/regrades/{id}/apply", web::post().to(instructor::regrades::apply))
        .route("/api/v1/instructor/regrades/{id}/discard", web::post().to(instructor::regrades::discard))
        .route("/healthz", web::get().to(health::alive))
        .route("/readyz", web::get().to(health::ready))
        .route("/assets/{path:.*}", web::get().to(assets::get))
        .default_service(web::to(nothing_here));
}

/// What somebody does with their own account; below `/api/v1` the same for programs that have a session.
fn accounts(config: &mut ServiceConfig) {
    for root in ["", "/api/v1"] {
        let at = |path: &str| format!("{root}{path}");
        config
            .route(&at("/account"), web::get().to(home::get))
            .route(&at("/account/name"), web::post().to(details::name))
            .route(&at("/account/email"), web::post().to(details::email))
            .route(&at("/account/disconnect"), web::post().to(openid::disconnect))
            .route(&at("/account/sign-out-everywhere"), web::post().to(leave::everywhere))
            .route(&at("/account/delete"), web::post().to(leave::delete))
            .route(&at("/account/export"), web::get().to(export::get))
            .route(&at("/reset"), web::post().to(reset::post))
            .route(&at("/reset/{token}"), web::post().to(reset::redeem));
    }
    config
        .route("/api/v1/account/password", web::post().to(password::post))
        .route("/account/deleted", web::get().to(leave::deleted))
        .route("/reset", web::get().to(reset::get))
        .route("/reset/{token}", web::get().to(reset::open))
        .route("/openid", web::post().to(openid::depart))
        .route("/openid/callback", web::get().to(openid::arrive));
}

async fn nothing_here() -> Result<&'static str, WebError> {
    Err(WebError::NotFound)
}
