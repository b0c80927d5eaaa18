//! The pages: those of the site, with what is wrong at its place and a panel for the author at each exercise.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use jiff::Timestamp;
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use super::desk::Shown;
use super::lab::{Engine, Finding, Lab, first_line};
use super::site::Site;
use crate::content::Problem;
use crate::domain::code::Code;
use crate::domain::exercise::{Exercise, WrongAnswer};
use crate::domain::ids::{ExerciseId, SubmissionId};
use crate::domain::job::Kind;
use crate::domain::lesson::Lesson;
use crate::domain::source::SourceCode;
use crate::web::error::WebError;
use crate::web::form;
use crate::web::page::Frame;
use crate::web::views::block::BlockDesk;
use crate::web::views::course::{CourseMap, Standings};
use crate::web::views::glossary::GlossaryView;
use crate::web::views::layout::Layout;
use crate::web::views::lesson::{LessonView, Reading};
use crate::web::views::result::{Judged, ResultView};
use crate::web::views::sent::Sent;

/// A problem, in words.
#[derive(Debug, Serialize)]
struct ProblemView {
    tone: &'static str,
    kind: &'static str,
    code: &'static str,
    line: u32,
    /// Where it is not the lesson's.
    file: Option<String>,
    message: String,
    help: Option<String>,
    /// As a compiler shows it, with the line; for those of a file.
    rendered: Option<String>,
}

impl ProblemView {
    fn new(problem: &Problem, line: u32, rendered: Option<String>) -> Self {
        let (tone, kind) = if problem.is_error() { ("bad", "Error") } else { ("warn", "Warning") };
        let (message, help) = (problem.message.clone(), problem.help.clone());
        Self { tone, kind, code: problem.code, line, file: None, message, help, rendered }
    }
}

/// What an author sees at an exercise.
#[derive(Debug, Serialize)]
struct Panel {
    problems: Vec<ProblemView>,
    /// How the check stands, in words; empty once there is nothing more to come.
    standing: String,
    /// Where the wrong answers are, in words.
    wrong: Vec<String>,
}

/// `GET /`
pub(super) async fn course(request: HttpRequest, site: web::Data<Site>) -> HttpResponse {
    let state = site.desk.state();
    let shown = site.desk.shown();
    let standings = Standings::new();
    let layout = Frame::of_request(&request).around(shown.course(), "Preview", &standings, None);
    let all = shown.loaded.problems.iter().map(|problem| in_file(&shown, problem)).collect::<Vec<_>>();
    let map = CourseMap::new(shown.course(), &standings);
    let values =
        context! { state, map, missing => Value::from(Serde(&shown.missing())), problems => Value::from(Serde(&all)) };
    respond(&site, StatusCode::OK, &layout, "preview/course.html", values)
}

/// `GET /lessons/{slug}`
pub(super) async fn lesson(request: HttpRequest, path: web::Path<String>, site: web::Data<Site>) -> HttpResponse {
    lesson_with(Frame::of_request(&request), &site, &path, StatusCode::OK, HashMap::new())
}

