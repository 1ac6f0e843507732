//! An announcement: written as a draft, looked at as the letter it becomes, given a time, held or ended.

use chrono::TimeDelta;
use serde_json::json;

use super::readers::NEWSLETTER;
use super::{Press, policy, store};
use crate::mail::mailing::{self, Mailing, MailingId, Progress};
use crate::mail::{self, Content, Letter, Letterhead, MailingList};
use crate::notices::{self, Topic, leave};
use crate::people::AccountId;
use crate::people::account::{self, AccountState};
use crate::people::city::{self, City};
use crate::platform::ids::typed_id;
use crate::platform::{Actor, Cx, Error, Event, FieldErrors, Permit, Result, Timestamp, Tx, Zone};

typed_id!(
    /// An announcement.
    AnnouncementId
);

const SUBJECT: usize = 120;
const BODY: usize = 6_000;
const BUTTON: usize = 60;
const LINK: usize = 500;

/// So far ahead an announcement is scheduled at most.
const AHEAD: TimeDelta = TimeDelta::days(366);

/// Where an announcement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is written.
    Draft,
    /// It has a time.
    Scheduled,
    /// Its readers are being added; letters leave already.
    Gathering,
    /// Every reader has a letter in the outbox, or had.
    Sent,
    /// Somebody ended it.
    Stopped,
}

impl State {
    const ALL: [Self; 5] = [Self::Draft, Self::Scheduled, Self::Gathering, Self::Sent, Self::Stopped];

    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Gathering => "gathering",
            Self::Sent => "sent",
            Self::Stopped => "stopped",
        }
    }

    /// The state of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// Which readers are added next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// People with an account.
    Followers,
    /// Addresses without one.
    Subscribers,
    /// All are there.
    Done,
}

impl Stage {
    /// As the database spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Followers => "followers",
            Self::Subscribers => "subscribers",
            Self::Done => "done",
        }
    }

    /// The stage of a code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Followers, Self::Subscribers, Self::Done].into_iter().find(|stage| stage.code() == code)
    }
}

/// An announcement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// Its id.
    pub id: AnnouncementId,
    /// Name of its city in addresses.
    pub city: String,
    /// The city in words: "Rivermark, NY".
    pub city_name: String,
    /// Who wrote it.
    pub author: AccountId,
    /// Its subject.
    pub subject: String,
    /// What it says: paragraphs between line ends.
    pub body: String,
    /// Words of its button and where that leads, where it has one: a page of ours or a web address.
    pub button: Option<(String, String)>,
    /// Where it stands.
    pub state: State,
    /// When it goes or went.
    pub due_at: Option<Timestamp>,
    /// The zone in which its time is said.
    pub zone: Zone,
    /// Which readers are added next.
    pub stage: Stage,
    /// After whom.
    pub cursor: Option<uuid::Uuid>,
    /// The mailing to accounts, once it goes.
    pub mailing: Option<MailingId>,
    /// The mailing to addresses without an account, once it goes.
    pub newsletter: Option<MailingId>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When something of it last changed.
    pub updated_at: Timestamp,
}

impl Announcement {
    /// Both mailings, where they are made.
    pub fn mailings(&self) -> impl Iterator<Item = MailingId> {
        [self.mailing, self.newsletter].into_iter().flatten()
    }

    /// Its paragraphs.
    pub fn paragraphs(&self) -> impl Iterator<Item = &str> {
        self.body.lines().map(str::trim).filter(|line| !line.is_empty())
    }

    /// The letter to people with an account. Whose link leaves the list is set for each reader.
    pub fn to_accounts(&self, head: &Letterhead) -> Content {
        let list = MailingList {
            id: Topic::Announcements.code().to_owned(),
            name: "Announcements".to_owned(),
            leave: String::new(),
            settings: leave::SETTINGS.to_owned(),
        };
        let why = format!("You get this because your school is in {} or you follow it.", self.city_name);
        self.content(head, list, why)
    }

    /// The letter to addresses without an account.
    pub fn to_subscribers(&self, head: &Letterhead) -> Content {
        let list = MailingList {
            id: NEWSLETTER.to_owned(),
            name: format!("News of {}", self.city_name),
            leave: String::new(),
            settings: format!("/cities/{}/newsletter", self.city),
        };
        let why = format!("You get this because this address asked for news of {}, and said yes.", self.city_name);
        self.content(head, list, why)
    }

