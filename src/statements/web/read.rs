//! Statements as everybody reads them, and one's own.

use std::collections::HashMap;

use poem::http::{StatusCode, header};
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::{asked, changes_view as changed, link_to, place_link, sign_ons, stand};
use crate::catalog::markdown;
use crate::people::AccountId;
use crate::platform::{Cx, Db, Error, Place, Result};
use crate::sessions::Desk;
use crate::statements::amendment::{self, Fate};
use crate::statements::circle;
use crate::statements::counts::{self, Counts, Line};
use crate::statements::draft;
use crate::statements::history::{self, Did, Step};
use crate::statements::signing::{self, Signature};
use crate::statements::views::statement::{
    ChangesPage, MyStatementsPage, PointView, SectorRow, SignerRow, StatementPage, StatementRow, StatementsPage,
    VersionRow,
};
use crate::statements::{
    Named, State, Statement, Text, Version, manifest, may_begin, named, speaks_for, statement, statements, text,
    versions,
};
use crate::web::asker::{Asker, SignedIn};
use crate::web::site::{Site, day, day_of, own_page, see_other};
use crate::web::views::{Section, grouped};

/// So many are on the list.
const LISTED: u64 = 200;

/// GET `/statements`
#[handler]
pub async fn statements_view(Asker(actor): Asker, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let all = statements(&cx, LISTED).await?;
    let behind = counts::behind(&cx, &all).await?;
    let row = |one: &Statement| row_of(one, behind.get(&one.id).copied().unwrap_or_default());
    let description = "What leaders of schools and organizations of more than one sector say together.";
    let view = StatementsPage {
        chrome: site.chrome("Statements and frameworks", description, "/statements"),
        rows: all.iter().map(row).collect(),
        may_begin: may_begin(cx.actor()),
    };
    own_page(StatusCode::OK, &view)
}

fn row_of(one: &Statement, (newest, earlier): (u64, u64)) -> StatementRow {
    let is_draft = one.state == State::Draft;
    StatementRow {
        title: one.title.clone(),
        url: if is_draft { format!("{}/draft", one.path()) } else { one.path() },
        kind: one.kind.label().to_owned(),
        addressee: one.addressee.clone(),
        state: one.state.label().to_owned(),
        stand: if is_draft { String::new() } else { stand(one.version, newest, earlier) },
        facts: facts(one),
        mine: Vec::new(),
    }
}

/// "Published March 4, 2026. Sign-ons until April 4, 2026."
pub(super) fn facts(one: &Statement) -> String {
    let Some(at) = one.published_at else {
        return format!("Begun {}, not published.", day_of(one.created_at));
    };
    let mut facts = format!("Published {}.", day_of(at));
    if let (State::Open, Some(deadline)) = (one.state, one.deadline) {
        facts.push_str(&format!(" Sign-ons until {}, wherever that day ends last.", day(deadline)));
    }
    facts
}

/// GET `/me/statements`
#[handler]
pub async fn mine_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let all = draft::mine(&cx).await?;
    let behind = counts::behind(&cx, &all).await?;
    let ids: Vec<_> = all.iter().map(|one| one.id).collect();
    let signed = signing::mine(&cx, &ids).await?;
    let places: Vec<Place> = signed.values().flatten().map(|one| one.place).collect();
    let names = named(&cx, &places).await?;
    let row = |one: &Statement| {
        let own = signed.get(&one.id).map(Vec::as_slice).unwrap_or_default();
        let line = |mine: &Signature| {
            let name = names.get(&mine.place).map(|named| named.name.as_str()).unwrap_or_default();
            format!("{name}: {}", says(one, mine))
        };
        StatementRow {
            mine: own.iter().map(line).collect(),
            ..row_of(one, behind.get(&one.id).copied().unwrap_or_default())
        }
    };
    let done = if asked(request, "done") == "deleted" { "The draft is deleted." } else { "" };
    let mut chrome = site.chrome("Your statements", "", "/me/statements");
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let rows = all.iter().map(row).collect();
    let view = MyStatementsPage { chrome, done: done.to_owned(), rows, may_begin: may_begin(cx.actor()) };
    own_page(StatusCode::OK, &view)
}

/// How a sign-on stands: "Signed version 1 on March 4, 2026; asked again."
pub(super) fn says(statement: &Statement, one: &Signature) -> String {
    if let Some(at) = one.withdrawn_at {
        return format!("Withdrawn on {}.", day_of(at));
    }
    let on = day_of(one.confirmed_at.unwrap_or(one.signed_at));
    let did = if one.confirmed_at.is_some() { "Confirmed" } else { "Signed" };
    let again = if one.version < statement.version && statement.state == State::Open {
        format!("; version {} asks again", statement.version)
    } else {
        String::new()
    };
    format!("{did} version {} on {on}{again}.", one.version)
}

