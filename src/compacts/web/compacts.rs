//! The list, one compact, its text and history, the comparison.

use poem::http::header;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::{asked, asked_all, choice, number, wording};
use crate::catalog::markdown;
use crate::compacts::commitment::Freshness;
use crate::compacts::compact::{Compact, CompactKind, Move, Party};
use crate::compacts::reading::{self, Filters, Labels, Listed, SIDES, Whole};
use crate::compacts::views::compact::{CompactPage, HistoryPage, PartyRow, Side, TextPage, VersionRow, VisitRow};
use crate::compacts::views::lists::{AreaRow, Clause, ComparePage, ListPage, Row};
use crate::compacts::{Commitment, editing};
use crate::platform::vocabulary::CommitmentStatus;
use crate::platform::{Db, Place, Result, Timestamp};
use crate::web::asker::Asker;
use crate::web::site::{Site, day, day_of, own_page};
use crate::web::views::{Choice, Link};
use poem::http::StatusCode;

const REPORTED: (&str, &str) = ("reported_met", "Reported met, not confirmed");

/// GET `/compacts`
#[handler]
pub async fn list_view(
    Asker(actor): Asker,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let filters = Filters {
        city: asked(request, "city"),
        kind: CompactKind::parse(&asked(request, "kind")),
        status: asked(request, "status"),
        freshness: Freshness::parse(&asked(request, "freshness")),
    };
    let (cities, found) = reading::list(&cx, &filters).await?;
    let labels = reading::labels(&cx).await?;
    let any = |label: &str, chosen: &str| choice("", label, chosen);
    let kind = filters.kind.map(CompactKind::code).unwrap_or_default();
    let fresh = filters.freshness.map(Freshness::code).unwrap_or_default();
    let mut city_choices = vec![any("Every city", &filters.city)];
    city_choices.extend(cities.into_iter().map(|(name, slug)| choice(&slug, name, &filters.city)));
    let mut kinds = vec![any("Every kind", kind)];
    kinds.extend(CompactKind::ALL.iter().map(|one| choice(one.code(), one.label(), kind)));
    let mut statuses = vec![any("Anything", &filters.status), choice(REPORTED.0, REPORTED.1, &filters.status)];
    statuses.extend(CommitmentStatus::all().map(|one| choice(one.code(), one.label(), &filters.status)));
    let freshness = [
        ("", "At any time"),
        ("fresh", "In the last 90 days"),
        ("due", "90 to 180 days ago"),
        ("silent", "Longer ago"),
    ];
    let mut chrome = site.chrome(
        "Compacts",
        "What districts, charter schools and cities promise each other, and what became of it.",
        "/compacts",
    );
    let filtered = filters != Filters::default();
    chrome.noindex = filtered;
    let view = ListPage {
        chrome,
        cities: city_choices,
        kinds,
        statuses,
        freshness: freshness.iter().map(|(code, label)| choice(code, *label, fresh)).collect(),
        filtered,
        rows: found.iter().map(|one| listed(one, &labels, cx.now())).collect(),
        begins: editing::may_begin(cx.actor()),
    };
    own_page(StatusCode::OK, &view)
}

fn over(compact: &Compact) -> String {
    let mut parts = vec![compact.kind.label().to_owned()];
    parts.extend(compact.city_name.clone());
    parts.join(", ")
}