    fn content(&self, head: &Letterhead, list: MailingList, why: String) -> Content {
        let action = self
            .button
            .as_ref()
            .map(|(words, link)| (words.clone(), if link.starts_with('/') { head.link(link) } else { link.clone() }));
        Content {
            subject: self.subject.clone(),
            paragraphs: self.paragraphs().map(str::to_owned).collect(),
            action,
            why,
            list: Some(list),
            ..Content::default()
        }
    }
}

/// What an announcement says, as somebody typed it.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Name of its city in addresses, or in words with its state.
    pub city: String,
    /// Its subject.
    pub subject: String,
    /// What it says.
    pub body: String,
    /// Words of its button; empty for none.
    pub button: String,
    /// Where the button leads.
    pub link: String,
}

impl Draft {
    fn parse(&self, errors: &mut FieldErrors) -> (String, String, Option<(String, String)>) {
        let (subject, body) = (self.subject.trim(), self.body.trim());
        if subject.is_empty() || subject.chars().count() > SUBJECT || subject.contains(char::is_control) {
            errors.add("subject", format!("Give a subject of 1 to {SUBJECT} characters."));
        }
        if body.is_empty() || body.chars().count() > BODY {
            errors.add("body", format!("Write 1 to {BODY} characters."));
        }
        let (button, link) = (self.button.trim(), self.link.trim());
        if button.chars().count() > BUTTON || button.contains(char::is_control) {
            errors.add("button", format!("Use up to {BUTTON} characters."));
        }
        match (button.is_empty(), link.is_empty()) {
            (true, false) => errors.add("button", "Say what the button does, or leave its address out."),
            (false, true) => errors.add("link", "Give the address that the button opens."),
            (false, false) if !leads_somewhere(link) => {
                errors.add(
                    "link",
                    "Give a web address that begins with https://, or a page of this site like /sessions.",
                );
            }
            _ => {}
        }
        let button = (!button.is_empty() && !link.is_empty()).then(|| (button.to_owned(), link.to_owned()));
        (subject.to_owned(), body.to_owned(), button)
    }
}

fn leads_somewhere(link: &str) -> bool {
    let ours = link.starts_with('/') && !link.starts_with("//");
    let theirs = link.strip_prefix("https://").is_some_and(|rest| rest.contains('.'));
    // `{` is what a mailing fills in for each reader.
    (ours || theirs) && link.len() <= LINK && !link.contains(|c: char| c.is_control() || " \"<>\\{}".contains(c))
}

async fn allowed(tx: &Tx, city: &str) -> Result<Permit> {
    policy::announce(tx.actor(), city, &city::of_actor_in(tx).await?)
}

/// Whether the actor may announce to the city: for showing the way there.
pub async fn announces(cx: &Cx, city: &str) -> Result<bool> {
    Ok(policy::enter(cx.actor()).is_ok() && policy::announce(cx.actor(), city, &city::of_actor(cx).await?).is_ok())
}

/// Whether the actor sees which address got what.
pub fn reads_log(actor: &Actor) -> bool {
    policy::reads_log(actor)
}

/// Whether the actor may see announcements before they are sent; asked before anything is looked up.
pub fn enter(actor: &Actor) -> Result<()> {
    policy::enter(actor)
}

