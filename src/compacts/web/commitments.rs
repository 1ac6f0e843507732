//! The page of a commitment, and the forms in which it is written down and changed.

use std::collections::BTreeMap;

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::compacts::known;
use super::{asked, choice, number, wording};
use crate::compacts::commitment::{Commitment, Holder, LinkKind, Standing};
use crate::compacts::compact::{Compact, Party};
use crate::compacts::editing;
use crate::compacts::promises::{self, Draft};
use crate::compacts::reading::{self, Labels, One};
use crate::compacts::views::commitment::{CommitmentPage, Counting};
use crate::compacts::views::compact::EntryRow;
use crate::compacts::views::form::{Field, FormPage};
use crate::people::city;
use crate::platform::vocabulary::{CommitmentArea, CommitmentStatus};
use crate::platform::{Cx, Db, Error, Result, Timestamp};
use crate::web::asker::{Asker, SignedIn};
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day, day_of, own_page, see_other};
use crate::web::views::{Choice, Link};

pub(super) fn url(compact: &Compact, of: &Commitment) -> String {
    format!("{}/commitments/{}", compact.path(), of.number)
}

/// GET `/compacts/{slug}/commitments/{number}`
#[handler]
pub async fn commitment_view(
    Asker(actor): Asker,
    Path((slug, n)): Path<(String, String)>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let one = reading::one(&cx, &slug, number(&n, "commitment")?).await?;
    let mut view = page(*site, &one, cx.now());
    match asked(request, "done").as_str() {
        "made" => "It is written down.",
        "kept" => "Kept. The history says what changed.",
        "updated" => "Kept. Everybody can read it.",
        "word" => "Your side's word is shown.",
        "handed" => "Kept. The office has somebody who holds it.",
        "redacted" => "The words are taken out; the line says so.",
        "linked" => "It counts now.",
        "unlinked" => "It counts no more; the history says so.",
        _ => "",
    }
    .clone_into(&mut view.done);
    if matches!(one.commitment.standing(), Standing::Is(CommitmentStatus::MET)) && city::writes(cx.actor()) {
        view.highlight_url = format!("/highlights/new?commitment={}", one.commitment.id);
    }
    let query = request.uri().query().unwrap_or_default();
    view.chrome.print_view = query == "print" || query == "print=1";
    view.chrome.noindex = view.chrome.print_view || one.compact.published_at.is_none();
    own_page(StatusCode::OK, &view)
}

fn page(site: &Site, one: &One, now: Timestamp) -> CommitmentPage {
    let One { compact, parties, commitment: of, entries, counted, sectors: labels, writes, reports, .. } = one;
    let rates_for = &one.rates_for;
    let path = url(compact, of);
    let (freshness, silent) = wording::freshness(of, now);
    let mut facts: Vec<(String, String)> = vec![("About".to_owned(), of.area.label().to_owned())];
    let mut fact = |label: &str, value: Option<String>| {
        facts.extend(value.filter(|value| !value.is_empty()).map(|value| (label.to_owned(), value)));
    };
    let office = |holder: &Holder| {
        holder.party.as_ref().map(|party| format!("{} ({})", party.name, labels.label(&party.sector)))
    };
    fact("Who does it", of.who.clone());
    fact("Answers for it", office(&of.owner));
    fact("With, from another sector", office(&of.deputy));
    let overdue = of.overdue_since(now).is_some();
    fact("Due", of.due_on.map(|on| format!("{}{}", day(on), if overdue { ", overdue" } else { "" })));
    fact("First due", of.first_due_on.filter(|first| Some(*first) != of.due_on).map(day));
    if let Some(measure) = &of.measure {
        fact("Measure", Some(measure.name.clone()));
        fact("Baseline", measure.baseline.clone());
        fact("Target", measure.target.clone());
        let latest = measure.latest.clone().map(|latest| match measure.as_of {
            Some(on) => format!("{latest}, as of {}, as its owner reports it", day(on)),
            None => latest,
        });
        fact("Latest", latest);
    }
    if let Some((by, at)) = of.confirmed {
        let by = one.party(Some(by)).map(|party| party.name.clone()).unwrap_or_default();
        fact("Confirmed", Some(format!("by {by} on {}", day_of(at))));
    }
    let rating = |rating: &crate::compacts::commitment::Rating| {
        let left = if rating.takes_part { "" } else { ", has left" };
        let words = format!("{}, said on {}", rating.status.label(), day_of(rating.at));
        (format!("{} ({}{left})", labels.label(&rating.sector), rating.name), words)
    };
    let description = format!("{} A commitment of {}: {}.", of.sentence, compact.name, of.standing());
    CommitmentPage {
        chrome: site.chrome(&of.sentence, &description, &path),
        done: String::new(),
        compact: Link { text: compact.name.clone(), url: compact.path() },
        number: of.number,
        sentence: of.sentence.clone(),
        standing: of.standing().to_string(),
        freshness,
        silent,
        reason: of.reason.clone().unwrap_or_default(),
        dispute: wording::dispute(of, labels),
        vacant: wording::vacant(of),
        facts,
        gets: of.gets.iter().map(|(sector, words)| (labels.label(sector), words.clone())).collect(),
        ratings: of.ratings.iter().map(rating).collect(),
        counts: counts(one),
        counts_joint: counted.counts_joint,
        counting: counting(one, &path),
        entries: entries
            .iter()
            .map(|entry| EntryRow {
                redact: match one.redacts && entry.has_words() {
                    true => format!("{path}/redaction?entry={}", entry.id),
                    false => String::new(),
                },
                ..wording::entry(entry, parties, labels, Link::default())
            })
            .collect(),
        overdue: of.overdue_since(now).map(|on| format!("Overdue since {}", day(on))).unwrap_or_default(),
        hands_over: one.hands_over.iter().map(|(_, party)| party.name.as_str()).collect::<Vec<_>>().join(" or "),
        reports: *reports,
        rates_for: rates_for.as_ref().map(|party| party.name.clone()).unwrap_or_default(),
        waits: matches!(of.standing(), Standing::ReportedMet { .. }),
        writes: *writes,
        highlight_url: String::new(),
        url: path,
    }
}

