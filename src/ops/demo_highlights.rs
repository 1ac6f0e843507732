//! Rivermark's highlights, written by its mayor's office on a clock that walks from some weeks ago to today: one that both schools
//! approved and everybody reads, and one that waits for a school.

use std::collections::HashMap;

use chrono::{Days, TimeDelta};
use serde::Deserialize;
use uuid::Uuid;

use super::demo::{CITY, Named};
use crate::app::App;
use crate::highlights::approval::{self, Said};
use crate::highlights::highlight::Draft;
use crate::highlights::numbers::Typed;
use crate::highlights::{publishing, reading, writing};
use crate::mail::Email;
use crate::people::account;
use crate::people::city::slug_of;
use crate::people::{self, AccountId, School, membership};
use crate::platform::{Actor, Clock, Config, Error, FieldErrors, Result, Scope, Timestamp, Via};
use crate::sessions::outreach;

#[derive(Deserialize)]
struct City {
    schools: Vec<Named>,
    highlights: Vec<HighlightRow>,
}

/// A highlight as the city's file tells it.
#[derive(Deserialize)]
struct HighlightRow {
    /// Title of the session it begins with.
    session: String,
    headline: String,
    story: String,
    /// Each school by the file's own id, with what it did.
    schools: Vec<(String, String)>,
    numbers: Vec<String>,
    quote: String,
    quote_role: String,
    quote_school: String,
    asked_days_ago: u64,
    /// What each school answered; empty has not.
    answers: Vec<String>,
    published_days_ago: Option<u64>,
}

struct Stage {
    app: App,
    clock: Clock,
    base_url: String,
    schools: HashMap<String, School>,
}

/// Makes the highlights of a city whose people and sessions are there; letters lead to `base_url`.
pub async fn seed_highlights(config: &Config, base_url: &str) -> Result<()> {
    let city: City = serde_json::from_str(CITY).map_err(Error::internal)?;
    let now = Clock::System.now();
    let clock = Clock::fixed(now);
    let app = App::open(config.clone(), clock.clone()).await?;
    let cx = app.db.cx(Actor::System("demo"));
    let mut schools = HashMap::new();
    for row in &city.schools {
        schools.insert(row.id.clone(), people::school(&cx, &slug::slugify(&row.name)).await?);
    }
    let stage = Stage { app, clock, base_url: base_url.to_owned(), schools };
    for row in &city.highlights {
        stage.tell(row, now).await?;
    }
    stage.app.db.close().await;
    Ok(())
}

impl Stage {
    fn school(&self, id: &str) -> Result<&School> {
        self.schools.get(id).ok_or(Error::NotFound("school"))
    }

    async fn actor(&self, account: AccountId) -> Result<Actor> {
        let cx = self.app.db.cx(Actor::System("demo"));
        let actor = account::actor(&cx, account, Via::SignIn(Uuid::nil()), cx.now(), Scope::Write, false).await?;
        actor.ok_or(Error::NotFound("account"))
    }

    async fn tell(&self, row: &HighlightRow, now: Timestamp) -> Result<()> {
        let ago = |days: u64| now - Days::new(days);
        self.clock.set(ago(row.asked_days_ago));
        let room = self.app.desk(&self.base_url.as_str().into())?.postroom();
        let cx = self.app.db.cx(Actor::System("demo"));
        let mayor = account::account_of(&cx, &Email::parse("mayor@example.org").map_err(Error::internal)?).await?;
        let mayor = self.actor(mayor.ok_or(Error::NotFound("account"))?.id).await?;
        let draft = self.draft(row).await?;
        let cx = self.app.db.cx(mayor.clone());
        let mut errors = FieldErrors::default();
        let looked = writing::look_up(&cx, &draft, &mut errors).await?;
        let mut tx = self.app.db.write(mayor.clone()).await?;
        let id = writing::write(&mut tx, &draft, looked, errors).await?;
        writing::ask(&mut tx, &room, id).await?;
        tx.commit().await?;
        for (at, answer) in row.answers.iter().enumerate().filter(|(_, answer)| !answer.is_empty()) {
            self.clock.set(ago(row.asked_days_ago) + TimeDelta::hours(6 * (1 + i64::try_from(at).unwrap_or_default())));
            let (highlight, _) = reading::highlight(&self.app.db.cx(mayor.clone()), &id.to_string()).await?;
            let Some(passage) = highlight.schools.get(at) else { continue };
            let tx = self.app.db.write(Actor::System("demo")).await?;
            let (mut principals, _) = membership::leads_of(&tx, passage.school).await?;
            drop(tx);
            let lead = self.actor(principals.pop().ok_or(Error::NotFound("account"))?.id).await?;
            let said = Said { answer: answer.clone(), print: highlight.print(passage), ..Said::default() };
            let mut tx = self.app.db.write(lead).await?;
            approval::answer(&mut tx, &room, passage.id, &said).await?;
            tx.commit().await?;
        }
        if let Some(days) = row.published_days_ago {
            self.clock.set(ago(days));
            let mut tx = self.app.db.write(mayor).await?;
            publishing::publish(&mut tx, &room, id).await?;
            tx.commit().await?;
        }
        self.clock.set(now);
        Ok(())
    }

    async fn draft(&self, row: &HighlightRow) -> Result<Draft> {
        let cx = self.app.db.cx(Actor::System("demo"));
        let mut named = Vec::new();
        for (id, words) in &row.schools {
            named.push((self.school(id)?, words.clone()));
        }
        let ids: Vec<people::SchoolId> = named.iter().map(|(school, _)| school.id).collect();
        let hosted = outreach::hosted(&cx, &ids).await?;
        let session = hosted.iter().find(|one| one.title == row.session).ok_or(Error::NotFound("session"))?;
        let first = named.first().map(|(school, _)| *school).ok_or(Error::NotFound("school"))?;
        let quote_school = match row.quote_school.as_str() {
            "" => String::new(),
            id => self.school(id)?.slug.clone(),
        };
        Ok(Draft {
            city: slug_of(first.city.as_deref().unwrap_or_default(), first.state.as_deref()),
            headline: row.headline.clone(),
            story: row.story.clone(),
            neighborhood: first.neighborhood.clone().unwrap_or_default(),
            session: session.id.to_string(),
            practice: session.practice.map(|id| id.to_string()).unwrap_or_default(),
            schools: named.into_iter().map(|(school, words)| (school.slug.clone(), words)).collect(),
            numbers: row.numbers.iter().map(|kind| Typed { kind: kind.clone(), ..Typed::default() }).collect(),
            quote: row.quote.clone(),
            quote_role: row.quote_role.clone(),
            quote_school,
            ..Draft::default()
        })
    }
}
