//! The site around the pages: its address, its static files, and how a page, a refusal and a date are made.

use std::sync::{Arc, LazyLock};

use askama::Template;
use async_trait::async_trait;
use chrono::{Datelike, NaiveDate};
use poem::http::{HeaderMap, StatusCode};
use poem::{Response, handler};
use uuid::Uuid;

use super::etag;
use super::problem::{ErrorView, Problem};
use super::views::{Chrome, ErrorPage, Section};
use crate::platform::{Cx, Error, Timestamp};

/// What every page knows of the installation.
#[derive(Clone, Debug)]
pub struct Site {
    /// The public address, without a slash at the end.
    pub base_url: Arc<str>,
    /// The data are invented and every page says so.
    pub demo: bool,
    /// Who looks at it, where somebody is signed in. Each request has its own.
    pub viewer: Option<Arc<Viewer>>,
}

/// The signed-in person, as the frame of the page shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Viewer {
    /// How the person is called.
    pub name: String,
    /// Whether the menu leads to the administration.
    pub administers: bool,
    /// Whether the menu leads to the reviews.
    pub reviews: bool,
    /// Whether the menu leads to the mayor's office.
    pub office: bool,
    /// How many notices they have not read, counted up to a hundred.
    pub unread: u64,
    /// What every form of this person carries back (`form_token`): masked anew for each answer, because answers are packed.
    pub form_token: String,
}

impl Viewer {
    /// How many notices are unread: "3", "99+"; empty where none is.
    pub fn bell(&self) -> String {
        match self.unread {
            0 => String::new(),
            few @ 1..=99 => few.to_string(),
            _ => "99+".to_owned(),
        }
    }
}

/// Knows how many notices somebody has not read. The frame of each page of a signed-in person asks: one statement.
#[async_trait]
pub trait Bell: Send + Sync {
    /// How many, counted up to a hundred.
    async fn unread(&self, cx: &Cx, account: Uuid) -> Result<u64, Error>;
}

const CSS: &str = include_str!("static/app.css");
const JS: &str = include_str!("static/app.js");
const PASSKEY_JS: &str = include_str!("static/passkey.js");
const DRAFT_JS: &str = include_str!("static/draft.js");
const ICON: &str = include_str!("static/icon.svg");

/// Changes when a static file does: their addresses carry it, so they may be kept for a year.
static ASSETS: LazyLock<String> = LazyLock::new(|| {
    let tag = etag::of([CSS, JS, PASSKEY_JS, DRAFT_JS, ICON].concat().as_bytes());
    tag.trim_matches('"').chars().take(10).collect()
});

impl Site {
    /// The frame of a page; `path` is its own address without what does not matter.
    pub fn chrome(&self, title: &str, description: &str, path: &str) -> Chrome {
        Chrome {
            title: title.to_owned(),
            description: description.to_owned(),
            canonical: format!("{}{path}", self.base_url),
            section: Section::of_city(path),
            asset_version: ASSETS.clone(),
            demo: self.demo,
            viewer: self.viewer.clone(),
            ..Chrome::default()
        }
    }

    /// The page of an error.
    pub fn error_page(&self, view: &ErrorView<'_>) -> String {
        let mut page = ErrorPage::for_status(view.status, self.chrome("", "", ""), view.request_id);
        page.chrome.canonical.clear();
        view.sentence.clone_into(&mut page.sentence);
        page.render().unwrap_or_else(|_| format!("{}: {}", view.status, view.title))
    }
}