/// What counts itself, in numbers.
fn counts(one: &One) -> Vec<(&'static str, String)> {
    let counted = &one.counted;
    let mut counts: Vec<(&'static str, String)> = Vec::new();
    if !counted.sessions.is_empty() || counted.counts_joint {
        counts.push(("Sessions held", counted.sessions.len().to_string()));
        counts.push(("Of these joint, by who came", counted.joint().to_string()));
        counts.push(("Educators' hours", counted.hours().to_string()));
    }
    if !counted.practices.is_empty() {
        counts.push(("Practices shared", counted.practices.len().to_string()));
    }
    if !counted.adoptions.is_empty() {
        counts.push(("Adoptions that came as far as a pilot", counted.piloted().to_string()));
        let (kept, of) = counted.kept();
        if of > 0 {
            counts.push(("Kept a year later", format!("{kept} of {of}")));
        }
    }
    counts
}

/// What counts, each with its page; what was linked can be taken out by whoever may change the commitment.
fn counting(one: &One, path: &str) -> Vec<Counting> {
    let counted = &one.counted;
    let removal = |target: uuid::Uuid, kind: LinkKind| {
        let link = counted.links.iter().find(|link| link.kind == kind && link.target == Some(target));
        link.filter(|_| one.writes).map(|link| format!("{path}/links/{}/removal", link.id)).unwrap_or_default()
    };
    let mut found: Vec<Counting> = Vec::new();
    for session in &counted.sessions {
        let joint = if session.joint == Some(true) { ", joint" } else { "" };
        let people = match session.people {
            0 => String::new(),
            1 => ", 1 educator".to_owned(),
            n => format!(", {n} educators"),
        };
        found.push(Counting {
            link: Link { text: session.title.clone(), url: format!("/sessions/{}", session.id) },
            facts: format!("Session, {}{joint}{people}", day(session.on)),
            remove: removal(session.id.0, LinkKind::Session),
            elsewhere: false,
        });
    }
    for practice in &counted.practices {
        found.push(Counting {
            link: Link { text: practice.title.clone(), url: format!("/practices/{}", practice.slug) },
            facts: "Practice".to_owned(),
            remove: removal(practice.id.0, LinkKind::Practice),
            elsewhere: false,
        });
    }
    for adoption in &counted.adoptions {
        let far = match (adoption.piloted, adoption.kept) {
            (_, Some(true)) => "Adoption, kept a year later",
            (true, _) => "Adoption",
            (false, _) => "Adoption, not as far as a pilot yet",
        };
        found.push(Counting {
            link: Link {
                text: format!("{} at {}", adoption.practice, adoption.school),
                url: format!("/adoptions/{}", adoption.id),
            },
            facts: far.to_owned(),
            remove: removal(adoption.id.0, LinkKind::Adoption),
            elsewhere: false,
        });
    }
    for link in &counted.elsewhere {
        let on = link.dated_on.map(|on| format!(", {}", day(on))).unwrap_or_default();
        found.push(Counting {
            link: Link { text: link.title.clone().unwrap_or_default(), url: link.url.clone().unwrap_or_default() },
            facts: format!("{}{on}", link.kind.label()),
            remove: if one.writes { format!("{path}/links/{}/removal", link.id) } else { String::new() },
            elsewhere: true,
        });
    }
    found
}

fn draft_of(form: &Form) -> Draft {
    let get = |name: &str| form.get(name).to_owned();
    let gets: BTreeMap<String, String> = form
        .starting("gets/")
        .filter_map(|(name, value)| Some((name.strip_prefix("gets/")?.to_owned(), value.to_owned())))
        .collect();
    Draft {
        area: get("area"),
        sentence: get("sentence"),
        who: get("who"),
        gets,
        due_on: get("due_on"),
        measure: get("measure"),
        baseline: get("baseline"),
        target: get("target"),
        owner_party: get("owner_party"),
        owner: get("owner"),
        deputy_party: get("deputy_party"),
        deputy: get("deputy"),
        why: get("why"),
        no_student: form.has("no_student"),
    }
}

fn draft_fields(draft: &Draft, parties: &[Party], labels: &Labels, of: Option<&Commitment>) -> Vec<Field> {
    let mut areas = vec![choice("", "Choose one", &draft.area)];
    areas.extend(CommitmentArea::all().map(|one| choice(one.code(), one.label(), &draft.area)));
    let parties_of = |chosen: &str| -> Vec<Choice> {
        let mut choices = vec![choice("", "Nobody yet", chosen)];
        let there = parties.iter().filter(|party| party.takes_part());
        choices.extend(there.map(|party| {
            let words = format!("{} ({})", party.name, labels.label(&party.sector));
            choice(&party.id.to_string(), words, chosen)
        }));
        choices
    };
    let mut fields = vec![
        Field::select("area", "What it is about", areas, ""),
        Field::text("sentence", "What is promised, in one sentence", &draft.sentence, "").needed(),
        Field::text("who", "Who does it", &draft.who, "By office and role, not by name."),
        Field::date("due_on", "Due", &draft.due_on, "Moving it later is a line of the history that everybody reads."),
    ];
    let mut sectors: Vec<&str> = parties.iter().map(|party| party.sector.as_str()).collect();
    sectors.sort_unstable();
    sectors.dedup();
    for sector in sectors {
        let value = draft.gets.get(sector).map(String::as_str).unwrap_or_default();
        let label = format!("What {} gets", labels.label(sector));
        fields.push(Field::text(&format!("gets/{sector}"), &label, value, ""));
    }
    let keeps = |holder: Option<&Holder>| match holder {
        Some(holder) if holder.account.is_some() => "Somebody holds it; empty keeps them.",
        _ => "Address of a compact owner, principal or mayor's office there. No page shows it.",
    };
    let (owner, deputy) = (of.map(|of| &of.owner), of.map(|of| &of.deputy));
    fields.extend([
        Field::text("measure", "What is counted", &draft.measure, "Joint sessions held, records sent in five days."),
        Field::text("baseline", "Where it began", &draft.baseline, ""),
        Field::text("target", "Where it should be", &draft.target, ""),
        Field::select("owner_party", "Who answers for it", parties_of(&draft.owner_party), ""),
        Field::text("owner", "Who holds it there", &draft.owner, keeps(owner)),
        Field::select(
            "deputy_party",
            "Who answers with it, from another sector",
            parties_of(&draft.deputy_party),
            "It says when the commitment is met; the owner's side cannot.",
        ),
        Field::text("deputy", "Who holds it there, too", &draft.deputy, keeps(deputy)),
    ]);
    if let Some(of) = of {
        fields.push(Field::text("why", "Why it is changed", &draft.why, "One line that everybody reads."));
        fields.push(Field::hidden("seen", &of.revision.to_string()));
    }
    fields
}

/// The frame of a form of a compact or a commitment.
pub(super) struct Frame<'a> {
    pub site: &'a Site,
    pub compact: &'a Compact,
    pub of: Option<&'a Commitment>,
    pub heading: &'a str,
    pub lede: &'a str,
    pub tail: &'a str,
    pub submit: &'a str,
}

