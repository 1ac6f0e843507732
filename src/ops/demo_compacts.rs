//! Rivermark's compacts and those of its neighbors: written, updated and confirmed through the operations, on a clock that walks from
//! a year ago to today. Dull truth included: one commitment was missed, one is silent and its owner gone, two sides see one
//! differently, and some wait for the word of another sector.

use chrono::{NaiveDate, TimeDelta};
use serde::Deserialize;
use uuid::Uuid;

use super::demo::CITY;
use crate::app::App;
use crate::catalog::adoption;
use crate::compacts::compact::{CITY as CITY_SECTOR, OTHER};
use crate::compacts::editing::{self, Head, NewParty};
use crate::compacts::progress::{self, Update, Word};
use crate::compacts::promises::{self, Draft, NewLink};
use crate::compacts::{CommitmentId, Compact, PartyId, clockwork};
use crate::mail::Email;
use crate::notices::Postroom;
use crate::people::account::{self, NewAccount, ProfileChange, change_profile, open_account};
use crate::people::{self, AccountId, VerifiedBy, admin, membership};
use crate::platform::{Actor, Clock, Config, Error, Grant, Place, Result, Role, Scope, Timestamp, Via};

/// The compacts of the city's file.
#[derive(Deserialize)]
struct City {
    schools: Vec<SchoolRow>,
    compacts: Vec<CompactRow>,
}

#[derive(Deserialize)]
struct SchoolRow {
    name: String,
    sector: String,
}

#[derive(Deserialize)]
struct CompactRow {
    id: String,
    name: String,
    signed: NaiveDate,
    /// A month: `2027-03`.
    review: String,
    parties: Vec<String>,
    /// Area, sentence, status.
    commitments: Vec<(String, String, String)>,
}

const DISTRICT: &str = "Rivermark Public Schools";
const OFFICE: &str = "City of Rivermark, Mayor's Office of Education";
const QUILLWATER: &str = "Quillwater Charter School";
const OWNER: &str = "compact.owner@example.org";
const CHARTER: &str = "principal.charter@example.org";
const FORMER: &str = "compact.owner.former@example.org";

struct Stage {
    app: App,
    clock: Clock,
    room: Postroom,
    now: Timestamp,
}

/// Makes the compacts of a city whose schools, practices, people and sessions are there; letters lead to `base_url`.
pub async fn seed_compacts(config: &Config, base_url: &str) -> Result<()> {
    let city: City = serde_json::from_str(CITY).map_err(Error::internal)?;
    let now = Clock::System.now();
    let clock = Clock::fixed(now);
    let app = App::open(config.clone(), clock.clone()).await?;
    let room = app.desk(&base_url.into())?.postroom();
    let stage = Stage { app, clock, room, now };
    for row in &city.compacts {
        if row.id == "c01" {
            stage.rivermark(row, &city.schools).await?;
        } else {
            stage.elsewhere(row).await?;
        }
    }
    stage.clock.set(now);
    while clockwork::look_at_all(&stage.app.db, &stage.room).await? > 0 {}
    stage.app.db.close().await;
    Ok(())
}

/// What a status that ends or interrupts something says to everybody.
fn reason(status: &str) -> &'static str {
    match status {
        "missed" => {
            "Both faculties had chosen other days before the calendars were compared. The next try is in the spring."
        }
        "paused" => "The state changed its own calendar; we go on when it is known.",
        "dropped" => "The parties could not agree on the measure, and say so here instead of letting it fade.",
        _ => "",
    }
}

fn sector(name: &str) -> &'static str {
    if name.contains("Mayor") || name.starts_with("City of") {
        CITY_SECTOR
    } else if name.to_lowercase().contains("charter") {
        "charter"
    } else if name.contains("District") || name.contains("Public Schools") {
        "district"
    } else {
        OTHER
    }
}

impl Stage {
    fn go(&self, days_ago: i64) {
        self.clock.set(self.now - TimeDelta::days(days_ago));
    }