/// What a place did, where it did more than one thing: "Signed version 1 on March 4, 2026, confirmed version 2 on March 9, 2026."
pub(super) fn steps_in_words(steps: &[Step]) -> String {
    if steps.len() < 2 {
        return String::new();
    }
    let word = |(at, step): (usize, &Step)| {
        let did = match step.did {
            Did::Signed if at == 0 => "Signed",
            Did::Signed => "signed again,",
            Did::Confirmed => "confirmed",
            Did::Withdrawn => "withdrew from",
        };
        format!("{did} version {} on {}", step.version, day_of(step.at))
    };
    format!("{}.", steps.iter().enumerate().map(word).collect::<Vec<_>>().join(", "))
}

/// GET `/statements/{slug}`
#[handler]
pub async fn statement_view(
    Asker(actor): Asker,
    Path(reference): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let one = statement(&cx, &reference).await?;
    if one.state == State::Draft {
        return Ok(see_other(&format!("{}/draft", one.path())));
    }
    if one.slug != reference {
        return Ok(see_other(&one.path()));
    }
    let done = match asked(request, "done").as_str() {
        "published" => "It is published, and open for sign-ons.",
        "ended" => "Kept. Everybody reads it.",
        _ => "",
    };
    let number = one.version;
    show(&cx, *site, one, number, done, request.uri().query() == Some("print")).await
}

/// GET `/statements/{slug}/v/{n}`
#[handler]
pub async fn version_view(
    Asker(actor): Asker,
    Path((reference, number)): Path<(String, String)>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let one = published(&cx, &reference).await?;
    let number: i32 = number.parse().map_err(|_| Error::NotFound("version"))?;
    if !(1..=one.version).contains(&number) {
        return Err(Error::NotFound("version").into());
    }
    show(&cx, *site, one, number, "", request.uri().query() == Some("print")).await
}

/// A statement that is published; a draft has no such pages.
pub(super) async fn published(cx: &Cx, reference: &str) -> Result<Statement> {
    let one = statement(cx, reference).await?;
    if one.state == State::Draft { Err(Error::NotFound("statement")) } else { Ok(one) }
}

/// A version; the newest with who stands behind it.
async fn show(cx: &Cx, site: &Site, one: Statement, number: i32, done: &str, print: bool) -> poem::Result<Response> {
    let all = versions(cx, &one).await?;
    let shown = all.iter().find(|version| version.number == number).ok_or(Error::NotFound("version"))?;
    let newest = number == one.version;
    let url = one.path();
    let path = if newest { url.clone() } else { format!("{url}/v/{number}") };
    let description = markdown::plain(&shown.text.preamble).chars().take(200).collect::<String>();
    let mut chrome = site.chrome(&one.title, &description, &path);
    (chrome.print_view, chrome.noindex) = (print, print || !newest);
    let page = StatementPage {
        chrome,
        done: done.to_owned(),
        kind: one.kind.label().to_owned(),
        addressee: one.addressee.clone(),
        state: one.state.label().to_owned(),
        facts: facts(&one),
        ending_label: one.ended_on.map(|on| format!("{} on {}.", one.state.label(), day(on))).unwrap_or_default(),
        ending: one.ending.clone().unwrap_or_default(),
        number,
        newer: if newest { String::new() } else { format!("Version {} is the newest.", one.version) },
        published: shown.published_at.map(|at| format!("Published {}.", day_of(at))).unwrap_or_default(),
        preamble_html: markdown::html_under(&shown.text.preamble, 2),
        points: points(&shown.text),
        versions: all.iter().rev().map(|version| version_row(&one, version)).collect(),
        title: one.title.clone(),
        url: url.clone(),
        ..StatementPage::default()
    };
    let page = if newest { behind(cx, page, &one).await? } else { sponsored(cx, page, &one).await? };
    own_page(StatusCode::OK, &page)
}

async fn sponsored(cx: &Cx, page: StatementPage, one: &Statement) -> Result<StatementPage> {
    let names = named(cx, &[one.sponsor]).await?;
    let stand = format!("Version {} of {}.", page.number, one.version);
    Ok(StatementPage { sponsor: place_link(names.get(&one.sponsor)), stand, ..page })
}