impl Frame<'_> {
    pub(super) fn page(self, fields: Vec<Field>, notes: Vec<String>, corrections: Corrections) -> FormPage {
        let base = self.of.map_or_else(|| self.compact.path(), |of| url(self.compact, of));
        let over = self.of.map_or_else(|| self.compact.name.clone(), |of| format!("{}. {}", of.number, of.sentence));
        let mut chrome = self.site.chrome(self.heading, "", &format!("{base}{}", self.tail));
        chrome.noindex = true;
        FormPage {
            chrome,
            over: Link { text: over, url: base.clone() },
            heading: self.heading.to_owned(),
            lede: self.lede.to_owned(),
            notes,
            corrections,
            action: format!("{base}{}", self.tail),
            fields,
            submit: self.submit.to_owned(),
            back: Link { text: "Back".to_owned(), url: base },
        }
    }
}

fn new_page(
    site: &Site,
    (compact, parties): &(Compact, Vec<Party>),
    labels: &Labels,
    draft: &Draft,
    corrections: Corrections,
) -> FormPage {
    let frame = Frame {
        site,
        compact,
        of: None,
        heading: "Write down a commitment",
        lede: "Its number and its address stay for good.",
        tail: "/commitments",
        submit: "Write it down",
    };
    frame.page(draft_fields(draft, parties, labels, None), Vec::new(), corrections)
}

