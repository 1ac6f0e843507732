//! Rivermark's digests: that of the month before last, which the mayor's office wrote an introduction for and published on the 9th of
//! the month after, and that of last month, which waits as a draft.

use chrono::{Datelike, Days, Months, NaiveTime, TimeDelta};
use uuid::Uuid;

use crate::app::App;
use crate::digests::content::compute;
use crate::digests::drafting;
use crate::digests::editing::{self, Edit};
use crate::mail::Email;
use crate::people::account;
use crate::platform::{Actor, Clock, Config, Error, Result, Scope, Via};

const INTRO: &str =
    "What our schools planned together, tried and told each other. Every number says how it is counted.";

/// Makes the digests of a city whose people, sessions and highlights are there.
pub async fn seed_digests(config: &Config) -> Result<()> {
    let now = Clock::System.now();
    let clock = Clock::fixed(now);
    let app = App::open(config.clone(), clock.clone()).await?;
    let month = now.date_naive().with_day(1).and_then(|first| first.checked_sub_months(Months::new(1)));
    let published = month.and_then(|first| first.checked_add_days(Days::new(8))).unwrap_or(now.date_naive());
    let published = published.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(16);
    clock.set(published - TimeDelta::days(7));
    drafting::due(&app.db).await?;
    clock.set(published);
    let cx = app.db.cx(Actor::System("demo"));
    let mayor = account::account_of(&cx, &Email::parse("mayor@example.org").map_err(Error::internal)?).await?;
    let mayor = mayor.ok_or(Error::NotFound("account"))?.id;
    let mayor = account::actor(&cx, mayor, Via::SignIn(Uuid::nil()), cx.now(), Scope::Write, false).await?;
    let mayor = mayor.ok_or(Error::NotFound("account"))?;
    let cx = app.db.cx(mayor.clone());
    for digest in editing::mine(&cx).await? {
        let edit = Edit { intro: INTRO.to_owned(), chapters: digest.chapters.clone(), ..Edit::default() };
        let content = compute(&cx, &digest).await?;
        let mut tx = app.db.write(mayor.clone()).await?;
        editing::change(&mut tx, digest.id, digest.revision, edit).await?;
        editing::publish(&mut tx, digest.id, digest.revision + 1, content, "").await?;
        tx.commit().await?;
    }
    clock.set(now);
    drafting::due(&app.db).await?;
    app.db.close().await;
    Ok(())
}
