//! What is kept about a person here: statements that they write, invitations to them, comments, proposals, and sign-ons for a place.

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::circle::Part;
use super::statement::{State, Statement};
use super::{place_code, policy, store};
use crate::mail::Email;
use crate::people::{AccountId, account, personal};
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Event, Result, Tx};

/// Statements, comments, amendments and sign-ons.
pub struct StatementData;

#[async_trait]
impl PersonalData for StatementData {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let account = AccountId(account);
        let email = account::account(cx, account).await?.email;
        let email = email.as_ref().map(Email::as_str);
        let written = store::statements::by_author(cx.conn(), account).await?;
        let written = written.iter().map(|one| {
            json!({
                "id": one.id, "slug": one.slug, "kind": one.kind.code(), "title": one.title,
                "addressee": one.addressee, "threshold": one.threshold, "deadline": one.deadline,
                "sponsor": place_code(one.sponsor), "state": one.state.code(), "ending": one.ending,
                "ended_on": one.ended_on, "version": one.version, "published_at": one.published_at,
                "created_at": one.created_at, "updated_at": one.updated_at,
            })
        });
        let guests = store::circle::guest_of(cx.conn(), account, email).await?;
        let guests = guests.iter().map(|one| {
            json!({
                "statement": one.statement, "email": one.email, "part": one.part.code(), "invited_at": one.invited_at,
            })
        });
        let comments = store::circle::comments_by(cx.conn(), account).await?;
        let comments = comments.iter().map(|one| {
            json!({
                "statement": one.statement, "point": one.point, "words": one.words, "taken": one.taken,
                "answer": one.answer, "created_at": one.created_at,
            })
        });
        let amendments = store::amendments::by_account(cx.conn(), account).await?;
        let amendments = amendments.iter().map(|one| {
            json!({
                "statement": one.statement, "kind": one.kind.code(), "point": one.point, "title": one.title,
                "words": one.words, "reason": one.reason, "place": one.place.map(place_code),
                "state": one.fate.code(), "answer": one.answer, "decided_at": one.decided_at,
                "made_version": one.made_version, "created_at": one.created_at,
            })
        });
        let signatures = store::signatures::by_account(cx.conn(), account).await?;
        let signatures = signatures.iter().map(|one| {
            json!({
                "statement": one.statement, "place": place_code(one.place), "role_title": one.role_title,
                "shows_name": one.shows_name, "comment": one.comment, "comment_public": one.comment_public,
                "version": one.version, "signed_at": one.signed_at, "confirmed_at": one.confirmed_at,
                "withdrawn_at": one.withdrawn_at,
            })
        });
        let calls = store::calls::of_person(cx.conn(), account, email).await?;
        let calls = calls.iter().map(|one| {
            json!({
                "statement": one.statement, "email": one.email, "place": one.place.map(place_code),
                "first_at": one.first_at, "last_at": one.last_at, "letters": one.letters,
            })
        });
        Ok(vec![
            Sheet { name: "statements", rows: written.collect() },
            Sheet { name: "statement_invitations", rows: guests.collect() },
            Sheet { name: "statement_comments", rows: comments.collect() },
            Sheet { name: "statement_amendments", rows: amendments.collect() },
            Sheet { name: "statement_sign_ons", rows: signatures.collect() },
            Sheet { name: "statement_calls", rows: calls.collect() },
        ])
    }

    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        let account = AccountId(account);
        let permit = policy::erase(tx.actor(), account)?;
        let email = personal::address_of(tx, account).await?;
        let mut deleted = 0;
        let written = store::statements::by_author(tx.conn(), account).await?;
        for one in &written {
            // A draft goes on with a co-author, or goes with its author.
            let guests = store::circle::guests(tx.conn(), one.id).await?;
            let others = guests.iter().filter(|guest| guest.part == Part::CoAuthor).filter_map(|guest| guest.account);
            let next = others.into_iter().find(|other| *other != account);
            if one.state == State::Draft && next.is_none() {
                store::statements::delete_draft(tx.conn(), one.id).await?;
                deleted += 1;
            } else {
                store::statements::update(tx.conn(), &Statement { author: next, ..one.clone() }).await?;
            }
        }
        store::circle::forget_guest(tx.conn(), account, email.as_ref().map(Email::as_str)).await?;
        store::calls::forget(tx.conn(), account, email.as_ref().map(Email::as_str)).await?;
        store::circle::forget_comments(tx.conn(), account).await?;
        store::amendments::forget(tx.conn(), account).await?;
        let signed = store::signatures::forget(tx.conn(), account).await?;
        let detail = json!({ "drafts": deleted, "sign_ons": signed });
        tx.record(&permit, Event::about("account.statements_erased", "account", account.0).with(detail)).await?;
        if signed == 0 && written.len() == deleted {
            return Ok(Vec::new());
        }
        Ok(vec![
            "Statements that are published, and the sign-ons of your school or organization, stay without you: they are the \
             place's own."
                .to_owned(),
        ])
    }
}