/// Adds who stands behind the newest version.
async fn behind(cx: &Cx, page: StatementPage, one: &Statement) -> Result<StatementPage> {
    let signatures = signing::signatures(cx, one).await?;
    let counts = counts::counts(cx, one, &signatures).await?;
    let mut places: Vec<Place> = signatures.iter().map(|one| one.place).collect();
    places.push(one.sponsor);
    let names = named(cx, &places).await?;
    let shown = signing::shown_names(cx, &signatures).await?;
    let signed_in = cx.actor().account().is_some();
    let private = signed_in && signing::reads_private(cx, one).await?;
    let waiting = amendment::amendments(cx, one).await?.iter().filter(|one| one.fate == Fate::Waiting).count();
    let in_circle = signed_in && circle::part_of(cx, one).await?.is_some();
    let steps = history::steps(cx, one).await?;
    let signer = |each: &Signature| SignerRow {
        history: steps.get(&each.id).map(|steps| steps_in_words(steps)).unwrap_or_default(),
        ..signer(one, each, &names, &shown, private)
    };
    let care = care(&place_link(names.get(&one.sponsor)).text, one, circle::co_authors(cx, one).await?);
    let ends = matches!(one.state, State::Open | State::Closed);
    let own = signatures.iter().any(|each| speaks_for(cx.actor(), each.place));
    let signs = one.takes_signatures(cx.now()) || own;
    Ok(StatementPage {
        sponsor: place_link(names.get(&one.sponsor)),
        stand: stand(one.version, counts.newest, counts.earlier),
        behind: behind_words(&counts),
        progress: one.threshold.map(|wanted| progress(one, counts.newest, wanted)).unwrap_or_default(),
        sectors: if signatures.iter().any(Signature::stands) { sector_rows(&counts) } else { Vec::new() },
        counted_on: day_of(cx.now()),
        unknown: match counts.all.unknown {
            0 => String::new(),
            1 => "1 school has published none".to_owned(),
            n => format!("{n} schools have published none"),
        },
        signers: signatures.iter().map(signer).collect(),
        amendments: match waiting {
            0 => "None waits for an answer.".to_owned(),
            1 => "1 waits for an answer.".to_owned(),
            n => format!("{n} wait for an answer."),
        },
        may_propose: amendment::may_propose(cx, one).await?,
        sign_url: if signs { format!("{}/sign", one.path()) } else { String::new() },
        calls_url: if private && one.state == State::Open { format!("{}/calls", one.path()) } else { String::new() },
        manage_url: if private && ends { format!("{}/end", one.path()) } else { String::new() },
        care,
        circle_url: if in_circle { format!("{}/draft", one.path()) } else { String::new() },
        ..page
    })
}

/// Who looks after a statement, by place and number: names are shown of nobody who did not choose so.
fn care(sponsor: &str, one: &Statement, co_authors: u64) -> String {
    let author = if one.author.is_some() { "Its author" } else { "" };
    let co_authors = match co_authors {
        0 => String::new(),
        1 => "a co-author".to_owned(),
        n => format!("{n} co-authors"),
    };
    let sponsor = format!("whoever speaks for {sponsor}");
    let who: Vec<&str> = [author, &co_authors, &sponsor].into_iter().filter(|who| !who.is_empty()).collect();
    let (last, first) = who.split_last().unwrap_or((&"", &[]));
    let who = if first.is_empty() { (*last).to_owned() } else { format!("{} and {last}", first.join(", ")) };
    let does = if first.is_empty() { "answers proposals and says" } else { "answer proposals and say" };
    let (head, tail) = who.split_at_checked(1).unwrap_or(("", ""));
    format!("{}{tail} {does} how it ends.", head.to_uppercase())
}

fn progress(one: &Statement, newest: u64, wanted: i32) -> String {
    let reached = newest >= u64::try_from(wanted).unwrap_or_default();
    let end = if reached { "That number is reached." } else { "It is delivered when that number is reached." };
    format!("{newest} of {wanted} schools and organizations stand behind version {}. {end}", one.version)
}

fn behind_words(counts: &Counts) -> String {
    let mut words = format!("{} in all.", sign_ons(counts.newest + counts.earlier));
    if counts.withdrawn > 0 {
        let were = if counts.withdrawn == 1 { "was" } else { "were" };
        words.push_str(&format!(" {} {were} withdrawn.", sign_ons(counts.withdrawn)));
    }
    words
}

