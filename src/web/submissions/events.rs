//! `GET /submissions/{id}/events`: what happens to a submission, as it happens.
//!
//! - `state`: `{"state","position","eta","headline","note"}`, whenever it changes; `eta` is `{"from_s","to_s"}`, or null
//!   where nobody can know;
//! - `case`: a provisional result of a visible case, as in the JSON of a submission, with `badge`: how the page shows it;
//! - `verdict`: `{"submission": …, "html", "sentence", "opened"}`, the last one. Submissions that end without a verdict
//!   send it too. `opened` is what passing shows below the result, else null.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::{Duration, Instant};

use actix_web::{HttpRequest, HttpResponse, Responder as _, web};
use actix_web_lab::sse::{Data, Event, Sse};
use futures_util::Stream;
use minijinja::context;
use serde::Serialize;
use serde_json::json;
use tokio::time::timeout;

use super::{show, shown};
use crate::db::results::{self, Submission};
use crate::db::{events, queue};
use crate::domain::account::User;
use crate::domain::ids::SubmissionId;
use crate::domain::submission::{GradingState, Kind};
use crate::domain::verdict::VerdictKind;
use crate::domain::wait::Estimate;
use crate::web::error::WebError;
use crate::web::state::AppState;
use crate::web::views::passed::PassedView;
use crate::web::views::submission::{CaseJson, SubmissionJson, ended_without};
use crate::web::views::waiting::WaitingView;
use crate::web::views::words;
use crate::web::visitor::Visitor;
use crate::web::watch::Watcher;

/// Longest silence, after which a comment keeps the connection open.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// Pause between two looks at the row when no notification comes: a place in the queue moves without one, and what a
/// grader that vanished did not tell is found so.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Pause after the database failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// The stream of a submission's events.
///
/// # Errors
/// [`WebError::NotFound`] for everybody who may not see it.
pub async fn stream(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
) -> Result<HttpResponse, WebError> {
    let id: SubmissionId = path.parse().map_err(|_| WebError::NotFound)?;
    // Registered before the row is read, so that nothing is missed between the two.
    let watcher = state.hub.watch(id);
    let (_, viewer) = show::find(&state, &visitor, &path).await?;
    let teller = Teller {
        id,
        watcher,
        viewer: viewer.clone(),
        state: state.clone(),
        said: None,
        spoke: Instant::now(),
        cases_sent: 0,
        queue: VecDeque::new(),
        first: true,
        over: false,
    };
    Ok(Sse::from_stream(tell(teller)).with_retry_duration(Duration::from_secs(1)).respond_to(&request))
}

/// A case, and the words of its outcome on the page.
#[derive(Serialize)]
struct CaseEvent {
    #[serde(flatten)]
    case: CaseJson,
    badge: words::Badge,
}

struct Teller {
    id: SubmissionId,
    watcher: Watcher,
    viewer: User,
    state: AppState,
    said: Option<(GradingState, Option<i64>, Option<Estimate>)>,
    spoke: Instant,
    cases_sent: usize,
    queue: VecDeque<Event>,
    first: bool,
    over: bool,
}

fn tell(teller: Teller) -> impl Stream<Item = Result<Event, Infallible>> {
    futures_util::stream::unfold(teller, |mut teller| async move {
        let event = teller.next().await?;
        Some((Ok(event), teller))
    })
}

impl Teller {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                self.spoke = Instant::now();
                return Some(event);
            }
            if self.over {
                return None;
            }
            if !std::mem::take(&mut self.first) {
                let shutdown = self.state.shutdown.clone();
                match shutdown.run_until_cancelled(timeout(LOOK_AGAIN, self.watcher.changed())).await {
                    // The browser comes back by itself and finds the next process.
                    None => return None,
                    Some(Err(_)) if self.spoke.elapsed() >= HEARTBEAT => {
                        self.queue.push_back(Event::Comment("still here".into()));
                    }
                    Some(_) => {}
                }
            }
            if let Err(error) = self.look().await {
                error.log();
                self.first = true;
                self.queue.push_back(Event::Comment("the database is away".into()));
                let shutdown = self.state.shutdown.clone();
                shutdown.run_until_cancelled(tokio::time::sleep(AFTER_FAILURE)).await?;
            }
        }
    }

    async fn look(&mut self) -> Result<(), WebError> {
        let Some(submission) = results::find(&self.state.pool, self.id).await? else {
            self.over = true;
            return Ok(());
        };
        if submission.state.is_final() {
            self.over = true;
            return self.verdict(&submission);
        }
        let place = queue::place(&self.state.pool, self.id).await?;
        let (ahead, eta) = (place.map(|place| place.ahead), place.and_then(|place| place.estimate()));
        if self.said != Some((submission.state, ahead, eta)) {
            self.said = Some((submission.state, ahead, eta));
            let waiting = WaitingView::new(&submission, place, &self.viewer);
            self.push(
                "state",
                &json!({
                    "state": submission.state.as_str(),
                    "position": ahead.map(|ahead| ahead + 1),
                    "eta": eta,
                    "headline": waiting.headline(),
                    "note": waiting.note(),
                }),
            );
        }
        let cases = events::of(&self.state.pool, submission.grading).await?;
        for case in cases.iter().filter(|case| !case.hidden).skip(self.cases_sent) {
            let badge = words::outcome(case.outcome);
            self.push("case", &CaseEvent { case: CaseJson::from(case), badge });
        }
        self.cases_sent = self.cases_sent.max(cases.iter().filter(|case| !case.hidden).count());
        Ok(())
    }

    fn verdict(&mut self, submission: &Submission) -> Result<(), WebError> {
        let verdict = shown::verdict(&self.viewer, submission);
        let result = shown::result(&self.state, &self.viewer, submission);
        let (html, sentence) = match &result {
            Some(result) => (self.state.templates.render("result.html", context! { result })?, result.sentence.clone()),
            None => (String::new(), ended_without(submission.state).unwrap_or_default().to_owned()),
        };
        self.push(
            "verdict",
            &json!({
                "submission": SubmissionJson::new(submission, verdict.as_ref(), None),
                "html": html,
                "sentence": sentence,
                "opened": self.opened(submission)?,
            }),
        );
        Ok(())
    }

    /// What its reader sees from now on, if they have just passed.
    fn opened(&self, submission: &Submission) -> Result<Option<String>, WebError> {
        let course = self.state.course();
        let Some((lesson, placed)) = course.exercise(&submission.exercise) else { return Ok(None) };
        let passes = submission.kind == Kind::Submit
            && submission.verdict.as_ref().is_some_and(|verdict| verdict.kind == VerdictKind::Passed);
        if submission.user != self.viewer.id || !passes {
            return Ok(None);
        }
        let passed = PassedView::new(course, lesson, placed);
        Ok(Some(self.state.templates.render("passed.html", context! { passed })?))
    }

    fn push(&mut self, name: &'static str, data: &impl Serialize) {
        if let Ok(data) = Data::new_json(data) {
            self.queue.push_back(data.event(name).into());
        }
    }
}