/// A lesson's page, with what came of some of its blocks.
pub(super) fn lesson_with(
    frame: Frame,
    site: &Site,
    slug: &str,
    status: StatusCode,
    blocks: HashMap<usize, BlockDesk>,
) -> HttpResponse {
    let state = site.desk.state();
    let shown = site.desk.shown();
    let problems = shown.problems_of(slug);
    let Some(lesson) = shown.course().lesson(slug) else {
        if problems.is_empty() {
            return missing(site, &shown, frame);
        }
        let all: Vec<_> = problems.iter().map(|problem| in_file(&shown, problem)).collect();
        let layout = frame.around(shown.course(), slug, &Standings::new(), Some(slug));
        let values = context! { state, lesson => (), problems => Value::from(Serde(&all)), as_before => false };
        return respond(site, status, &layout, "preview/lesson.html", values);
    };
    let mut elsewhere = problems.clone();
    let panels: HashMap<String, Panel> = lesson
        .exercises()
        .map(|placed| {
            (placed.exercise.id.to_string(), panel(&site.lab, &shown, lesson, &placed.exercise, &mut elsewhere))
        })
        .collect();
    let above: Vec<_> = elsewhere.iter().map(|problem| in_file(&shown, problem)).collect();
    let standings = Standings::new();
    let view = LessonView::new(Reading {
        course: shown.course(),
        lesson,
        versions: &HashMap::new(),
        standings: &standings,
        desks: HashMap::new(),
        // An author sees all of them.
        hints: lesson.exercises().map(|placed| (placed.exercise.id.clone(), placed.hints.len())).collect(),
        blocks,
    });
    let layout = frame.around(shown.course(), &lesson.title, &standings, Some(slug));
    let values = context! {
        state,
        lesson => view,
        problems => Value::from(Serde(&above)),
        panels => Value::from(Serde(&panels)),
        as_before => shown.kept.as_before.contains(&lesson.slug),
    };
    respond(site, status, &layout, "preview/lesson.html", values)
}

/// `GET /glossary`
pub(super) async fn glossary(request: HttpRequest, site: web::Data<Site>) -> HttpResponse {
    let (state, shown, frame) = (site.desk.state(), site.desk.shown(), Frame::of_request(&request));
    let problems: Vec<_> = shown.problems_of_glossary().into_iter().map(|problem| in_file(&shown, problem)).collect();
    let view = GlossaryView::new(shown.course());
    if view.is_none() && problems.is_empty() {
        return missing(&site, &shown, frame);
    }
    let title = view.as_ref().map_or("Glossary", |view| view.title.as_str());
    let layout = frame.around(shown.course(), title, &Standings::new(), None);
    let values = context! { state, glossary => view.as_ref(), problems => Value::from(Serde(&problems)) };
    respond(&site, StatusCode::OK, &layout, "preview/glossary.html", values)
}

/// What there is to say at an exercise; problems in its lines are taken out of those that stand above the lesson.
fn panel(lab: &Lab, shown: &Shown, lesson: &Lesson, exercise: &Exercise, elsewhere: &mut Vec<&Problem>) -> Panel {
    let lines = shown.lines(lesson, exercise);
    let name = shown.loaded.name_of(&lesson.file);
    let here = |problem: &&Problem| {
        problem.file == name && lines.is_some_and(|(first, last)| (first..=last).contains(&problem.line))
    };
    let parsed: Vec<_> = elsewhere.extract_if(.., |problem| here(problem)).collect();
    let mut problems: Vec<_> = parsed.into_iter().map(|problem| in_file(shown, problem)).collect();
    let standing = match (lab.engine(), lines) {
        (_, None) => String::new(),
        (Engine::Missing(why), _) => format!("Exercises cannot be run: {why}. `athanor doctor` says what is missing."),
        (Engine::Starting, _) => "The sandbox starts.".to_owned(),
        (Engine::Ready(_), _) => match lab.finding(exercise) {
            Finding::Running => "Its check runs.".to_owned(),
            Finding::Failed(why) => format!("It could not be checked: {why}."),
            Finding::Found(found) => {
                problems.extend(found.iter().map(|found| {
                    let line = first_line(&shown.loaded, exercise, &found.file) + found.line;
                    let file = (found.file != name).then(|| found.file.clone());
                    ProblemView { file, ..ProblemView::new(found, line, None) }
                }));
                if problems.is_empty() { "Checked: nothing is wrong with it.".to_owned() } else { String::new() }
            }
        },
    };
    Panel { problems, standing, wrong: exercise.tests.wrong.iter().map(place).collect() }
}

/// Where a wrong answer is.
fn place(wrong: &WrongAnswer) -> String {
    let tree = if wrong.file.is_some() { " of the private tree" } else { "" };
    format!("line {}{tree}", wrong.line)
}

fn in_file(shown: &Shown, problem: &Problem) -> ProblemView {
    ProblemView::new(problem, problem.line, Some(shown.loaded.render(problem)))
}

