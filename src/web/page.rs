//! Rendering: the templates, and the frame around each page.

use actix_web::http::StatusCode;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use rust_embed::Embed;

use super::error::WebError;
use super::state::AppState;
use super::views::course::{CourseMap, Standings};
use super::views::layout::Layout;
use super::visitor::Known;
use super::{assets, cookies};
use crate::domain::lesson::Course;

#[derive(Embed)]
#[folder = "templates/"]
struct Sources;

/// The templates, read once.
#[derive(Debug)]
pub struct Templates(Environment<'static>);

impl Templates {
    /// Takes the templates out of the program.
    #[must_use]
    pub fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment
            .set_loader(|name| Ok(Sources::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned())));
        environment.add_function("asset", |path: String| Value::from_safe_string(assets::address(&path)));
        environment.add_function("asset_exists", |path: String| assets::exists(&path));
        environment.add_function("import_map", || Value::from_safe_string(assets::import_map().text.clone()));
        Self(environment)
    }

    /// Renders a template.
    ///
    /// # Errors
    /// [`WebError::Internal`] when the template and its values do not fit together.
    pub fn render(&self, name: &str, values: Value) -> Result<String, WebError> {
        self.0
            .get_template(name)
            .and_then(|template| template.render(values))
            .map_err(|error| WebError::Internal(format!("template {name}: {error:#}")))
    }
}

impl Default for Templates {
    fn default() -> Self {
        Self::new()
    }
}

/// What the frame of a page needs to know of a request.
#[derive(Debug)]
pub struct Frame {
    theme: Option<&'static str>,
    here: String,
    known: Known,
}

impl Frame {
    /// Reads it from the request.
    #[must_use]
    pub fn of_request(request: &HttpRequest) -> Self {
        // Cookies are kept among the extensions once they are read: first these, then those.
        let theme = request.cookie(cookies::THEME).and_then(|cookie| cookies::theme(cookie.value()));
        let extensions = request.extensions();
        let safe = request.method().is_safe();
        let here = request.uri().path_and_query().filter(|_| safe).map_or("/", |here| here.as_str());
        Self { theme, here: here.to_owned(), known: extensions.get::<Known>().cloned().unwrap_or_default() }
    }

    /// Says that this page is found under another path than the one that was asked for.
    #[must_use]
    pub fn at(mut self, here: String) -> Self {
        self.here = here;
        self
    }

    /// The frame of a page with the course at its side.
    #[must_use]
    pub fn layout(self, state: &AppState, title: &str, standings: &Standings, lesson: Option<&str>) -> Layout {
        self.around(state.course(), title, standings, lesson)
    }

    /// The same, for a site without this state.
    #[must_use]
    pub fn around(self, course: &Course, title: &str, standings: &Standings, lesson: Option<&str>) -> Layout {
        let map = CourseMap::new(course, standings);
        Layout {
            title: title.to_owned(),
            theme: self.theme,
            here: self.here,
            account: self.known.account,
            session_ended: self.known.ended,
            sidebar: Vec::new(),
            glossary: (!course.glossary.is_empty()).then(|| course.glossary.title.clone()),
            tallies: true,
        }
        .with_course(&map, lesson)
    }
}

/// Renders a page.
///
/// # Errors
/// [`WebError::Internal`] when the template and its values do not fit together.
pub fn render(state: &AppState, layout: &Layout, template: &str, values: Value) -> Result<String, WebError> {
    state.templates.render(template, context! { layout, ..values })
}

/// Answers with a page.
///
/// # Errors
/// As [`render`].
pub fn respond(
    state: &AppState,
    status: StatusCode,
    layout: &Layout,
    template: &str,
    values: Value,
) -> Result<HttpResponse, WebError> {
    let html = render(state, layout, template, values)?;
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html))
}