/// Begins a draft.
pub async fn write(tx: &mut Tx, draft: Draft) -> Result<AnnouncementId> {
    policy::enter(tx.actor())?;
    let Some(author) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let mut errors = FieldErrors::default();
    let found = meant(tx, &draft.city).await?;
    if found.is_none() {
        errors.add("city", "Give a city where schools are, like Rivermark, NY.");
    }
    let (subject, body, button) = draft.parse(&mut errors);
    let Some(city) = errors.or(found)? else { return Err(Error::NotFound("city")) };
    let permit = allowed(tx, &city.slug).await?;
    let announcement = Announcement {
        id: AnnouncementId::fresh(),
        city_name: city.place(),
        city: city.slug,
        author,
        subject,
        body,
        button,
        state: State::Draft,
        due_at: None,
        zone: Zone::default(),
        stage: Stage::Followers,
        cursor: None,
        mailing: None,
        newsletter: None,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    store::announcements::insert(tx.conn(), &announcement).await?;
    noted(tx, &permit, "announcement.drafted", &announcement).await?;
    Ok(announcement.id)
}

/// The city that somebody typed: by its name in addresses, or in words.
async fn meant(tx: &Tx, typed: &str) -> Result<Option<City>> {
    let slug = city::slug_of(typed, None);
    if slug.is_empty() || slug.len() > 120 {
        return Ok(None);
    }
    match city::city_in(tx, &slug).await {
        Ok(city) => Ok(Some(city)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn noted(tx: &mut Tx, permit: &Permit, action: &'static str, announcement: &Announcement) -> Result<()> {
    let detail = json!({ "city": announcement.city });
    tx.record(permit, Event::about(action, "announcement", announcement.id.0).with(detail)).await
}

/// The announcement, held against others who would change it. Who may not announce to its city gets `NotFound`.
async fn held(tx: &Tx, id: AnnouncementId) -> Result<(Announcement, Permit)> {
    policy::enter(tx.actor())?;
    let found = store::announcements::to_change(tx.conn(), id).await?.ok_or(Error::NotFound("announcement"))?;
    let permit = allowed(tx, &found.city).await.map_err(|error| match error {
        Error::Forbidden(_)
            if tx.actor().person().is_some_and(|person| person.scope > crate::platform::Scope::Read) =>
        {
            Error::NotFound("announcement")
        }
        other => other,
    })?;
    Ok((found, permit))
}

/// Changes a draft.
pub async fn change(tx: &mut Tx, id: AnnouncementId, draft: Draft) -> Result<()> {
    let (mut announcement, permit) = held(tx, id).await?;
    if announcement.state != State::Draft {
        return Err(Error::Conflict(
            "Only a draft is changed: stop it first, while it has not begun to leave.".to_owned(),
        ));
    }
    let mut errors = FieldErrors::default();
    (announcement.subject, announcement.body, announcement.button) = draft.parse(&mut errors);
    errors.or(())?;
    announcement.updated_at = tx.now();
    store::announcements::update(tx.conn(), &announcement).await?;
    noted(tx, &permit, "announcement.changed", &announcement).await
}

/// Sends the letter to the actor alone: what readers get, but on no list; once a minute at most.
pub async fn test(tx: &mut Tx, press: &Press, id: AnnouncementId) -> Result<()> {
    let (announcement, permit) = held(tx, id).await?;
    let Some(me) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let account = account::account_in(tx, me).await?;
    let Some(to) = account.email.filter(|_| account.state == AccountState::Active) else {
        return Err(Error::Conflict("Your account has no address that a letter could go to.".to_owned()));
    };
    let event = format!("announcement_test:{id}:{}", tx.now().format("%Y%m%d%H%M"));
    let mut content = announcement.to_accounts(&press.room.head);
    content.subject = format!("Test: {}", content.subject);
    // Who asked for it gets it, also when they left the list.
    content.list = None;
    let letter = Letter { content, ..Letter::new("announcement_test", event, to.as_str(), "") };
    mail::enqueue(tx, &press.room.head, letter.of(me.0).urgent()).await?;
    noted(tx, &permit, "announcement.tested", &announcement).await
}

/// Gives a draft its time, or another; `when` is empty for now. From then on its city's readers are to get it.
pub async fn schedule(tx: &mut Tx, id: AnnouncementId, when: &str, zone: &str) -> Result<()> {
    let (mut announcement, permit) = held(tx, id).await?;
    if !matches!(announcement.state, State::Draft | State::Scheduled) {
        return Err(Error::Conflict("It has begun to leave, or is over.".to_owned()));
    }
    let zone = if zone.trim().is_empty() { announcement.zone } else { Zone::parse(zone)? };
    let at = if when.trim().is_empty() {
        tx.now()
    } else {
        zone.read(when).map_err(|message| Error::invalid("when", message))?
    };
    if at < tx.now() - TimeDelta::minutes(1) || at > tx.now() + AHEAD {
        return Err(Error::invalid("when", "Give a time between now and a year from now."));
    }
    (announcement.state, announcement.due_at, announcement.zone) = (State::Scheduled, Some(at), zone);
    announcement.updated_at = tx.now();
    store::announcements::update(tx.conn(), &announcement).await?;
    noted(tx, &permit, "announcement.scheduled", &announcement).await
}

/// Holds what has not left.
pub async fn pause(tx: &mut Tx, id: AnnouncementId) -> Result<()> {
    let (announcement, permit) = under_way(tx, id).await?;
    for mailing in announcement.mailings() {
        mailing::pause(tx, mailing).await?;
    }
    noted(tx, &permit, "announcement.paused", &announcement).await
}

/// Lets it go on.
pub async fn resume(tx: &mut Tx, id: AnnouncementId) -> Result<()> {
    let (announcement, permit) = under_way(tx, id).await?;
    for mailing in announcement.mailings() {
        mailing::resume(tx, mailing).await?;
    }
    noted(tx, &permit, "announcement.resumed", &announcement).await
}

async fn under_way(tx: &Tx, id: AnnouncementId) -> Result<(Announcement, Permit)> {
    let (announcement, permit) = held(tx, id).await?;
    match announcement.state {
        State::Gathering | State::Sent => Ok((announcement, permit)),
        State::Draft | State::Scheduled => Err(Error::Conflict("It has not begun to leave.".to_owned())),
        State::Stopped => Err(Error::Conflict("It was stopped, and does not go on.".to_owned())),
    }
}

/// Ends it. What has a time and has not begun is a draft again; of what has begun nothing more leaves. Twice is as good as once.
pub async fn stop(tx: &mut Tx, id: AnnouncementId) -> Result<()> {
    let (mut announcement, permit) = held(tx, id).await?;
    announcement.state = match announcement.state {
        State::Draft | State::Stopped => return Ok(()),
        State::Scheduled => {
            announcement.due_at = None;
            State::Draft
        }
        State::Gathering | State::Sent => State::Stopped,
    };
    for mailing in announcement.mailings() {
        mailing::stop(tx, mailing).await?;
    }
    if announcement.state == State::Stopped {
        // Its page is gone, and the digests of those who have not read it must not lead there.
        notices::take_back(tx, ("announcement", id.0)).await?;
    }
    announcement.updated_at = tx.now();
    store::announcements::update(tx.conn(), &announcement).await?;
    noted(tx, &permit, "announcement.stopped", &announcement).await
}

/// Announcements on one page at most.
pub const PAGE: u64 = 50;

/// Announcements to the cities of the actor, newest first, after one of them; administrators see all. At most two statements.
pub async fn announcements(cx: &Cx, before: Option<AnnouncementId>) -> Result<Vec<Announcement>> {
    policy::enter(cx.actor())?;
    if cx.actor().administers() {
        return store::announcements::list(cx.conn(), None, before, PAGE).await;
    }
    let cities = city::of_actor(cx).await?;
    store::announcements::list(cx.conn(), Some(&cities), before, PAGE).await
}

/// One announcement, for whoever may announce to its city. At most two statements.
pub async fn announcement(cx: &Cx, id: AnnouncementId) -> Result<Announcement> {
    policy::enter(cx.actor())?;
    let found = store::announcements::by_id(cx.conn(), id).await?.ok_or(Error::NotFound("announcement"))?;
    if cx.actor().administers() || city::of_actor(cx).await?.contains(&found.city) {
        Ok(found)
    } else {
        Err(Error::NotFound("announcement"))
    }
}

/// How far an announcement is.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Its mailings: to accounts, then to addresses without one.
    pub mailings: Vec<Mailing>,
    /// Both added up.
    pub progress: Progress,
}

impl Standing {
    /// Whether somebody holds it.
    pub fn is_paused(&self) -> bool {
        self.mailings.iter().any(|mailing| mailing.state == mailing::MailingState::Paused)
    }
}

/// How far it is. Four statements.
pub async fn standing(cx: &Cx, announcement: &Announcement) -> Result<Standing> {
    let mut standing = Standing::default();
    for id in announcement.mailings() {
        standing.mailings.push(mailing::mailing(cx, id).await?);
        let more = mailing::progress(cx, id).await?;
        let sum = &mut standing.progress;
        sum.total += more.total;
        sum.waiting += more.waiting;
        sum.sent += more.sent;
        sum.failed += more.failed;
        sum.uncertain += more.uncertain;
        sum.withheld += more.withheld;
        sum.erased += more.erased;
    }
    Ok(standing)
}

/// An announcement that left, for anybody: what an office told a city is no secret of those who got the letter.
pub async fn published(cx: &Cx, id: AnnouncementId) -> Result<Announcement> {
    let found = store::announcements::by_id(cx.conn(), id).await?;
    let told = |announcement: &Announcement| {
        matches!(announcement.state, State::Gathering | State::Sent) && announcement.mailing.is_some()
    };
    found.filter(told).ok_or(Error::NotFound("announcement"))
}

/// What was announced to a city lately, newest first. One statement.
pub async fn lately(cx: &Cx, city: &str) -> Result<Vec<Announcement>> {
    store::announcements::told(cx.conn(), city, 10).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_refused_with_everything_at_once() {
        let mut errors = FieldErrors::default();
        let draft = Draft { button: "Look".to_owned(), link: "javascript:x".to_owned(), ..Draft::default() };
        draft.parse(&mut errors);
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["subject", "body", "link"]);
        for link in ["https://rivermark.example/x", "/sessions"] {
            assert!(leads_somewhere(link), "{link}");
        }
        for link in ["//evil.example", "http://rivermark.example", "https://x", "/a b", "/{leave}"] {
            assert!(!leads_somewhere(link), "{link}");
        }
    }
}