/// `POST /exercises/{id}/try`: the verdict of what an author sends, as a learner would see it, as a piece of a page.
pub(super) async fn try_exercise(
    request: HttpRequest,
    path: web::Path<String>,
    site: web::Data<Site>,
    payload: Payload,
) -> HttpResponse {
    match tried(&request, &path, &site, payload).await {
        Ok(html) => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html),
        Err((status, why)) => HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(why),
    }
}

async fn tried(request: &HttpRequest, id: &str, site: &Site, payload: Payload) -> Result<String, (StatusCode, String)> {
    let bad = |why: String| (StatusCode::UNPROCESSABLE_ENTITY, why);
    let form = form::read(request, payload).await.map_err(|error| bad(error.problem().detail))?;
    let shown = site.desk.shown();
    let gone = || (StatusCode::NOT_FOUND, format!("The course has no exercise `{id}` now."));
    let id = ExerciseId::parse(id).map_err(|_| gone())?;
    let exercise = shown.course().exercise(&id).map(|(_, placed)| &placed.exercise).ok_or_else(gone)?;
    let source = match form.text("what") {
        "starter" => exercise.starter.clone(),
        "reference" => exercise.tests.solution.clone(),
        "wrong" => {
            let nth: Option<usize> = form.text("nth").parse().ok();
            let wrong = nth.and_then(|nth| exercise.tests.wrong.get(nth));
            wrong.ok_or_else(|| bad("The exercise has no such wrong answer now.".to_owned()))?.code.clone()
        }
        _ => {
            let typed = form.bytes("source").unwrap_or_default();
            let limit = site.lab.limits().source_bytes;
            SourceCode::parse(typed, limit).map_err(|error| bad(error.to_string()))?.as_str().to_owned()
        }
    };
    let checks = match site.lab.engine() {
        Engine::Ready(checks) => checks,
        Engine::Starting => return Err((StatusCode::SERVICE_UNAVAILABLE, "The sandbox starts.".to_owned())),
        Engine::Missing(why) => return Err((StatusCode::SERVICE_UNAVAILABLE, why)),
    };
    let failed = |error: &dyn std::fmt::Display| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    let at = Timestamp::now();
    let verdict = site.lab.run(&checks, exercise, &source).await.map_err(|fault| failed(&fault))?;
    let code = Code::Text(source.clone());
    let sent = Sent::new(&code, exercise.tests.language);
    let now = Timestamp::now();
    let result =
        ResultView::new(Judged { id: SubmissionId::new(), kind: Kind::Submit, at, now, sent, verdict: &verdict });
    site.templates.render("preview/result.html", context! { result, source }).map_err(|error| failed(&error))
}

/// `GET /lessons/{slug}/pictures/{name}`
pub(super) async fn picture(path: web::Path<(String, String)>, site: web::Data<Site>) -> HttpResponse {
    let (slug, name) = path.into_inner();
    let shown = site.desk.shown();
    let lesson = shown.course().lesson(&slug);
    match lesson.and_then(|lesson| lesson.pictures.iter().find(|picture| picture.name == name)) {
        None => HttpResponse::NotFound().finish(),
        Some(picture) => HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .content_type(picture.kind)
            .body(Bytes::from_owner(picture.bytes.clone())),
    }
}

/// Whatever else is asked for.
pub(super) async fn nothing(request: HttpRequest, site: web::Data<Site>) -> HttpResponse {
    missing(&site, &site.desk.shown(), Frame::of_request(&request))
}

pub(super) fn missing(site: &Site, shown: &Shown, frame: Frame) -> HttpResponse {
    let layout = frame.around(shown.course(), "Nothing here", &Standings::new(), None);
    respond(site, StatusCode::NOT_FOUND, &layout, "preview/missing.html", context! { state => 0 })
}

fn respond(site: &Site, status: StatusCode, layout: &Layout, template: &str, values: Value) -> HttpResponse {
    let rendered: Result<String, WebError> = site.templates.render(template, context! { layout, ..values });
    match rendered {
        Ok(html) => HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}