fn listed(one: &Listed, labels: &Labels, now: Timestamp) -> Row {
    let signed = one.compact.signed_on.map(|on| format!(". Signed on {}", day(on))).unwrap_or_default();
    let parties = sectors(&one.parties).into_iter().map(|sector| {
        let theirs = one.parties.iter().filter(|party| party.sector == sector && party.takes_part());
        let names: Vec<&str> = theirs.map(|party| party.name.as_str()).collect();
        (labels.label(&sector), names.join(", "))
    });
    let words = |(code, n): (&&str, &usize)| {
        let label =
            CommitmentStatus::parse(code).map_or_else(|_| REPORTED.1.to_lowercase(), |one| one.label().to_lowercase());
        format!("{n} {label}")
    };
    let standings = one.standings();
    let all = one.commitments.len();
    let count = match all {
        0 => "No commitment yet".to_owned(),
        1 => "1 commitment: ".to_owned(),
        _ => format!("{all} commitments: "),
    };
    let silent = one.fresh(Freshness::Silent, now);
    Row {
        link: Link { text: one.compact.name.clone(), url: one.compact.path() },
        facts: format!("{}{signed}", over(&one.compact)),
        draft: one.compact.published_at.is_none(),
        parties: parties
            .filter(|(_, names)| !names.is_empty())
            .map(|(sector, names)| format!("{sector}: {names}"))
            .collect(),
        commitments: format!("{count}{}", standings.iter().map(words).collect::<Vec<_>>().join(", ")),
        silent: if silent == 0 { String::new() } else { format!("{silent} without an update in 180 days") },
        overdue: match one.overdue(now) {
            0 => String::new(),
            overdue => format!("{overdue} overdue"),
        },
    }
}

/// The sectors of parties, each once, in the order of the parties.
fn sectors(parties: &[Party]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for party in parties {
        if !found.contains(&party.sector) {
            found.push(party.sector.clone());
        }
    }
    found
}

/// GET `/compacts/{slug}`, and the commitments as a file for `{slug}.csv`
#[handler]
pub async fn compact_view(
    Asker(actor): Asker,
    Path(slug): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    if let Some(slug) = slug.strip_suffix(".csv") {
        let whole = reading::whole(&cx, slug).await?;
        let file = reading::csv(&whole, cx.now(), &site.base_url)?;
        let name = format!("attachment; filename=\"{}.csv\"", whole.compact.slug);
        let response =
            Response::builder().content_type("text/csv; charset=utf-8").header(header::CONTENT_DISPOSITION, name);
        return Ok(response.header("cache-control", "no-store").body(file));
    }
    let whole = reading::whole(&cx, &slug).await?;
    let mut view = page(*site, &whole, cx.now());
    match asked(request, "done").as_str() {
        "begun" => "It is a draft. Add its parties and commitments, then show it to everybody.",
        "kept" => "Kept.",
        "published" => "Everybody can read it now.",
        "visit" => "The visit is written down.",
        "text" => "The new version is there; the ones before stay readable.",
        _ => "",
    }
    .clone_into(&mut view.done);
    let query = request.uri().query().unwrap_or_default();
    view.chrome.print_view = query == "print" || query == "print=1";
    view.chrome.noindex = view.chrome.print_view || view.draft;
    own_page(StatusCode::OK, &view)
}

fn state(party: &Party) -> String {
    format!("{} since {}", party.state.label(), day(party.state_on))
}

fn party_row(party: &Party, moves: &[Move]) -> PartyRow {
    let mine: Vec<&Move> = moves.iter().filter(|one| one.party == party.id).collect();
    let before = mine.split_last().map(|(_, before)| before).unwrap_or_default();
    let url = match party.place {
        Some(Place::School(id)) => format!("/schools/{id}"),
        _ => String::new(),
    };
    PartyRow {
        name: Link { text: party.name.clone(), url },
        state: state(party),
        url: party.link.clone().unwrap_or_default(),
        before: before.iter().rev().map(|one| format!("{}, {}", one.state.label(), day(one.on))).collect(),
    }
}

fn versions(compact: &Compact, texts: &[crate::compacts::compact::TextVersion]) -> Vec<VersionRow> {
    let row = |one: &crate::compacts::compact::TextVersion| VersionRow {
        link: Link {
            text: format!("Version {}", one.version),
            url: format!("{}/text/{}", compact.path(), one.version),
        },
        day: day_of(one.created_at),
        note: one.note.clone().unwrap_or_default(),
    };
    texts.iter().map(row).collect()
}

