//! What is kept about a person here: what they asked, answered and want to know, letters, visits.

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::visit::State;
use super::{Exchange, letters, policy, store};
use crate::catalog;
use crate::people::AccountId;
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Result, Tx, Zone};

/// Questions, answers, letters to contacts, visits.
pub struct TalkData(Exchange);

impl TalkData {
    /// With what it takes to tell a school that a visit does not take place.
    pub fn new(exchange: Exchange) -> Self {
        Self(exchange)
    }
}

#[async_trait]
impl PersonalData for TalkData {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let account = AccountId(account);
        let (asked, answered, wanted) = store::questions::of_account(cx.conn(), account).await?;
        let (notes, named) = store::contacts::of_account(cx.conn(), account).await?;
        let visits = store::visits::of_account(cx.conn(), account).await?;
        let asked = asked.iter().map(|one| {
            json!({
                "id": one.id, "practice": one.practice, "school": one.by.school, "role": one.by.role.code(),
                "named": one.by.named, "text": one.text, "asked_for_by": one.asked_for_by(), "accepted": one.accepted,
                "hidden": one.hidden, "created_at": one.created_at,
            })
        });
        let answered = answered.iter().map(|one| {
            json!({
                "id": one.id, "question": one.question, "school": one.by.school, "role": one.by.role.code(),
                "named": one.by.named, "ground": one.ground.code(), "since": one.since, "text": one.text,
                "hidden": one.hidden, "created_at": one.created_at,
            })
        });
        let wanted = wanted.iter().map(|(id, at)| json!({ "question": id, "created_at": at }));
        // Who wrote to them is somebody else; that they wrote is theirs.
        let notes = notes.iter().map(|one| {
            let mine = one.by.account == account;
            json!({
                "id": one.id, "thread": one.thread, "practice": one.practice, "written_by_me": mine,
                "named": if mine { Some(one.by.named) } else { None }, "text": one.text, "created_at": one.created_at,
            })
        });
        let named = named.iter().map(|(practice, at)| json!({ "practice": practice, "named_at": at }));
        let visits = visits.iter().map(|one| {
            json!({
                "id": one.id, "practice": one.practice, "host_school": one.host, "school": one.by.school,
                "role": one.by.role.code(), "wishes": one.wishes, "people": one.people, "who": one.who,
                "purpose": one.purpose, "state": one.state.code(), "day": one.day, "note": one.note,
                "created_at": one.created_at, "updated_at": one.updated_at,
            })
        });
        Ok(vec![
            Sheet { name: "questions", rows: asked.collect() },
            Sheet { name: "answers", rows: answered.collect() },
            Sheet { name: "questions_wanted", rows: wanted.collect() },
            Sheet { name: "contact_letters", rows: notes.collect() },
            Sheet { name: "contact_of", rows: named.collect() },
            Sheet { name: "visits", rows: visits.collect() },
        ])
    }

    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        let account = AccountId(account);
        let _permit = policy::erase(tx.actor(), account)?;
        let today = Zone::default().local(tx.now()).date();
        let visits = store::visits::of_account(tx.conn(), account).await?;
        let coming = visits.into_iter().filter(|visit| {
            visit.state.waits() || (visit.state == State::Accepted && visit.day.is_some_and(|day| day >= today))
        });
        for mut visit in coming {
            (visit.state, visit.turn) = (State::Withdrawn, visit.turn + 1);
            if let Some(practice) = catalog::practice_in(tx, &visit.practice.to_string()).await? {
                letters::tell_of_erased_visit(tx, &self.0, &practice, &visit).await?;
            }
        }
        store::questions::erase(tx.conn(), account).await?;
        store::contacts::erase(tx.conn(), account).await?;
        store::visits::erase(tx.conn(), account, today).await?;
        store::limits::forget_of(tx.conn(), account).await?;
        Ok(vec![
            "That a question was asked where others answered it, without your words: the answers stay readable."
                .to_owned(),
            "That your school visited another, on which day and with how many people, without your words.".to_owned(),
        ])
    }
}
