//! Rivermark's statements, made through the operations on a clock that walks from ten weeks ago to today: a framework of both sectors
//! with a second version after an amendment, sign-ons of which one was withdrawn and one waits to be confirmed; and a shared ask whose
//! number is not reached.

use chrono::{NaiveDate, TimeDelta};
use uuid::Uuid;

use crate::app::App;
use crate::people::account;
use crate::people::{self, AccountId, SchoolId, membership};
use crate::platform::{Actor, Clock, Config, Error, Result, Scope, Timestamp, Via};
use crate::sessions::Desk;
use crate::statements::amendment::{self, AmendmentForm};
use crate::statements::circle;
use crate::statements::draft::{self, DraftForm};
use crate::statements::signing::{self, SignForm};
use crate::statements::text::PointForm;
use crate::statements::{SignatureId, StatementId, statement};

const FRAMEWORK: [(&str, &str); 5] = [
    (
        "Serve students with the highest needs",
        "Every school enrolls, keeps and supports its share of students with disabilities, English learners and students without \
         a steady home. We publish the shares each fall, by school, with the source's own suppression.",
    ),
    (
        "Fill seats that become free",
        "A seat that becomes free is offered to the next family on the list, in every grade up to the last but one.",
    ),
    (
        "Share what works, and what did not",
        "Each school puts one practice a year on record here, with its conditions and its evidence, and opens its doors to \
         schools of the other sector that want to see it.",
    ),
    (
        "Use buildings together and pay for them fairly",
        "Space that stands empty is offered to all public schools on the same terms. We ask together for funding of facilities \
         that follows the students, whatever school they go to.",
    ),
    (
        "Count in the open",
        "What we promise here is counted once a year from public numbers, with definition and date, and never as a ranking.",
    ),
];

const ASK: [(&str, &str); 2] = [
    (
        "Fund school buildings by the students in them",
        "The state pays every public school a share for its building for each student, in both sectors alike.",
    ),
    (
        "Pay for joint learning of teachers",
        "The state's money for professional learning may be spent on sessions that two sectors hold together.",
    ),
];

struct Stage {
    app: App,
    clock: Clock,
    desk: Desk,
    now: Timestamp,
}

/// Makes the statements of a city whose schools and people are there; letters lead to `base_url`.
pub async fn seed_statements(config: &Config, base_url: &str) -> Result<()> {
    let now = Clock::System.now();
    let clock = Clock::fixed(now);
    let app = App::open(config.clone(), clock.clone()).await?;
    let desk = app.desk(&base_url.into())?;
    let stage = Stage { app, clock, desk, now };
    stage.framework().await?;
    stage.ask().await?;
    stage.app.db.close().await;
    Ok(())
}

impl Stage {
    fn at(&self, days_ago: i64) {
        self.clock.set(self.now - TimeDelta::days(days_ago));
    }

    /// The principal of a school, as the demo has one at each.
    async fn principal(&self, slug: &str) -> Result<(SchoolId, Actor)> {
        let cx = self.app.db.cx(Actor::System("demo"));
        let school = people::school(&cx, slug).await?.id;
        let tx = self.app.db.write(Actor::System("demo")).await?;
        let (principals, _) = membership::leads_of(&tx, school).await?;
        drop(tx);
        let principal: AccountId = principals.first().ok_or(Error::NotFound("account"))?.id;
        let actor = account::actor(&cx, principal, Via::SignIn(Uuid::nil()), cx.now(), Scope::Write, false).await?;
        Ok((school, actor.ok_or(Error::NotFound("account"))?))
    }