    async fn actor(&self, account: AccountId) -> Result<Actor> {
        let cx = self.app.db.cx(Actor::System("demo"));
        let actor = account::actor(&cx, account, Via::SignIn(Uuid::nil()), cx.now(), Scope::Write, false).await?;
        actor.ok_or(Error::NotFound("account"))
    }

    async fn account(&self, email: &str) -> Result<AccountId> {
        let email = Email::parse(email).map_err(Error::internal)?;
        let found = account::account_of(&self.app.db.cx(Actor::System("demo")), &email).await?;
        found.map(|account| account.id).ok_or(Error::NotFound("account"))
    }

    /// Begins a compact and shows it to everybody.
    async fn begin(
        &self,
        row: &CompactRow,
        kind: &str,
        city: &str,
        parties: Vec<NewParty>,
        text: &str,
    ) -> Result<(Compact, Vec<PartyId>)> {
        let mut tx = self.app.db.write(Actor::System("demo")).await?;
        let mut head = Head {
            name: row.name.clone(),
            kind: kind.to_owned(),
            city: city.to_owned(),
            signed_on: self.signed_on(row).to_string(),
            review_on: format!("{}-01", row.review),
            counts_joint: row.id == "c01",
            ..Head::default()
        };
        let compact = editing::begin(&mut tx, &head, None).await?;
        let mut ids = Vec::new();
        for party in parties {
            ids.push(editing::add_party(&mut tx, compact.id, party).await?);
        }
        if let Some(first) = ids.first() {
            head.contact_party = first.to_string();
            "Director of partnerships".clone_into(&mut head.contact_role);
            editing::change(&mut tx, compact.id, &head, None).await?;
            for (party, role) in ids.iter().zip(["Director of partnerships", "Superintendent", "Head of school"]) {
                editing::add_seat(&mut tx, compact.id, &party.to_string(), role).await?;
            }
        }
        editing::write_text(&mut tx, compact.id, 0, text, "As signed", true).await?;
        editing::publish(&mut tx, compact.id).await?;
        tx.commit().await?;
        Ok((compact, ids))
    }

    /// The file's day, or one before anything happens here: none lies in the future of the clock.
    fn signed_on(&self, row: &CompactRow) -> NaiveDate {
        row.signed.min(self.now.date_naive() - TimeDelta::days(405))
    }

    fn signed(&self, row: &CompactRow, new: NewParty) -> NewParty {
        NewParty {
            state: "signed".to_owned(),
            on: self.signed_on(row).to_string(),
            link: format!("https://example.org/compacts/{}/signatures", row.id),
            ..new
        }
    }

    async fn make(&self, compact: &Compact, draft: &Draft) -> Result<CommitmentId> {
        let mut tx = self.app.db.write(Actor::System("demo")).await?;
        let made = promises::make(&mut tx, compact.id, draft).await?;
        tx.commit().await?;
        Ok(made.id)
    }

    async fn update(&self, actor: Actor, id: CommitmentId, text: &str, status: &str) -> Result<()> {
        let met = status == "met";
        let evidence =
            met.then(|| ("Report of the parties".to_owned(), "https://example.org/compacts/report".to_owned()));
        let said = Update {
            text: text.to_owned(),
            status: status.to_owned(),
            reason: reason(status).to_owned(),
            evidence: evidence.into_iter().collect(),
            ..Update::default()
        };
        let mut tx = self.app.db.write(actor).await?;
        progress::update(&mut tx, &self.room, id, &said, None).await?;
        tx.commit().await
    }

    async fn say(&self, actor: Actor, id: CommitmentId, status: &str, note: &str) -> Result<()> {
        let word = Word { status: status.to_owned(), note: note.to_owned(), no_student: false };
        let mut tx = self.app.db.write(actor).await?;
        progress::rate(&mut tx, &self.room, id, &word, None).await?;
        tx.commit().await
    }

