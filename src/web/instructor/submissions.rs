//! `GET /instructor/submissions`: everybody's submissions, for those who review.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use minijinja::{Value, context};

use crate::db::history::{self, Filter};
use crate::domain::ids::{ExerciseId, SubmissionId};
use crate::domain::verdict::VerdictKind;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::page::{self, Frame};
use crate::web::problems::percent;
use crate::web::progress;
use crate::web::state::AppState;
use crate::web::views::rows::RowView;
use crate::web::views::words;
use crate::web::visitor::Visitor;

/// Submissions on one page.
const PAGE: usize = 50;

/// Everybody's submissions, newest first, with filters.
///
/// # Errors
/// [`WebError::SignInNeeded`], [`WebError::NotAllowed`], or a failing database.
pub async fn list(request: HttpRequest, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    visitor.reviewer()?;
    let query = Form::parse(request.query_string().as_bytes());
    let learner = query.text("learner").trim();
    let (exercise, verdict) = (query.text("exercise"), query.text("verdict"));
    let before: Option<SubmissionId> = query.text("before").parse().ok();
    let filter = Filter {
        user: None,
        learner: Some(learner.to_owned()).filter(|text| !text.is_empty()),
        exercise: ExerciseId::parse(exercise).ok(),
        verdict: VerdictKind::parse(verdict),
    };
    let message = [
        (!exercise.is_empty() && filter.exercise.is_none()).then_some("There is no such exercise."),
        (!verdict.is_empty() && filter.verdict.is_none()).then_some("There is no such verdict."),
    ]
    .into_iter()
    .flatten()
    .next();
    let mut entries = history::page(&state.pool, &filter, before, PAGE as i64 + 1).await?;
    let more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let older = entries.last().filter(|_| more).map(|last| {
        format!(
            "/instructor/submissions?learner={}&exercise={}&verdict={}&before={}",
            percent(learner),
            percent(exercise),
            percent(verdict),
            last.id
        )
    });
    let now = Timestamp::now();
    let rows: Vec<RowView> =
        entries.iter().map(|entry| RowView::new(entry, entry.verdict, state.course(), now)).collect();
    let verdicts: Vec<Value> = VerdictKind::ALL
        .into_iter()
        .map(|kind| context! { value => kind.as_str(), word => words::verdict(kind).word })
        .collect();
    let review = context! {
        learner, exercise, verdict, message, rows, older, verdicts,
        exercises => exercises(&state),
        problems => &state.published().problems,
    };
    let standings = progress::standings_if_known(&state, &visitor).await;
    let layout = Frame::of_request(&request).layout(&state, "Submissions", &standings, None);
    page::respond(&state, StatusCode::OK, &layout, "review.html", context! { review })
}

fn exercises(state: &AppState) -> Vec<Value> {
    state
        .course()
        .lessons()
        .filter(|lesson| lesson.exercises().next().is_some())
        .map(|lesson| {
            let exercises: Vec<Value> = lesson
                .exercises()
                .map(|placed| context! { id => placed.exercise.id.as_str(), title => placed.exercise.title.as_str() })
                .collect();
            context! { lesson => lesson.title.as_str(), exercises }
        })
        .collect()
}