fn page(site: &Site, whole: &Whole, now: Timestamp) -> CompactPage {
    let Whole {
        compact,
        parties,
        moves,
        seats,
        texts,
        commitments,
        visits,
        sectors: labels,
        writes,
        leads,
        takes_part,
    } = whole;
    let name = |id| parties.iter().find(|party| party.id == id).map(|party| party.name.clone()).unwrap_or_default();
    let side = |sector: String| Side {
        label: labels.label(&sector),
        parties: parties.iter().filter(|party| party.sector == sector).map(|party| party_row(party, moves)).collect(),
        seats: seats
            .iter()
            .filter(|seat| {
                parties.iter().any(|party| party.id == seat.party && party.sector == sector && party.takes_part())
            })
            .map(|seat| format!("{}, {}", seat.role, name(seat.party)))
            .collect(),
        code: sector,
    };
    let mut facts: Vec<(&'static str, String)> = Vec::new();
    facts.extend(compact.signed_on.map(|on| ("Signed on", day(on))));
    let review = |on| if on < now.date_naive() { "Review was due" } else { "Next review" };
    let review = compact.review_on.map(|on| (review(on), day(on)));
    facts.extend(review);
    facts.extend(compact.ends_on.map(|on| ("Ends on", day(on))));
    let contact = [compact.contact_role.clone(), compact.contact_party.map(name)];
    let contact: Vec<String> = contact.into_iter().flatten().filter(|text| !text.is_empty()).collect();
    if !contact.is_empty() {
        facts.push(("Contact office", contact.join(", ")));
    }
    let description = format!("{}: its parties, what they promised, and what became of it.", compact.name);
    CompactPage {
        chrome: site.chrome(&compact.name, &description, &compact.path()),
        done: String::new(),
        url: compact.path(),
        slug: compact.slug.clone(),
        name: compact.name.clone(),
        over: over(compact),
        draft: compact.published_at.is_none(),
        facts,
        sides: sectors(parties).into_iter().map(side).collect(),
        commitments: commitments.iter().map(|one| wording::row(compact, one, labels, now)).collect(),
        text_html: texts.first().map(|text| markdown::html_under(&text.body, 2)).unwrap_or_default(),
        versions: versions(compact, texts),
        has_visits: compact.kind == CompactKind::SchoolPartnership,
        visits: visits
            .iter()
            .map(|visit| VisitRow { day: day(visit.on), host: name(visit.host), log: wording::paragraphs(&visit.log) })
            .collect(),
        writes: *writes,
        leads: *leads,
        takes_part: *takes_part,
    }
}

/// GET `/compacts/{slug}/text/{version}`
#[handler]
pub async fn text_view(
    Asker(actor): Asker,
    Path((slug, version)): Path<(String, String)>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let (compact, found, all) = reading::text(&cx, &slug, number(&version, "version")?).await?;
    let path = format!("{}/text/{}", compact.path(), found.version);
    let mut facts = day_of(found.created_at);
    if let Some(note) = &found.note {
        facts = format!("{facts}: {note}");
    }
    let mut chrome = site.chrome(&format!("{}, version {}", compact.name, found.version), "", &path);
    chrome.noindex = compact.published_at.is_none();
    let view = TextPage {
        chrome,
        compact: Link { text: compact.name.clone(), url: compact.path() },
        version: found.version,
        older: found.version < compact.text_version,
        facts,
        text_html: markdown::html_under(&found.body, 1),
        versions: versions(&compact, &all),
    };
    own_page(StatusCode::OK, &view)
}

/// GET `/compacts/{slug}/history`
#[handler]
pub async fn history_view(
    Asker(actor): Asker,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let found = reading::history(&cx, &slug).await?;
    let labels = reading::labels(&cx).await?;
    let compact = &found.compact;
    let of = |id| {
        let known = found.commitments.iter().find(|one| one.id == id);
        known.map_or_else(Link::default, |one| Link {
            text: format!("{}. {}", one.number, one.sentence),
            url: format!("{}/commitments/{}", compact.path(), one.number),
        })
    };
    let mut chrome = site.chrome(&format!("History of {}", compact.name), "", &format!("{}/history", compact.path()));
    chrome.noindex = compact.published_at.is_none();
    let spoken = found
        .entries
        .iter()
        .map(|one| (one.at, one.id.0, wording::entry(one, &found.parties, &labels, of(one.commitment))));
    let own = found.records.iter().map(|one| (one.at, one.id.0, wording::record(one, &found.parties, &labels)));
    let mut all: Vec<_> = spoken.chain(own).collect();
    all.sort_by_key(|(at, id, _)| std::cmp::Reverse((*at, *id)));
    let view = HistoryPage {
        chrome,
        compact: Link { text: compact.name.clone(), url: compact.path() },
        entries: all.into_iter().map(|(.., row)| row).collect(),
    };
    own_page(StatusCode::OK, &view)
}

/// GET `/compacts/compare`
#[handler]
pub async fn compare_view(
    Asker(actor): Asker,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let wanted = asked_all(request, "c");
    let (sides, rows) = reading::compare(&cx, &wanted).await?;
    let (_, all) = reading::list(&cx, &Filters::default()).await?;
    let choices = |at: usize| -> Vec<Choice> {
        let chosen = sides.get(at).map(|one| one.slug.as_str()).unwrap_or_default();
        let mut choices = vec![choice("", "None", chosen)];
        choices.extend(all.iter().map(|one| choice(&one.compact.slug, one.compact.name.clone(), chosen)));
        choices
    };
    let cell = |(side, clauses): (&Compact, &Vec<Commitment>)| {
        let clause = |one: &Commitment| Clause {
            link: Link { text: one.sentence.clone(), url: format!("{}/commitments/{}", side.path(), one.number) },
            facts: {
                let (due, _) = wording::due(one, cx.now());
                let due = if due.is_empty() { due } else { format!(". {due}") };
                let disputed = if one.is_disputed() { ". The sides see it differently" } else { "" };
                format!("{}{due}{disputed}", one.standing())
            },
        };
        (side.name.clone(), clauses.iter().map(clause).collect())
    };
    let mut chrome = site.chrome("Compare compacts", "Compacts side by side, clause by clause.", "/compacts/compare");
    chrome.noindex = !wanted.is_empty();
    let view = ComparePage {
        chrome,
        rows: rows
            .iter()
            .map(|(area, cells)| AreaRow {
                area: area.label().to_owned(),
                cells: sides.iter().zip(cells).map(cell).collect(),
            })
            .collect(),
        choices: (0..SIDES).map(choices).collect(),
        sides: sides.iter().map(|one| Link { text: one.name.clone(), url: one.path() }).collect(),
    };
    own_page(StatusCode::OK, &view)
}

/// What a party is and how far it is, for the page where parties are looked after.
pub(super) fn party_words(party: &Party, labels: &Labels) -> (String, String) {
    (format!("{} ({})", party.name, labels.label(&party.sector)), state(party))
}

/// A compact for who takes part in it. Refuses a draft's name to who may not know of it.
pub(super) async fn known_party(cx: &crate::platform::Cx, slug: &str) -> Result<(Compact, Vec<Party>)> {
    let found = reading::open(cx, slug).await?;
    editing::enter_party(cx.actor(), &found.1)?;
    Ok(found)
}

/// A compact for who may change it. Refuses a draft's name to who may not know of it.
pub(super) async fn known(cx: &crate::platform::Cx, slug: &str) -> Result<(Compact, Vec<Party>)> {
    let found = reading::open(cx, slug).await?;
    editing::enter(cx.actor(), &found.0, &found.1)?;
    Ok(found)
}
