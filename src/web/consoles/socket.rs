//! `GET /consoles/{id}/socket`: a WebSocket (RFC 6455) between a page and the rows of its console.
//!
//! A page says `{"op":"lines","text"}`, `{"op":"interrupt"}` and `{"op":"close"}`. It hears `{"op":"piece","seq","kind",
//! "text"}`, `{"op":"state","state","words"}` when that changes, `{"op":"taken"}` or `{"op":"refused","detail"}` to what it
//! said, and `{"op":"ended","reason","words"}` as the last. `after` is the number of the last piece that it has already.

use std::time::Duration;

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{AggregatedMessage, CloseCode, CloseReason, Closed, ProtocolError, Session};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::{Instant, sleep_until, timeout};

use super::sockets::Place;
use super::{of_path, say};
use crate::db::api_tokens;
use crate::db::consoles::{self, ConsoleState};
use crate::db::sessions::{self, Session as Login};
use crate::domain::console::{EndReason, Typed};
use crate::domain::ids::{ApiTokenId, ConsoleId, UserId};
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::origin;
use crate::web::state::AppState;
use crate::web::views::console::{end_words, state_words};
use crate::web::visitor::Visitor;
use crate::web::watch::Watcher;

/// How long a page may say nothing, not even that it has heard us ask, before it counts as gone.
const SILENCE: Duration = Duration::from_secs(45);

/// How long a page may take to take a message.
const SLOW: Duration = Duration::from_secs(20);

/// Longest pause between two looks at the rows, should a notification have been lost.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Pieces that are read at once.
const AT_ONCE: i64 = 2_000;

/// When somebody may ask again who has as many sockets as they may.
const CROWDED: Duration = Duration::from_secs(5);

/// Largest message of a page, in bytes, beside what may be typed: its JSON around it.
const AROUND: usize = 1024;

/// Opens the socket.
///
/// # Errors
/// [`WebError::ForeignOrigin`] for pages of others; [`WebError::NotFound`] for everybody but the console's owner;
/// [`WebError::TooMany`] for who has as many as they may.
pub async fn open(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    // A browser asks nobody before it connects another site's page to us, and sends our cookie along.
    if visitor.grant.is_none() && !origin::is_ours(request.headers(), true) {
        return Err(WebError::ForeignOrigin);
    }
    let (id, user) = of_path(&path, &visitor)?;
    // Registered before the rows are read, so that nothing is missed between the two.
    let watcher = state.hub.watch(id);
    consoles::find(&state.pool, id, user).await?.ok_or(WebError::NotFound)?;
    let place = state
        .sockets
        .place(user, state.settings.consoles.limits.sockets)
        .ok_or(WebError::TooMany { what: "sockets", wait: CROWDED })?;
    let last = Form::parse(request.query_string().as_bytes()).text("after").parse().unwrap_or(0);
    let (response, session, stream) = actix_ws::handle(&request, payload)
        .map_err(|_| WebError::BadRequest("this address is for WebSockets: ask for one"))?;
    // JSON doubles line ends and quotes.
    let most = 2 * state.settings.consoles.limits.line_bytes + AROUND;
    let stream = stream.max_frame_size(most).aggregate_continuations().max_continuation_size(most);
    let pass = match &visitor.grant {
        Some(grant) => Pass::Token(grant.id),
        None => Pass::Login(visitor.token.hash()),
    };
    let control = Control { since: Instant::now(), count: 0 };
    let bridge = Bridge { id, user, pass, state, watcher, session, last, told: None, control, _place: place };
    actix_web::rt::spawn(bridge.run(stream));
    Ok(response)
}

#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Message {
    Lines { text: String },
    Interrupt,
    Close,
}

/// Why a bridge ends.
enum End {
    /// The console is over, and the page was told so.
    Over,
    /// The page has gone, or is told why it must.
    Gone(Option<CloseReason>),
}

impl From<Closed> for End {
    fn from(_: Closed) -> Self {
        Self::Gone(None)
    }
}

fn closing(code: CloseCode, words: &str) -> End {
    End::Gone(Some(CloseReason { code, description: Some(words.to_owned()) }))
}

/// What a socket was opened with. It is looked at again for as long as the socket is open.
enum Pass {
    Login(sessions::TokenHash),
    Token(ApiTokenId),
}

/// Pings and pongs of the present second.
struct Control {
    since: Instant,
    count: u32,
}

impl Control {
    /// Counts one; whether it is within the limit.
    fn is_calm(&mut self, now: Instant, most: u32) -> bool {
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            *self = Self { since: now, count: 0 };
        }
        self.count += 1;
        self.count <= most
    }
}

struct Bridge {
    id: ConsoleId,
    user: UserId,
    pass: Pass,
    state: AppState,
    watcher: Watcher,
    session: Session,
    /// The last piece that was sent.
    last: i32,
    told: Option<ConsoleState>,
    control: Control,
    _place: Place,
}

impl Bridge {
    async fn run(mut self, mut stream: actix_ws::AggregatedMessageStream) {
        let end = match self.serve(&mut stream).await {
            Ok(never) => match never {},
            Err(end) => end,
        };
        let reason = match end {
            End::Over => Some(CloseCode::Normal.into()),
            End::Gone(reason) => {
                let grace = self.state.settings.consoles.limits.grace();
                if let Err(error) = consoles::leave(&self.state.pool, self.id, grace).await {
                    WebError::from(error).log();
                }
                reason
            }
        };
        let _ = self.session.close(reason).await;
    }