    /// A compact of a city whose schools are not here: names alone, kept by the city's administration.
    async fn elsewhere(&self, row: &CompactRow) -> Result<()> {
        self.go(400);
        let system = || Actor::System("demo");
        let parties = row.parties.iter().map(|name| {
            self.signed(row, NewParty { name: name.clone(), sector: sector(name).to_owned(), ..NewParty::default() })
        });
        let kind = if row.name.contains("Campus") { "campus_agreement" } else { "compact" };
        let words: Vec<&str> = row.name.split(' ').take(if row.id == "c04" { 1 } else { 2 }).collect();
        let text = "The parties act together on what is written here, and say in public how it goes.";
        let (compact, ids) = self.begin(row, kind, &words.join(" "), parties.collect(), text).await?;
        let of = |wanted: &str| row.parties.iter().position(|name| sector(name) == wanted).and_then(|at| ids.get(at));
        let id = |party: Option<&PartyId>| party.map(ToString::to_string).unwrap_or_default();
        let mut made = Vec::new();
        for (number, (area, sentence, _)) in (0..).zip(&row.commitments) {
            let due = self.now.date_naive() + TimeDelta::days(60 * number - 30);
            let draft = Draft {
                area: area.clone(),
                sentence: sentence.clone(),
                due_on: due.to_string(),
                owner_party: id(of("district")),
                deputy_party: id(of("charter")),
                ..Draft::default()
            };
            made.push(self.make(&compact, &draft).await?);
        }
        // Larkhaven has not been heard of for most of a year; the others speak more often.
        let last = match row.id.as_str() {
            "c04" => 240,
            "c03" => 110,
            _ => 25,
        };
        self.go(last);
        for (id, (_, _, status)) in made.into_iter().zip(&row.commitments) {
            if status != "not_started" {
                self.update(system(), id, "As the parties reported it at their last meeting.", status).await?;
            }
        }
        Ok(())
    }

