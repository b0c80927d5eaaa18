//! Who asks: the session behind the cookie, if there is one, or the owner of an API token.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use futures_util::future::LocalBoxFuture;

use super::bearer::{self, Grant};
use super::error::WebError;
use super::headers::SetCookies;
use super::state::AppState;
use super::views::layout::AccountView;
use super::{client, cookies};
use crate::auth::owner;
use crate::auth::token::SessionToken;
use crate::db::sessions::{self, Evidence, Session};
use crate::db::users;
use crate::domain::account::{Role, User, may_review};
use crate::domain::ids::UserId;
use crate::domain::scope::Scope;

/// Who asks.
#[derive(Debug)]
pub struct Visitor {
    /// The token of the cookie, or a new one that goes out with the answer. With an API token it belongs to nobody.
    pub token: SessionToken,
    /// The API token that was shown instead of a cookie.
    pub grant: Option<Grant>,
    who: Who,
}

#[derive(Debug)]
enum Who {
    /// No row yet: a guest who only reads.
    Nobody,
    /// Somebody, guests with attempts included.
    Somebody { user: User, must_change_password: bool },
    /// Somebody who was signed in and is not any more.
    Ended(UserId),
    /// The database did not say.
    Unsure,
}

/// What pages say about who asks, kept with the request so that error pages say it too.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The account in the header.
    pub account: Option<AccountView>,
    /// Whether the session ended.
    pub ended: bool,
}

/// Paths that somebody with a one-time password may use.
const WITHOUT_OWN_PASSWORD: [&str; 3] = ["/password", "/sign-out", "/theme"];

impl FromRequest for Visitor {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let state = request.app_data::<web::Data<AppState>>().ok_or_else(|| WebError::internal("no state"))?;
            let visitor = Self::find(&request, state).await?;
            let bound = matches!(visitor.who, Who::Somebody { must_change_password: true, .. });
            if bound && !WITHOUT_OWN_PASSWORD.contains(&request.path()) {
                return Err(WebError::PasswordMustChange);
            }
            Ok(visitor)
        })
    }
}

impl Visitor {
    async fn find(request: &HttpRequest, state: &AppState) -> Result<Self, WebError> {
        if let Some(grant) = bearer::grant(request)? {
            let token = SessionToken::new().map_err(WebError::internal)?;
            let who = Who::Somebody { user: grant.user.clone(), must_change_password: false };
            return Ok(Self { token, grant: Some(grant), who });
        }
        let name = cookies::session_name(state.settings.https);
        let known = request.cookie(name).and_then(|cookie| SessionToken::parse(cookie.value()));
        let visitor = match known {
            None => {
                let token = SessionToken::new().map_err(WebError::internal)?;
                let visitor = Self { token, grant: None, who: Who::Nobody };
                visitor.keep(request, state);
                visitor
            }
            Some(token) => {
                let who = match sessions::find(&state.pool, &token.hash()).await {
                    Ok(Session::Live { user, must_change_password }) => Who::Somebody { user, must_change_password },
                    Ok(Session::Expired { user }) => Who::Ended(user),
                    Ok(Session::Unknown) => Who::Nobody,
                    Err(error) => {
                        WebError::from(error).log();
                        Who::Unsure
                    }
                };
                Self { token, grant: None, who }
            }
        };
        visitor.show(request);
        Ok(visitor)
    }

    /// Sends the cookie with the answer.
    fn keep(&self, request: &HttpRequest, state: &AppState) {
        let session = cookies::session(&self.token, state.settings.https);
        let drafts = cookies::drafts(&self.token, state.settings.https);
        let mut extensions = request.extensions_mut();
        if extensions.get::<SetCookies>().is_none() {
            extensions.insert(SetCookies::default());
        }
        if let Some(cookies) = extensions.get_mut::<SetCookies>() {
            cookies.0.extend([session, drafts]);
        }
    }

    /// Lets pages say who is here.
    fn show(&self, request: &HttpRequest) {
        let account = match &self.who {
            Who::Somebody { user, .. } => Some(AccountView::new(user)),
            _ => None,
        };
        request.extensions_mut().insert(Known { account, ended: matches!(self.who, Who::Ended(_)) });
    }

    /// The person, if there is a row for them.
    ///
    /// # Errors
    /// [`WebError::DatabaseAway`] when the database did not say.
    pub fn user(&self) -> Result<Option<&User>, WebError> {
        match &self.who {
            Who::Somebody { user, .. } => Ok(Some(user)),
            Who::Nobody | Who::Ended(_) => Ok(None),
            Who::Unsure => Err(WebError::DatabaseAway),
        }
    }

    /// The person, or `None` where nobody is known or the database did not say.
    #[must_use]
    pub fn user_if_known(&self) -> Option<&User> {
        self.user().ok().flatten()
    }

    /// Whether nobody is known: a page for them is a page for everybody like them.
    #[must_use]
    pub const fn is_nobody(&self) -> bool {
        matches!(self.who, Who::Nobody) && self.grant.is_none()
    }

    /// The guest whose attempts may be brought to an account.
    #[must_use]
    pub fn guest(&self) -> Option<UserId> {
        self.user_if_known().filter(|user| user.role == Role::Guest).map(|user| user.id)
    }