    async fn serve(&mut self, stream: &mut actix_ws::AggregatedMessageStream) -> Result<std::convert::Infallible, End> {
        let shutdown = self.state.shutdown.clone();
        let mut renew_at = Instant::now();
        let mut heard = Instant::now();
        // What a page says is no reason to look at the rows.
        let (mut look, mut look_at) = (true, Instant::now());
        loop {
            if Instant::now() >= renew_at {
                renew_at = Instant::now() + self.state.settings.consoles.limits.grace() / 2;
                self.renew().await?;
            }
            if look || Instant::now() >= look_at {
                self.look().await?;
                look_at = Instant::now() + LOOK_AGAIN;
            }
            look = tokio::select! {
                biased;
                () = shutdown.cancelled() => return Err(closing(CloseCode::Away, "the site restarts")),
                () = self.watcher.changed() => true,
                () = sleep_until(renew_at.min(look_at)) => false,
                message = stream.recv() => {
                    heard = Instant::now();
                    self.hear(message).await?;
                    false
                }
            };
            if heard.elapsed() > SILENCE {
                return Err(End::Gone(None));
            }
        }
    }

    /// Says that somebody is there, if they still may be: for twice as long as one who left is waited for. A site that is
    /// killed says nothing any more.
    async fn renew(&mut self) -> Result<(), End> {
        let attended = 2 * self.state.settings.consoles.limits.grace();
        let over = match &self.pass {
            Pass::Login(login) => {
                matches!(sessions::find(&self.state.pool, login).await, Ok(Login::Expired { .. } | Login::Unknown))
            }
            Pass::Token(id) => matches!(api_tokens::is_live(&self.state.pool, *id).await, Ok(false)),
        };
        if over && let Err(error) = consoles::end(&self.state.pool, self.id, self.user, EndReason::SignedOut).await {
            WebError::from(error).log();
        }
        if let Err(error) = consoles::attach(&self.state.pool, self.id, self.user, attended).await {
            WebError::from(error).log();
        }
        match timeout(SLOW, self.session.ping(b"")).await {
            Ok(sent) => Ok(sent?),
            Err(_) => Err(End::Gone(None)),
        }
    }

    async fn hear(&mut self, message: Option<Result<AggregatedMessage, ProtocolError>>) -> Result<(), End> {
        if let Some(Ok(AggregatedMessage::Ping(_) | AggregatedMessage::Pong(_))) = &message
            && !self.control.is_calm(Instant::now(), self.state.settings.consoles.limits.control_frames)
        {
            return Err(closing(CloseCode::Policy, "too many pings"));
        }
        let text = match message {
            Some(Ok(AggregatedMessage::Text(text))) => text,
            Some(Ok(AggregatedMessage::Ping(bytes))) => return Ok(self.session.pong(&bytes).await?),
            Some(Ok(AggregatedMessage::Pong(_))) => return Ok(()),
            Some(Ok(AggregatedMessage::Binary(_))) => {
                return Err(closing(CloseCode::Unsupported, "messages are texts"));
            }
            Some(Ok(AggregatedMessage::Close(_))) | None => return Err(End::Gone(None)),
            Some(Err(ProtocolError::Overflow)) => return Err(closing(CloseCode::Size, "the message is too large")),
            Some(Err(_)) => return Err(closing(CloseCode::Protocol, "that is no WebSocket frame")),
        };
        let said = match serde_json::from_str(&text) {
            Ok(Message::Lines { text }) => say::said(&self.state, self.id, self.user, say::lines_of(&text)).await,
            Ok(Message::Interrupt) => say::said(&self.state, self.id, self.user, Typed::Interrupt).await,
            Ok(Message::Close) => {
                consoles::end(&self.state.pool, self.id, self.user, EndReason::Closed).await.map_err(WebError::from)
            }
            Err(_) => return Err(closing(CloseCode::Policy, "that is no message of a console")),
        };
        match said {
            Ok(()) => self.tell(&json!({ "op": "taken" })).await,
            Err(error) => {
                error.log();
                self.tell(&json!({ "op": "refused", "detail": error.problem().detail })).await
            }
        }
    }

    /// Tells the page what is new.
    async fn look(&mut self) -> Result<(), End> {
        let (state, pieces) = match self.read().await {
            Ok(read) => read,
            Err(error) => {
                error.log();
                return Ok(());
            }
        };
        for piece in pieces {
            self.last = piece.seq;
            self.tell(&json!({ "op": "piece", "seq": piece.seq, "kind": piece.kind, "text": piece.text })).await?;
        }
        if let ConsoleState::Ended(reason) = state {
            self.tell(&json!({ "op": "ended", "reason": reason, "words": end_words(reason) })).await?;
            return Err(End::Over);
        }
        if self.told != Some(state) {
            self.told = Some(state);
            let name = if state == ConsoleState::Running { "running" } else { "queued" };
            self.tell(&json!({ "op": "state", "state": name, "words": state_words(state) })).await?;
        }
        Ok(())
    }

    /// The state first: all that was shown before an end is there then.
    async fn read(&self) -> Result<(ConsoleState, Vec<consoles::Numbered>), WebError> {
        let console = consoles::find(&self.state.pool, self.id, self.user).await?;
        // Its owner's row is gone: a guest who has signed in.
        let state = console.map_or(ConsoleState::Ended(EndReason::SignedOut), |console| console.state);
        Ok((state, consoles::pieces(&self.state.pool, self.id, self.last, AT_ONCE).await?))
    }

    async fn tell(&mut self, message: &impl Serialize) -> Result<(), End> {
        let text = serde_json::to_string(message).unwrap_or_default();
        match timeout(SLOW, self.session.text(text)).await {
            Ok(sent) => Ok(sent?),
            Err(_) => Err(End::Gone(None)),
        }
    }
}
