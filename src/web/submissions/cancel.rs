//! `POST /submissions/{id}/cancel`, and for programs `DELETE /api/v1/submissions/{id}`: calls a submission off.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};

use super::show;
use crate::db::results;
use crate::db::submissions::{self, Cancelled};
use crate::domain::ids::SubmissionId;
use crate::domain::job::Kind;
use crate::domain::submission::GradingState;
use crate::web::client;
use crate::web::error::WebError;
use crate::web::state::AppState;
use crate::web::views::submission::SubmissionJson;
use crate::web::visitor::Visitor;

/// Calls off what waits or runs. Doing so twice is the same as once.
///
/// # Errors
/// [`WebError::NotFound`] for everybody who may not see it, [`WebError::NotAllowed`] for those who only review it, and
/// for programs [`WebError::TooLate`] when it has its verdict.
pub async fn cancel(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
) -> Result<HttpResponse, WebError> {
    let (submission, user) = show::find(&state, &visitor, &path).await?;
    if submission.user != user.id {
        return Err(WebError::NotAllowed);
    }
    let cancelled = submissions::cancel(&state.pool, submission.id).await?;
    state.hub.changed(submission.id);
    if !client::wants_json(&request) {
        let slug = state.course().exercise(&submission.exercise).map(|(lesson, _)| lesson.slug.to_string());
        let back = slug.map_or_else(
            || format!("/submissions/{}", submission.id),
            |slug| format!("/lessons/{slug}?attempt={}#{}", submission.id, submission.exercise),
        );
        return Ok(HttpResponse::SeeOther().insert_header((LOCATION, back)).finish());
    }
    let now = results::find(&state.pool, submission.id).await?.ok_or(WebError::NotFound)?;
    if cancelled == Cancelled::TooLate && now.state != GradingState::Cancelled {
        return Err(WebError::TooLate);
    }
    Ok(HttpResponse::Ok().json(SubmissionJson::new(&now, None, None)))
}

/// Calls a *run* off when the request that waits for it ends before it: nobody is there any more to read it. A *submit*
/// counts whoever waits, and goes on.
#[derive(Debug)]
pub struct WhileWaitedFor {
    run: Option<SubmissionId>,
    state: AppState,
}

impl WhileWaitedFor {
    /// From now on somebody waits.
    #[must_use]
    pub fn new(state: &AppState, id: SubmissionId, kind: Kind) -> Self {
        Self { run: (kind == Kind::Run).then_some(id), state: state.clone() }
    }

    /// The wait came to its end.
    pub fn over(mut self) {
        self.run = None;
    }
}

impl Drop for WhileWaitedFor {
    fn drop(&mut self) {
        let Some(id) = self.run.take() else { return };
        let state = self.state.clone();
        actix_web::rt::spawn(async move {
            match submissions::cancel(&state.pool, id).await {
                Ok(Cancelled::Now) => tracing::info!(submission = %id, "called off: whoever waited for it has gone"),
                Ok(Cancelled::TooLate) => {}
                Err(error) => WebError::from(error).log(),
            }
        });
    }
}
