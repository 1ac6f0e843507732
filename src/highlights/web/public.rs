//! What everybody reads: the list, a highlight, its card for pages of others, its press text, the feed.

use askama::Template;
use poem::http::{HeaderValue, StatusCode, header};
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::asked;
use super::piece::{photo, piece};
use crate::highlights::highlight::{Highlight, State};
use crate::highlights::reading::{self, Filter, Listed, Whole, is_open};
use crate::highlights::views::public::{CardPage, HighlightPage, ListPage, PressPage, Row};
use crate::highlights::{jsonld, press, writing};
use crate::materials::Depot;
use crate::platform::{Db, Error, Result};
use crate::sessions::schedule;
use crate::web::asker::Asker;
use crate::web::etag;
use crate::web::feed::{Entry, Feed, escaped};
use crate::web::headers::Framed;
use crate::web::site::{Site, own_page, page};
use crate::web::views::{Choice, JsonLd, Link};

/// Entries of the feed.
const ENTRIES: u64 = 50;

fn filter(request: &Request) -> Filter {
    let given = |name: &str| Some(asked(request, name)).filter(|text| !text.is_empty() && text.len() <= 120);
    Filter { city: given("city"), neighborhood: given("neighborhood"), cursor: given("cursor"), limit: None }
}

fn query(filter: &Filter, cursor: Option<&str>) -> String {
    let pairs =
        [("city", filter.city.as_deref()), ("neighborhood", filter.neighborhood.as_deref()), ("cursor", cursor)];
    let pairs: Vec<(&str, &str)> = pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let text = serde_urlencoded::to_string(pairs).unwrap_or_default();
    if text.is_empty() { text } else { format!("?{text}") }
}

/// GET `/highlights`
#[handler]
pub async fn list_view(
    request: &Request,
    Asker(actor): Asker,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let visitor = actor.person().is_none();
    let cx = db.cx(actor);
    let filter = filter(request);
    let found = reading::page(&cx, &filter).await?;
    let places = reading::places(&cx).await?;
    let choice = |value: &str, label: &str, chosen: Option<&str>| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        selected: chosen == Some(value),
    };
    let mut cities: Vec<Choice> =
        places.iter().map(|(slug, name, _)| choice(slug, name, filter.city.as_deref())).collect();
    cities.dedup();
    let there = |city: &str| filter.city.as_deref().is_none_or(|wanted| wanted == city);
    let mut names: Vec<&String> = places.iter().filter(|one| there(&one.0)).filter_map(|one| one.2.as_ref()).collect();
    names.sort_unstable();
    names.dedup();
    let url = format!("/highlights{}", query(&filter, filter.cursor.as_deref()));
    let mut chrome = site.chrome(
        "Highlights",
        "What district and charter schools did together, in words that each of them approved.",
        &url,
    );
    chrome.noindex = filter != Filter::default();
    let view = ListPage {
        chrome,
        count: if found.total == 1 { "1 highlight".to_owned() } else { format!("{} highlights", found.total) },
        rows: found.items.iter().map(|one| row(one, &found)).collect(),
        cities,
        neighborhoods: names.into_iter().map(|name| choice(name, name, filter.neighborhood.as_deref())).collect(),
        filtered: filter.city.is_some() || filter.neighborhood.is_some(),
        feed_url: format!("/highlights.atom{}", query(&filter, None)),
        writes: writing::enter(cx.actor()).is_ok(),
        next_url: found
            .next
            .as_deref()
            .map(|next| format!("/highlights{}", query(&filter, Some(next))))
            .unwrap_or_default(),
        later: filter.cursor.is_some(),
    };
    if visitor { page(request.headers(), &view) } else { own_page(StatusCode::OK, &view) }
}

fn names(one: &Highlight, found: &Listed) -> Vec<String> {
    one.schools.iter().filter_map(|one| found.schools.get(&one.school)).map(|school| school.name.clone()).collect()
}