/// A page, with a tag by which a browser can ask whether it still holds.
pub fn page(request: &HeaderMap, template: &impl Template) -> poem::Result<Response> {
    let html = template.render().map_err(|error| Error::Internal(format!("a page cannot be rendered: {error}")))?;
    let mut response = etag::respond(request, "text/html; charset=utf-8", html.into_bytes());
    response.headers_mut().insert("cache-control", poem::http::HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// A page for one person: kept nowhere.
pub fn own_page(status: StatusCode, template: &impl Template) -> poem::Result<Response> {
    let html = template.render().map_err(|error| Error::Internal(format!("a page cannot be rendered: {error}")))?;
    let response = Response::builder().status(status).content_type("text/html; charset=utf-8");
    Ok(response.header("cache-control", "no-store").body(html))
}

/// On to another page of ours, which is then asked for with GET.
pub fn see_other(path: &str) -> Response {
    Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header("location", path)
        .header("cache-control", "no-store")
        .finish()
}

/// A `next` that leads nowhere but to a page of ours (A8); the front page otherwise.
pub fn safe_next(next: &str) -> &str {
    let ours = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    if ours && next.len() <= 2000 && next.is_ascii() { next } else { "/" }
}

/// Marks a refusal of [`Error::SignInAgain`], so that a page can lead to the sign-in and back.
#[derive(Clone, Copy, Debug)]
pub struct SignInAgain;

/// A refusal in the words of HTTP. What an `Internal` says stays in the log.
impl From<Error> for poem::Error {
    fn from(error: Error) -> Self {
        let problem = match error {
            Error::Invalid(ref errors) => {
                let mut problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY).detail(errors.to_string());
                for entry in errors.iter() {
                    problem = problem.field(format!("#/{}", entry.field), entry.message.clone());
                }
                problem
            }
            Error::Unreadable { parameter, message } => {
                Problem::new(StatusCode::BAD_REQUEST).detail(message.clone()).field(parameter, message)
            }
            Error::SignInRequired => Problem::new(StatusCode::UNAUTHORIZED).detail("Sign in first."),
            Error::SignInAgain => {
                let mut refusal: poem::Error = Problem::new(StatusCode::FORBIDDEN).detail(error.to_string()).into();
                refusal.set_data(SignInAgain);
                return refusal;
            }
            Error::Forbidden(sentence) => Problem::new(StatusCode::FORBIDDEN).detail(sentence),
            Error::NotFound(_) => Problem::new(StatusCode::NOT_FOUND),
            Error::TooMany { wait } => {
                let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS).detail(error.to_string());
                problem.retry_after = Some(u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX));
                problem
            }
            Error::Stale => Problem::new(StatusCode::PRECONDITION_FAILED).detail(error.to_string()),
            Error::Unconditional => Problem::new(StatusCode::PRECONDITION_REQUIRED).detail(error.to_string()),
            Error::Conflict(sentence) => Problem::new(StatusCode::CONFLICT).detail(sentence),
            Error::Unavailable(sentence) => Problem::new(StatusCode::SERVICE_UNAVAILABLE).detail(sentence),
            Error::Internal(cause) => {
                tracing::error!(cause, "an operation failed");
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR)
            }
        };
        problem.into()
    }
}

/// The stylesheet, the scripts and the icon.
#[handler]
pub fn asset(request: &poem::Request, poem::web::Path(name): poem::web::Path<String>) -> poem::Result<Response> {
    let (content_type, text) = match name.as_str() {
        "app.css" => ("text/css; charset=utf-8", CSS),
        "app.js" => ("text/javascript; charset=utf-8", JS),
        "draft.js" => ("text/javascript; charset=utf-8", DRAFT_JS),
        "passkey.js" => ("text/javascript; charset=utf-8", PASSKEY_JS),
        "icon.svg" => ("image/svg+xml", ICON),
        _ => return Err(Error::NotFound("file").into()),
    };
    let mut response = etag::respond(request.headers(), content_type, text.into());
    let keep = if request.uri().query().is_some_and(|query| query == format!("v={}", *ASSETS)) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    response.headers_mut().insert("cache-control", poem::http::HeaderValue::from_static(keep));
    Ok(response)
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// "March 4, 2026".
pub fn day(date: NaiveDate) -> String {
    format!("{} {}, {}", MONTHS[date.month0() as usize], date.day(), date.year())
}

/// "March 2026".
pub fn month(date: NaiveDate) -> String {
    format!("{} {}", MONTHS[date.month0() as usize], date.year())
}

/// The day of a moment, in UTC.
pub fn day_of(at: Timestamp) -> String {
    day(at.date_naive())
}