    /// Under which names a browser keeps this person's drafts apart from anybody else's, the lasting one first; see
    /// [`crate::auth::owner`].
    #[must_use]
    pub fn owners(&self) -> Vec<String> {
        let person = match &self.who {
            Who::Somebody { user, .. } => Some(user.id),
            Who::Ended(user) => Some(*user),
            Who::Nobody | Who::Unsure => None,
        };
        person.map(owner::of_person).into_iter().chain([owner::of_session(&self.token)]).collect()
    }

    /// Whether they may read this person's submissions here: a token that may only hand in reads its owner's alone.
    #[must_use]
    pub fn may_read_of(&self, owner: UserId) -> bool {
        let own = self.user_if_known().is_some_and(|user| user.id == owner);
        own || self.grant.as_ref().is_none_or(|grant| grant.scopes.allow(&[Scope::Read]))
    }

    /// Whether a one-time password must be replaced.
    #[must_use]
    pub const fn must_change_password(&self) -> bool {
        matches!(self.who, Who::Somebody { must_change_password: true, .. })
    }

    /// Somebody with an account, not a guest.
    ///
    /// # Errors
    /// [`WebError::SignInNeeded`] for everybody else.
    pub fn account(&self) -> Result<&User, WebError> {
        self.user()?.filter(|user| user.role > Role::Guest).ok_or(WebError::SignInNeeded)
    }

    /// An instructor or administrator.
    ///
    /// # Errors
    /// [`WebError::SignInNeeded`] for guests; [`WebError::NotAllowed`] for learners.
    pub fn reviewer(&self) -> Result<&User, WebError> {
        let user = self.account()?;
        if may_review(user) { Ok(user) } else { Err(WebError::NotAllowed) }
    }

    /// The person who hands something in: guests get their row here. `as_guest` is what somebody says whose session
    /// ended and who goes on without an account.
    ///
    /// # Errors
    /// [`WebError::SessionEnded`], [`WebError::TooMany`] new guests from one address, or a failing database.
    pub async fn author(
        &mut self,
        request: &HttpRequest,
        state: &AppState,
        as_guest: bool,
    ) -> Result<UserId, WebError> {
        if matches!(self.who, Who::Ended(_)) {
            if !as_guest {
                return Err(WebError::SessionEnded);
            }
            self.token = SessionToken::new().map_err(WebError::internal)?;
            self.who = Who::Nobody;
            self.keep(request, state);
        }
        if let Some(user) = self.user()? {
            return Ok(user.id);
        }
        let address = client::address(request, state.settings.trust_proxy);
        state.rates.guests_address.check(&address).map_err(|wait| WebError::TooMany { what: "new guests", wait })?;
        let session = sessions::guest(&state.pool, &self.token.hash(), state.settings.session_lifetime).await?;
        let Session::Live { user, must_change_password } = session else { return Err(WebError::SessionEnded) };
        let id = user.id;
        self.who = Who::Somebody { user, must_change_password };
        self.show(request);
        Ok(id)
    }

    /// Ends the present session and begins one of `user` with a new token, so that whoever knew the old one has
    /// nothing. `bring` has what a guest did here join the account. Answers `false`, and changes nothing, where the evidence was
    /// taken away since it was looked at.
    ///
    /// # Errors
    /// A failing database.
    pub async fn become_user(
        &mut self,
        request: &HttpRequest,
        state: &AppState,
        user: User,
        evidence: Evidence<'_>,
        bring: bool,
    ) -> Result<bool, WebError> {
        let token = SessionToken::new().map_err(WebError::internal)?;
        let lifetime = state.settings.session_lifetime;
        let begun = sessions::sign_in(&state.pool, &token.hash(), user.id, lifetime, evidence).await?;
        let Some(must_change_password) = begun else { return Ok(false) };
        if let Some(guest) = self.guest().filter(|_| bring)
            && let Err(error) = users::merge_guest(&state.pool, guest, user.id).await
        {
            // Nobody is told its token.
            sessions::end(&state.pool, &token.hash()).await?;
            return Err(error.into());
        }
        sessions::end(&state.pool, &self.token.hash()).await?;
        self.token = token;
        self.who = Who::Somebody { user, must_change_password };
        self.keep(request, state);
        self.show(request);
        Ok(true)
    }

    /// Ends the session; what follows is a new guest.
    ///
    /// # Errors
    /// A failing database.
    pub async fn leave(&mut self, request: &HttpRequest, state: &AppState) -> Result<(), WebError> {
        sessions::end(&state.pool, &self.token.hash()).await?;
        self.token = SessionToken::new().map_err(WebError::internal)?;
        self.who = Who::Nobody;
        self.keep(request, state);
        self.show(request);
        Ok(())
    }

    /// Puts the end of the session off.
    pub async fn renew(&self, state: &AppState) {
        if self.grant.is_none()
            && matches!(self.who, Who::Somebody { .. })
            && let Err(error) = sessions::renew(&state.pool, &self.token.hash(), state.settings.session_lifetime).await
        {
            WebError::from(error).log();
        }
    }
}