fn row(one: &Highlight, found: &Listed) -> Row {
    let place = match &one.neighborhood {
        Some(name) => format!("{name}, {}", one.city_name),
        None => one.city_name.clone(),
    };
    let day = one.published_at.map(|at| schedule::day(at, one.zone)).unwrap_or_default();
    Row {
        link: Link { text: one.headline.clone(), url: one.path() },
        story: one.story.clone(),
        facts: format!("{place}. {day}"),
        schools: names(one, found).join(" and "),
    }
}

/// GET `/highlights.atom`
#[handler]
pub async fn feed_view(request: &Request, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    let cx = db.cx(crate::platform::Actor::Visitor);
    let filter = Filter { cursor: None, limit: Some(ENTRIES), ..filter(request) };
    let found = reading::page(&cx, &filter).await?;
    let installation = db.installation().await?;
    let tail = query(&filter, None);
    let url = |path: &str| format!("{}{path}", site.base_url);
    let entry = |one: &Highlight| {
        let mut html = format!("<p>{}</p>", escaped(&one.story));
        for passage in &one.schools {
            let name = found.schools.get(&passage.school).map_or("A school", |school| school.name.as_str());
            html.push_str(&format!("<p><strong>{}</strong>: {}</p>", escaped(name), escaped(&passage.words)));
        }
        Entry {
            id: format!("urn:uuid:{}", one.id),
            title: one.headline.clone(),
            url: url(&one.path()),
            published: one.published_at,
            updated: one.updated_at,
            author: Some(format!("Mayor's office of {}", one.city_name)),
            categories: vec![(one.city.clone(), one.city_name.clone())],
            content_html: html,
            ..Entry::default()
        }
    };
    // Readers of feeds want the newest change first.
    let mut items: Vec<&Highlight> = found.items.iter().collect();
    items.sort_by_key(|one| std::cmp::Reverse((one.updated_at, one.id)));
    let feed = Feed {
        id: format!("urn:uuid:{installation}#highlights{tail}"),
        title: "Highlights".to_owned(),
        subtitle: "What schools of two sectors did together, in words that each of them approved.".to_owned(),
        author: "Common Ground".to_owned(),
        own_url: url(&format!("/highlights.atom{tail}")),
        page_url: url(&format!("/highlights{tail}")),
        entries: items.into_iter().map(entry).collect(),
        ..Feed::default()
    };
    Ok(feed.respond(request.headers()))
}

fn gone(now: &Highlight) -> Vec<String> {
    let day = |at| schedule::day(at, now.zone);
    match (now.state, now.withdrawn_at) {
        (State::Withdrawn, Some(at)) => {
            let reason = now.reason.clone().unwrap_or_default();
            vec![format!("The mayor's office of {} withdrew it on {}.", now.city_name, day(at)), reason]
        }
        _ => vec![
            "It is not shown at the moment.".to_owned(),
            "A school that it names is looking at its words again. It is back when every school has said yes and its office publishes it again."
                .to_owned(),
        ],
    }
}

fn embed(url: &str, headline: &str) -> String {
    let title = escaped(headline);
    format!("<iframe src=\"{url}/card\" title=\"{title}\" width=\"360\" height=\"420\" loading=\"lazy\"></iframe>")
}