    /// The city's own: parties that are here, held by people who can be tried.
    async fn rivermark(&self, row: &CompactRow, schools: &[SchoolRow]) -> Result<()> {
        self.go(390);
        let cx = self.app.db.cx(Actor::System("demo"));
        let mut parties = Vec::new();
        let charters = schools.iter().filter(|school| school.sector == "charter").map(|school| school.name.as_str());
        for name in [OFFICE, DISTRICT].into_iter().chain(charters) {
            let place = editing::place(&cx, &slug::slugify(name)).await?;
            parties.push((name, self.signed(row, NewParty { place, ..NewParty::default() })));
        }
        let names: Vec<&str> = parties.iter().map(|(name, _)| *name).collect();
        let text = "## What we promise\n\nWe learn from each other, open our doors, and say in public how it goes: what was met, what was missed, and why.";
        let all = parties.iter().map(|(_, party)| party.clone()).collect();
        let (compact, ids) = self.begin(row, "compact", "Rivermark", all, text).await?;
        let id = |wanted: &str| {
            let at = names.iter().position(|name| *name == wanted);
            at.and_then(|at| ids.get(at)).map(ToString::to_string).unwrap_or_default()
        };
        let former = self.former().await?;
        let mut made = Vec::new();
        for (number, (area, sentence, status)) in (1..).zip(&row.commitments) {
            // What was missed was due before somebody said so.
            let due = if status == "missed" { -20 } else { 50 * number };
            let draft = Draft {
                area: area.clone(),
                sentence: sentence.clone(),
                who: "The offices of teaching and learning".to_owned(),
                gets: [("charter", "A third of the seats"), ("district", "A third of the seats")]
                    .into_iter()
                    .filter(|_| number == 1)
                    .map(|(sector, text)| (sector.to_owned(), text.to_owned()))
                    .collect(),
                due_on: (self.now.date_naive() + TimeDelta::days(due)).to_string(),
                measure: if number == 1 { "Joint sessions held".to_owned() } else { String::new() },
                target: if number == 1 { "24".to_owned() } else { String::new() },
                owner_party: id(DISTRICT),
                owner: if area == "accountability" { FORMER.to_owned() } else { OWNER.to_owned() },
                deputy_party: id(QUILLWATER),
                deputy: CHARTER.to_owned(),
                ..Draft::default()
            };
            made.push((self.make(&compact, &draft).await?, area.as_str(), sentence.as_str(), number));
        }
        let (owner, charter) = (self.account(OWNER).await?, self.account(CHARTER).await?);
        let (owner, charter) = (self.actor(owner).await?, self.actor(charter).await?);
        self.go(120);
        let said = |area: &'static str| made.iter().filter(move |(_, of, ..)| *of == area).map(|(id, ..)| *id);
        let last = |area: &str| made.iter().rev().find(|(_, of, ..)| *of == area).map(|(id, ..)| *id);
        for one in said("share_practice") {
            self.update(owner.clone(), one, "Nine of twelve schools have a practice in the catalog.", "in_progress")
                .await?;
        }
        self.go(60);
        for one in said("transitions") {
            self.update(owner.clone(), one, "Most requests were answered in five school days.", "partly_met").await?;
            let note = "Of our requests, hardly any was answered in time; we would call it missed.";
            self.say(charter.clone(), one, "missed", note).await?;
        }
        self.go(40);
        if let Some(one) = last("replicate") {
            self.link_adoptions(owner.clone(), one).await?;
            self.update(owner.clone(), one, "Schools of both sectors tried practices of the other.", "met").await?;
            self.go(33);
            self.say(charter.clone(), one, "met", "We see the same in our schools.").await?;
        }
        self.go(20);
        for one in said("learn_together") {
            self.update(owner.clone(), one, "The sessions below were held; the next ones are posted.", "in_progress")
                .await?;
        }
        self.go(15);
        for one in said("discipline") {
            self.update(owner.clone(), one, "No planning day was held this fall.", "missed").await?;
        }
        self.go(6);
        for one in said("facilities") {
            self.update(owner.clone(), one, "Each party opened a room in every month of the fall.", "met").await?;
        }
        // Who held the report card has left the district: the owner is vacant from the next look on.
        let mut tx = self.app.db.write(Actor::System("demo")).await?;
        admin::deactivate(&mut tx, former).await?;
        tx.commit().await
    }

    async fn former(&self) -> Result<AccountId> {
        let cx = self.app.db.cx(Actor::System("demo"));
        let district = people::organization(&cx, &slug::slugify(DISTRICT)).await?;
        let mut tx = self.app.db.write(Actor::System("demo")).await?;
        let name = "Former compact owner of the district".to_owned();
        let address = Email::parse(FORMER).map_err(Error::internal)?;
        let id =
            open_account(&mut tx, NewAccount { email: address, name: Some(name.clone()), confirmed: true }).await?;
        change_profile(&mut tx, id, ProfileChange { name, ..ProfileChange::default() }).await?;
        let grant = Grant { role: Role::CompactOwner, place: Place::Organization(district.id.0) };
        membership::appoint(&mut tx, id, grant, VerifiedBy::Admin).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Links every adoption that crossed the line between sectors.
    async fn link_adoptions(&self, actor: Actor, id: CommitmentId) -> Result<()> {
        let cx = self.app.db.cx(actor.clone());
        for one in adoption::piloted(&cx, 100).await? {
            let origin =
                people::schools(&cx, &[one.origin]).await?.remove(&one.origin).and_then(|school| school.sector);
            if origin.is_none() || origin == one.sector {
                continue;
            }
            let new = NewLink { kind: "adoption".to_owned(), target: one.id.to_string(), ..NewLink::default() };
            let found = promises::find(&cx, &new).await?;
            let mut tx = self.app.db.write(actor.clone()).await?;
            promises::link(&mut tx, id, found).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