/// GET `/compacts/{slug}/commitments`
#[handler]
pub async fn new_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let found = known(&cx, &slug).await?;
    let labels = reading::labels(&cx).await?;
    own_page(StatusCode::OK, &new_page(*site, &found, &labels, &Draft::default(), Corrections::default()))
}

/// POST `/compacts/{slug}/commitments`
#[handler]
pub async fn make_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let found = known(&cx, &slug).await?;
    let draft = draft_of(&form);
    let make = async {
        let mut tx = db.write(actor).await?;
        let made = promises::make(&mut tx, found.0.id, &draft).await?;
        tx.commit().await?;
        Ok::<_, Error>(made)
    };
    match make.await {
        Ok(made) => Ok(see_other(&format!("{}?done=made", url(&found.0, &made)))),
        Err(error) => {
            let labels = reading::labels(&cx).await?;
            let view = new_page(*site, &found, &labels, &draft, Corrections::of(error)?);
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

pub(super) async fn of(cx: &Cx, slug: &str, n: &str) -> Result<One> {
    reading::one(cx, slug, number(n, "commitment")?).await
}

fn edit_page(site: &Site, one: &One, draft: &Draft, corrections: Corrections) -> FormPage {
    let frame = Frame {
        site,
        compact: &one.compact,
        of: Some(&one.commitment),
        heading: "Change the commitment in the open",
        lede: "What stood there before stays readable in its history.",
        tail: "/edit",
        submit: "Keep the change",
    };
    let fields = draft_fields(draft, &one.parties, &one.sectors, Some(&one.commitment));
    frame.page(fields, Vec::new(), corrections)
}

/// GET `/compacts/{slug}/commitments/{number}/edit`
#[handler]
pub async fn edit_view(
    SignedIn(actor): SignedIn,
    Path((slug, n)): Path<(String, String)>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let one = of(&cx, &slug, &n).await?;
    editing::enter(cx.actor(), &one.compact, &one.parties)?;
    own_page(StatusCode::OK, &edit_page(*site, &one, &Draft::of(&one.commitment), Corrections::default()))
}

/// The revision that a form was made of.
pub(super) fn revision(form: &Form) -> Result<Option<i32>> {
    match form.get("seen") {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Error::Stale),
    }
}

/// POST `/compacts/{slug}/commitments/{number}/edit`
#[handler]
pub async fn change_view(
    SignedIn(actor): SignedIn,
    Path((slug, n)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = of(&cx, &slug, &n).await?;
    editing::enter(cx.actor(), &one.compact, &one.parties)?;
    let draft = draft_of(&form);
    let change = async {
        let mut tx = db.write(actor).await?;
        promises::change(&mut tx, one.commitment.id, &draft, revision(&form)?).await?;
        tx.commit().await
    };
    match change.await {
        Ok(()) => Ok(see_other(&format!("{}?done=kept", url(&one.compact, &one.commitment)))),
        Err(error) => {
            let now = of(&cx, &slug, &n).await?;
            let view = edit_page(*site, &now, &draft, Corrections::of(error)?);
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}