/// GET `/highlights/{slug}`
#[handler]
pub async fn highlight_view(
    request: &Request,
    Asker(actor): Asker,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let visitor = actor.person().is_none();
    let cx = db.cx(actor);
    let (found, may) = reading::highlight(&cx, &slug).await?;
    let edit_url = if may.write { format!("/highlights/{}/edit", found.id) } else { String::new() };
    let url = found.path();
    if found.state == State::Withdrawn || !may.preview {
        let mut view =
            HighlightPage { gone: gone(&found), edit_url: String::new(), url: url.clone(), ..HighlightPage::default() };
        view.piece.headline = "This highlight is not shown".to_owned();
        view.chrome = site.chrome("A highlight that is not shown", "", &url);
        view.chrome.noindex = true;
        return if visitor { page(request.headers(), &view) } else { own_page(StatusCode::OK, &view) };
    }
    let open = is_open(&found);
    let whole = reading::whole(&cx, found).await?;
    let now = &whole.highlight;
    let mut view = HighlightPage {
        chrome: site.chrome(&now.headline, &now.story, &url),
        piece: piece(&whole, &format!("{url}/photo")),
        published: now
            .published_at
            .filter(|_| open)
            .map(|at| format!("Published {}", schedule::day(at, now.zone)))
            .unwrap_or_default(),
        about: whole
            .about
            .iter()
            .map(|one| (one.kind.to_owned(), Link { text: one.title.clone(), url: one.path.clone() }))
            .collect(),
        preview: (!open).then(|| Link { text: "Change it".to_owned(), url: edit_url.clone() }),
        gone: Vec::new(),
        snippet: if open { embed(&format!("{}{url}", site.base_url), &now.headline) } else { String::new() },
        edit_url,
        url: url.clone(),
    };
    "article".clone_into(&mut view.chrome.og_type);
    view.chrome.print_view = request.uri().query() == Some("print");
    view.chrome.noindex = !open || view.chrome.print_view;
    if open {
        view.chrome.json_ld = Some(JsonLd::new(&jsonld::article(&whole, &site.base_url).to_string()));
    }
    if visitor { page(request.headers(), &view) } else { own_page(StatusCode::OK, &view) }
}

/// One that everybody reads, with everything; whoever asks sees no more than that.
async fn shown(db: &Db, slug: &str) -> Result<(Highlight, Option<Whole>)> {
    let cx = db.cx(crate::platform::Actor::Visitor);
    let (found, _) = reading::highlight(&cx, slug).await?;
    let whole = if is_open(&found) { Some(reading::whole(&cx, found.clone()).await?) } else { None };
    Ok((found, whole))
}

/// GET `/highlights/{slug}/card`: the one page that others may show in a frame.
#[handler]
pub async fn card_view(
    request: &Request,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let (found, whole) = shown(&db, &slug).await?;
    let view = CardPage {
        asset_version: site.chrome("", "", "").asset_version,
        url: format!("{}{}", site.base_url, found.path()),
        gone: if whole.is_some() { String::new() } else { gone(&found).join(" ") },
        piece: whole.map(|whole| piece(&whole, "")).unwrap_or_default(),
    };
    let html = view.render().map_err(|error| Error::Internal(format!("a card cannot be rendered: {error}")))?;
    let mut response = etag::respond(request.headers(), "text/html; charset=utf-8", html.into_bytes());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response.extensions_mut().insert(Framed);
    Ok(response)
}

/// GET `/highlights/{slug}/press`
#[handler]
pub async fn press_view(
    request: &Request,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let (found, whole) = shown(&db, &slug).await?;
    let url = found.path();
    let mut paragraphs = match &whole {
        Some(whole) => press::paragraphs(whole, &site.base_url),
        None => [vec!["A highlight that is not shown".to_owned()], gone(&found)].concat(),
    };
    let headline = paragraphs.remove(0);
    let mut chrome = site.chrome(&format!("Press text: {headline}"), "", &format!("{url}/press"));
    chrome.noindex = true;
    let view = PressPage { chrome, headline, paragraphs, text_url: format!("{url}/press.txt"), url };
    page(request.headers(), &view)
}

/// GET `/highlights/{slug}/press.txt`
#[handler]
pub async fn press_text_view(
    request: &Request,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let (found, whole) = shown(&db, &slug).await?;
    let text = match &whole {
        Some(whole) => press::text(whole, &site.base_url),
        None => format!("{}\n", gone(&found).join("\n\n")),
    };
    Ok(etag::respond(request.headers(), "text/plain; charset=utf-8", text.into_bytes()))
}

/// GET `/highlights/{slug}/photo`
#[handler]
pub async fn photo_view(
    request: &Request,
    Asker(actor): Asker,
    Path(slug): Path<String>,
    db: Data<&Db>,
    depot: Data<&Depot>,
) -> poem::Result<Response> {
    // What is not for the reader has no picture here.
    let (found, _) = reading::highlight(&db.cx(actor), &slug).await?;
    Ok(photo(request, *depot, &found, is_open(&found)).await?)
}
