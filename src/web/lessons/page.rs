//! Puts a lesson's page together: what is read, and what the reader has at each exercise.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;

use crate::db::{hints, results};
use crate::domain::account::User;
use crate::domain::code::Code;
use crate::domain::ids::{DraftRevision, ExerciseId};
use crate::domain::lesson::Lesson;
use crate::web::drafts::Drafts;
use crate::web::error::WebError;
use crate::web::page::{self, Frame};
use crate::web::progress;
use crate::web::state::AppState;
use crate::web::submissions::shown;
use crate::web::views::block::BlockDesk;
use crate::web::views::course::Standings;
use crate::web::views::draft::DraftView;
use crate::web::views::exercise::{Desk, Message};
use crate::web::views::lesson::{LessonView, Reading};
use crate::web::visitor::Visitor;

/// A lesson's page to be.
#[derive(Debug)]
pub struct LessonPage<'a> {
    /// The lesson.
    pub lesson: &'a Lesson,
    /// Status of the answer.
    pub status: StatusCode,
    /// What is to be said above the lesson.
    pub notice: Option<Message>,
    /// What is known already about one exercise.
    pub desk: Option<(ExerciseId, Desk)>,
    /// What was typed at one exercise and the draft that it is based on, to be shown again beside whatever else there is.
    pub typed: Option<(ExerciseId, Code, Option<DraftRevision>)>,
    /// How many hints of one exercise are open at least, whatever the database says.
    pub hints: Option<(ExerciseId, usize)>,
    /// What is known already about one block, by its number.
    pub block: Option<(usize, BlockDesk)>,
    /// Where the page is to load itself again, and after how many seconds.
    pub refresh: Option<(u32, String)>,
    /// Seconds after which the same may be asked again.
    pub retry_after: Option<u64>,
}

impl<'a> LessonPage<'a> {
    /// The plain page.
    #[must_use]
    pub const fn new(lesson: &'a Lesson) -> Self {
        Self {
            lesson,
            status: StatusCode::OK,
            notice: None,
            desk: None,
            typed: None,
            hints: None,
            block: None,
            refresh: None,
            retry_after: None,
        }
    }

    /// Renders it for somebody. A lesson can be read without the database: progress and attempts are missing then.
    ///
    /// # Errors
    /// [`WebError::Internal`] when a template is broken.
    pub async fn respond(
        mut self,
        request: &HttpRequest,
        state: &AppState,
        visitor: &Visitor,
    ) -> Result<HttpResponse, WebError> {
        let mut response = HttpResponse::build(self.status);
        response.content_type("text/html; charset=utf-8");
        if let Some((seconds, url)) = self.refresh.take()
            && let Ok(value) = HeaderValue::from_str(&format!("{seconds}; url={url}"))
        {
            response.insert_header((HeaderName::from_static("refresh"), value));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((actix_web::http::header::RETRY_AFTER, HeaderValue::from(seconds)));
        }
        Ok(response.body(self.html(request, state, visitor).await?))
    }

    /// Its text.
    ///
    /// # Errors
    /// As [`LessonPage::respond`].
    pub async fn html(
        mut self,
        request: &HttpRequest,
        state: &AppState,
        visitor: &Visitor,
    ) -> Result<String, WebError> {
        let (standings, mut desks, mut hints, drafts) = match read(state, visitor, self.lesson).await {
            Ok(read) => read,
            Err(error) => {
                error.log();
                if self.notice.is_none() {
                    self.notice = Some(Message {
                        tone: "warn",
                        text: error.problem().detail + " You can read on meanwhile.",
                        ..Message::default()
                    });
                }
                Default::default()
            }
        };
        desks.extend(self.desk);
        if let Some((exercise, code, basis)) = self.typed {
            let desk = desks.entry(exercise).or_default();
            desk.code = Some(code);
            desk.draft = DraftView::unsaved(basis);
        }
        drafts.lay(&mut desks);
        if let Some((exercise, count)) = self.hints {
            let opened = hints.entry(exercise).or_default();
            *opened = count.max(*opened);
        }
        let view = LessonView::new(Reading {
            course: state.course(),
            lesson: self.lesson,
            versions: &state.published().versions,
            standings: &standings,
            desks,
            hints,
            blocks: self.block.into_iter().collect(),
        });
        let slug = self.lesson.slug.as_str();
        let layout = Frame::of_request(request).at(format!("/lessons/{slug}")).layout(
            state,
            &self.lesson.title,
            &standings,
            Some(slug),
        );
        // Of somebody unknown the page is kept for all of them; their browser has the name as a cookie.
        let owners = if visitor.is_nobody() { String::new() } else { visitor.owners().join(" ") };
        let consoles = state.settings.consoles.enabled;
        let values = context! { lesson => view, notice => self.notice, owners, consoles };
        page::render(state, &layout, "lesson.html", values)
    }
}

/// Where the reader stands, what they have at the lesson's exercises, how many hints of each they opened, and what they
/// typed.
type Read = (Standings, HashMap<ExerciseId, Desk>, HashMap<ExerciseId, usize>, Drafts);

async fn read(state: &AppState, visitor: &Visitor, lesson: &Lesson) -> Result<Read, WebError> {
    let standings = progress::standings(state, visitor).await?;
    let Some(user) = visitor.user()? else {
        return Ok((standings, HashMap::new(), HashMap::new(), Drafts::default()));
    };
    let ids: Vec<ExerciseId> = lesson.exercises().map(|placed| placed.exercise.id.clone()).collect();
    let hints = hints::opened_of(&state.pool, user.id, &ids).await?;
    let drafts = Drafts::of(state, user.id, lesson).await?;
    Ok((standings, last_attempts(state, user, &ids).await?, hints, drafts))
}

async fn last_attempts(
    state: &AppState,
    user: &User,
    ids: &[ExerciseId],
) -> Result<HashMap<ExerciseId, Desk>, WebError> {
    let mut desks = HashMap::new();
    for (exercise, id) in results::latest(&state.pool, user.id, ids).await? {
        if let Some(submission) = results::find(&state.pool, id).await? {
            desks.insert(exercise, shown::desk(state, user, &submission, None));
        }
    }
    Ok(desks)
}