fn sector_rows(counts: &Counts) -> Vec<SectorRow> {
    let row = |label: &str, line: &Line| SectorRow {
        label: label.to_owned(),
        leaders: grouped(line.leaders),
        schools: grouped(line.schools),
        students: grouped(line.students),
    };
    let mut rows: Vec<SectorRow> = counts.by_sector.iter().map(|(_, label, line)| row(label, line)).collect();
    rows.push(row("All", &counts.all));
    rows
}

fn signer(
    statement: &Statement,
    one: &Signature,
    names: &HashMap<Place, Named>,
    shown: &HashMap<AccountId, String>,
    private: bool,
) -> SignerRow {
    let place = place_link(names.get(&one.place));
    if let Some(at) = one.withdrawn_at {
        return SignerRow { place, withdrawn: format!("withdrawn on {}", day_of(at)), ..SignerRow::default() };
    }
    let name = one.account.filter(|_| one.shows_name).and_then(|id| shown.get(&id));
    let comment = one.comment.clone().unwrap_or_default();
    let (comment, private_comment) = match (one.comment_public, private) {
        (true, _) => (comment, String::new()),
        (false, true) => (String::new(), comment),
        (false, false) => (String::new(), String::new()),
    };
    let asked = one.version < statement.version;
    SignerRow {
        place,
        leader: name.map_or_else(|| one.role_title.clone(), |name| format!("{name}, {}", one.role_title)),
        when: says(statement, one),
        asked: if asked { format!("Signed version {}; asked again", one.version) } else { String::new() },
        withdrawn: String::new(),
        history: String::new(),
        comment,
        private_comment,
    }
}

pub(super) fn points(text: &Text) -> Vec<PointView> {
    let view = |(at, point): (usize, &text::Point)| PointView {
        number: at + 1,
        title: point.title.clone(),
        text_html: markdown::html(&point.text),
    };
    text.points.iter().enumerate().map(view).collect()
}

fn version_row(one: &Statement, version: &Version) -> VersionRow {
    let (url, n) = (one.path(), version.number);
    VersionRow {
        number: n,
        url: format!("{url}/v/{n}"),
        published: version.published_at.map(|at| format!("published {}.", day_of(at))).unwrap_or_default(),
        notes: version.note.lines().map(str::to_owned).collect(),
        changes_url: if n > 1 { format!("{url}/changes?from={}&to={n}", n - 1) } else { String::new() },
        hash: version.text.hash(&one.title),
    }
}

/// GET `/statements/{slug}/changes`
#[handler]
pub async fn changes_view(
    Asker(actor): Asker,
    Path(reference): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let one = published(&cx, &reference).await?;
    let all = versions(&cx, &one).await?;
    let number = |name: &'static str, otherwise: i32| {
        let typed = asked(request, name);
        let unreadable = |_| Error::Unreadable { parameter: name, message: "Give the number of a version.".to_owned() };
        if typed.is_empty() { Ok(otherwise) } else { typed.parse::<i32>().map_err(unreadable) }
    };
    let to = number("to", one.version)?;
    let from = number("from", to - 1)?;
    let find = |n: i32| all.iter().find(|version| version.number == n).ok_or(Error::NotFound("version"));
    let (before, after) = (find(from)?, find(to)?);
    let path = format!("{}/changes?from={from}&to={to}", one.path());
    let mut chrome = site.chrome(&format!("What changed: {}", one.title), "", &path);
    chrome.noindex = true;
    let page = ChangesPage {
        chrome,
        statement: link_to(&one),
        from,
        to,
        notes: after.note.lines().map(str::to_owned).collect(),
        changes: changed(&text::changes(&before.text, &after.text)),
    };
    own_page(StatusCode::OK, &page)
}

/// GET `/statements/{slug}/manifest.json`
#[handler]
pub async fn manifest_view(
    Asker(actor): Asker,
    Path(reference): Path<String>,
    db: Data<&Db>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let one = published(&cx, &reference).await?;
    Ok(Response::builder()
        .content_type("application/json")
        .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.json\"", one.slug))
        .header(header::CACHE_CONTROL, "no-cache")
        .body(manifest::manifest(&cx, *desk, &one).await?))
}

/// GET `/statements/{slug}/signatures.csv`
#[handler]
pub async fn csv_view(Asker(actor): Asker, Path(reference): Path<String>, db: Data<&Db>) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let one = published(&cx, &reference).await?;
    Ok(Response::builder()
        .content_type("text/csv; charset=utf-8")
        .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.csv\"", one.slug))
        .header(header::CACHE_CONTROL, "no-cache")
        .body(manifest::csv(&cx, &one).await?))
}