    async fn publish(&self, slug: &str, form: DraftForm, comments: &[(&str, &str)]) -> Result<StatementId> {
        let (school, author) = self.principal(slug).await?;
        let form = DraftForm { sponsor: format!("school:{school}"), ..form };
        // Asked for before the transaction begins: there is one writer at a time.
        let mut invited = Vec::new();
        for (commenter, words) in comments {
            let (actor, address) = self.address(commenter).await?;
            invited.push((actor, address, *words));
        }
        let mut tx = self.app.db.write(author.clone()).await?;
        let id = draft::begin(&mut tx, &form).await?;
        for (_, address, _) in &invited {
            circle::invite(&mut tx, &self.desk, id, address, "commenter").await?;
        }
        tx.commit().await?;
        for (actor, _, words) in invited {
            let mut tx = self.app.db.write(actor).await?;
            let comment = circle::say(&mut tx, id, Some(2), words, false).await?;
            tx.commit().await?;
            let mut tx = self.app.db.write(author.clone()).await?;
            let why = "Let us publish it as it is, and take this up when others ask for it too.";
            circle::answer(&mut tx, id, comment, false, why, false).await?;
            tx.commit().await?;
        }
        let mut tx = self.app.db.write(author).await?;
        draft::publish(&mut tx, &self.desk, id, None).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The principal of a school, and the address of their account.
    async fn address(&self, slug: &str) -> Result<(Actor, String)> {
        let (_, actor) = self.principal(slug).await?;
        let me = actor.account().map(AccountId).ok_or(Error::NotFound("account"))?;
        let email = account::account(&self.app.db.cx(Actor::System("demo")), me).await?.email;
        Ok((actor, email.ok_or(Error::NotFound("account"))?.as_str().to_owned()))
    }

    async fn sign(&self, id: StatementId, slug: &str, comment: &str, public: bool) -> Result<SignatureId> {
        let (school, actor) = self.principal(slug).await?;
        let newest = statement(&self.app.db.cx(actor.clone()), &id.to_string()).await?.version;
        let form = SignForm {
            place: format!("school:{school}"),
            role_title: "Principal".to_owned(),
            comment: comment.to_owned(),
            comment_public: public,
            version: newest,
            ..SignForm::default()
        };
        let mut tx = self.app.db.write(actor).await?;
        let signature = signing::sign(&mut tx, &self.desk, id, &form).await?;
        tx.commit().await?;
        Ok(signature)
    }

    async fn framework(&self) -> Result<()> {
        self.at(70);
        let form = DraftForm {
            kind: "framework".to_owned(),
            title: "A framework for all public schools of Rivermark".to_owned(),
            addressee: "the schools and the city of Rivermark".to_owned(),
            preamble: "We lead charter and district schools in the same neighborhoods. **Families do not choose a sector; they \
                       choose a school.** What follows is what we hold each other to."
                .to_owned(),
            points: points(&FRAMEWORK),
            ..DraftForm::default()
        };
        let comments = [(
            "tamsin-row-elementary",
            "Say that a seat is filled at any time of the year, or it helps nobody in March.",
        )];
        let id = self.publish("quillwater-charter-school", form, &comments).await?;
        let mut signed = Vec::new();
        for (ago, slug, comment) in [
            (68, "quillwater-charter-school", ""),
            (66, "tamsin-row-elementary", "We signed because point 3 asks something of us, too."),
            (63, "emberline-collegiate-charter-school", ""),
            (60, "halloway-street-school", "We fill seats all year already, and are glad of company."),
            (58, "coppergate-high-school", ""),
            (51, "pebble-lane-charter-school", ""),
        ] {
            self.at(ago);
            signed.push((slug, self.sign(id, slug, comment, true).await?));
        }
        self.at(40);
        let (_, proposer) = self.principal("halloway-street-school").await?;
        let form = AmendmentForm {
            kind: "change".to_owned(),
            point: "2".to_owned(),
            words: "A seat that becomes free is offered to the next family on the list, in every grade up to the last but one and \
                    at any time of the year."
                .to_owned(),
            reason: "Most of our students who come late come in winter. Without the time of the year the point does not reach them."
                .to_owned(),
            ..AmendmentForm::default()
        };
        let mut tx = self.app.db.write(proposer).await?;
        let proposal = amendment::propose(&mut tx, &self.desk, id, &form).await?;
        tx.commit().await?;
        self.at(32);
        let (_, author) = self.principal("quillwater-charter-school").await?;
        let mut tx = self.app.db.write(author).await?;
        let answer = "Yes: two of us asked for it before we published.";
        amendment::decide(&mut tx, &self.desk, proposal, true, answer, false).await?;
        amendment::publish_version(&mut tx, &self.desk, id, 1, &[proposal]).await?;
        tx.commit().await?;
        self.at(29);
        // Coppergate has not answered yet; Pebble Lane withdrew.
        for (slug, signature) in signed {
            let (_, actor) = self.principal(slug).await?;
            let mut tx = self.app.db.write(actor).await?;
            match slug {
                "coppergate-high-school" => continue,
                "pebble-lane-charter-school" => signing::withdraw(&mut tx, signature).await?,
                _ => signing::confirm(&mut tx, &self.desk, signature, 2).await?,
            }
            tx.commit().await?;
        }
        self.at(20);
        self.sign(id, "fernmoor-charter-school", "", false).await?;
        Ok(())
    }

    async fn ask(&self) -> Result<()> {
        self.at(25);
        let last: NaiveDate = (self.now + TimeDelta::days(45)).date_naive();
        let form = DraftForm {
            kind: "shared_ask".to_owned(),
            title: "Fund the buildings of all public schools".to_owned(),
            addressee: "the state legislature".to_owned(),
            threshold: "8".to_owned(),
            deadline: last.to_string(),
            preamble: "Schools of both sectors in Rivermark ask this of the legislature together.".to_owned(),
            points: points(&ASK),
            ..DraftForm::default()
        };
        let id = self.publish("tamsin-row-elementary", form, &[]).await?;
        for (ago, slug) in
            [(24, "tamsin-row-elementary"), (21, "kestrel-works-charter-high-school"), (12, "saltmarsh-elementary")]
        {
            self.at(ago);
            self.sign(id, slug, "", false).await?;
        }
        Ok(())
    }
}

fn points(texts: &[(&str, &str)]) -> Vec<PointForm> {
    let point =
        |(title, text): &(&str, &str)| PointForm { key: 0, title: (*title).to_owned(), text: (*text).to_owned() };
    texts.iter().map(point).collect()
}
