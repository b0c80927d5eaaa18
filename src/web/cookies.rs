//! The cookies: the session's, which scripts cannot read, the theme's and the one for drafts, which they may.

use actix_web::cookie::{Cookie, SameSite, time};

use crate::auth::owner;
use crate::auth::token::SessionToken;

/// The session's cookie on plain http, which only a machine of one's own uses.
pub const SESSION: &str = "athanor";
/// The session's cookie under https: the prefix makes browsers insist on `Secure`, `Path=/` and this very host.
pub const SESSION_HTTPS: &str = "__Host-athanor";
/// The theme's cookie.
pub const THEME: &str = "theme";

/// The cookie with the name under which a browser keeps the drafts of somebody unknown, see [`crate::auth::owner`]. Of
/// somebody known the page says it.
pub const DRAFTS: &str = "drafts";

/// Name of the session's cookie.
#[must_use]
pub const fn session_name(https: bool) -> &'static str {
    if https { SESSION_HTTPS } else { SESSION }
}

/// The cookie that carries a session. It outlives the session, whose end the database decides: a browser that still
/// shows an ended one can be told so. Browsers keep no cookie longer than 400 days (RFC 6265bis).
#[must_use]
pub fn session(token: &SessionToken, https: bool) -> Cookie<'static> {
    Cookie::build(session_name(https), token.as_str().to_owned())
        .path("/")
        .http_only(true)
        .secure(https)
        .same_site(SameSite::Lax)
        .max_age(time::Duration::days(400))
        .finish()
}

/// The cookie that tells scripts whose drafts these are. It lasts as long as the session's.
#[must_use]
pub fn drafts(token: &SessionToken, https: bool) -> Cookie<'static> {
    Cookie::build(DRAFTS, owner::of_session(token))
        .path("/")
        .secure(https)
        .same_site(SameSite::Lax)
        .max_age(time::Duration::days(400))
        .finish()
}

/// The theme that a cookie's text stands for; `None` follows the system.
#[must_use]
pub fn theme(text: &str) -> Option<&'static str> {
    ["light", "dark"].into_iter().find(|theme| *theme == text)
}

/// The cookie that keeps a theme.
#[must_use]
pub fn theme_cookie(theme: Option<&'static str>, https: bool) -> Cookie<'static> {
    let mut cookie = Cookie::build(THEME, theme.unwrap_or_default())
        .path("/")
        .secure(https)
        .same_site(SameSite::Lax)
        .max_age(time::Duration::days(365))
        .finish();
    if theme.is_none() {
        cookie.make_removal();
    }
    cookie
}
