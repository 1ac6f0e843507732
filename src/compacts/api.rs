//! Compacts over JSON: read them and their commitments; write commitments down, say how they go, and confirm those of others.

mod documents;
mod examples;

use std::sync::Arc;

use poem::http::{HeaderMap, HeaderValue, header};
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;

use self::documents::{
    CommitmentCounts, CommitmentDocument, CommitmentGain, CommitmentHandover, CommitmentMade, CommitmentMeasure,
    CommitmentNow, CommitmentRating, CommitmentRequest, CommitmentUpdate, CommitmentWord, CompactDocument, CompactItem,
    CompactList, CompactPage, CompactParty, CompactSeat,
};
use super::commitment::{Commitment, CommitmentId, Freshness};
use super::compact::{Compact, CompactKind};
use super::evidence::Counted;
use super::handover::{self, Handover};
use super::progress::{self, Update, Word};
use super::promises::{self, Draft};
use super::reading::{self, Filters, Listed, Whole};
use crate::api::day::Day;
use crate::api::{Caller, Group, Refused, next_link};
use crate::notices::Postroom;
use crate::platform::vocabulary::CommitmentStatus;
use crate::platform::{Actor, Db, Error, Result, Timestamp};
use crate::web::asker::Asker;
use crate::web::etag;

/// Compacts over JSON.
pub struct CompactsApi {
    db: Db,
    room: Postroom,
    base_url: Arc<str>,
}

impl CompactsApi {
    /// The operations on this database; `base_url` is the public address without a slash at the end.
    pub fn new(db: Db, room: Postroom, base_url: Arc<str>) -> Self {
        Self { db, room, base_url }
    }
}

#[OpenApi(prefix_path = "/api/v1")]
impl CompactsApi {
    /// List compacts
    ///
    /// What is published, and to parties their drafts, by name.
    #[oai(path = "/compacts", method = "get", tag = "Group::Collaborations", operation_id = "list_compacts")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the address")]
    async fn list(
        &self,
        asker: Asker,
        /// Name of a city in addresses.
        city: Query<Option<String>>,
        /// `compact`, `campus_agreement` or `school_partnership`.
        kind: Query<Option<String>>,
        /// With a commitment that stands there: a code of `commitment_status`, or `reported_met`.
        status: Query<Option<String>>,
        /// With an open commitment that is `fresh`, `due` or `silent`.
        freshness: Query<Option<String>>,
        /// Compacts on a page.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<usize>>,
        /// `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<CompactPage, Refused> {
        let unreadable =
            |parameter: &'static str, message: &str| Error::Unreadable { parameter, message: message.to_owned() };
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let filters = Filters {
            city: text(&city.0),
            kind: match kind.0.as_deref() {
                None | Some("") => None,
                Some(code) => Some(
                    CompactKind::parse(code)
                        .ok_or_else(|| unreadable("kind", "Give compact, campus_agreement or school_partnership."))?,
                ),
            },
            status: match status.0.as_deref() {
                None | Some("") => String::new(),
                Some(code) if code == "reported_met" || CommitmentStatus::parse(code).is_ok() => code.to_owned(),
                Some(_) => {
                    return Err(unreadable("status", "Give a code of commitment_status, or reported_met.").into());
                }
            },
            freshness: match freshness.0.as_deref() {
                None | Some("") => None,
                Some(code) => {
                    Some(Freshness::parse(code).ok_or_else(|| unreadable("freshness", "Give fresh, due or silent."))?)
                }
            },
        };
        let limit = limit.0.unwrap_or(20);
        let from: usize = match cursor.0.as_deref() {
            None | Some("") => 0,
            Some(text) => text.parse().map_err(|_| unreadable("cursor", "Give the `next` of the page before."))?,
        };
        let cx = self.db.cx(asker.0);
        let (_, found) = reading::list(&cx, &filters).await?;
        let next = (from.saturating_add(limit) < found.len()).then(|| (from + limit).to_string());
        let url = next.as_ref().map(|next| {
            let mut pairs = vec![
                ("city", text(&city.0)),
                ("kind", text(&kind.0)),
                ("status", text(&status.0)),
                ("freshness", text(&freshness.0)),
                ("limit", limit.to_string()),
                ("cursor", next.clone()),
            ];
            pairs.retain(|(_, value)| !value.is_empty());
            format!("/api/v1/compacts?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
        });
        let items = found.iter().skip(from).take(limit).map(|one| self.item(one, cx.now())).collect();
        let list = CompactList { items, total: found.len() as u64, next };
        Ok(CompactPage::Ok(Json(list), next_link(url.as_deref())))
    }

    /// One compact
    ///
    /// With its parties, seats, newest text and commitments. A draft is there for its parties alone.
    #[oai(path = "/compacts/:id", method = "get", tag = "Group::Collaborations", operation_id = "get_compact")]
    async fn compact(
        &self,
        asker: Asker,
        /// Its id or its name in addresses.
        id: Path<String>,
    ) -> Result<Json<CompactDocument>, Refused> {
        let cx = self.db.cx(asker.0);
        let whole = reading::whole(&cx, &id).await?;
        Ok(Json(self.whole(whole, cx.now())))
    }

    /// Write down a commitment
    ///
    /// By who answers for a party of the compact, and the city's administrators. Its number stays for good.
    #[oai(
        path = "/compacts/:id/commitments",
        method = "post",
        tag = "Group::Collaborations",
        operation_id = "make_commitment"
    )]
    async fn make(
        &self,
        caller: Caller,
        /// Id or name in addresses of the compact.
        id: Path<String>,
        body: Json<CommitmentRequest>,
    ) -> Result<CommitmentMade, Refused> {
        let (compact, _) = reading::open(&self.db.cx(caller.0.clone()), &id).await?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        let made = promises::make(&mut tx, compact.id, &draft(Draft::default(), body.0)).await?;
        tx.commit().await?;
        let location = format!("{}/api/v1/commitments/{}", self.base_url, made.id);
        let (document, tag) = self.one(caller.0, &made.id.to_string()).await?;
        Ok(CommitmentMade::Made(Json(document), location, tag))
    }

    /// One commitment
    ///
    /// With what counts for it, counted from what is here.
    #[oai(path = "/commitments/:id", method = "get", tag = "Group::Collaborations", operation_id = "get_commitment")]
    async fn commitment(
        &self,
        asker: Asker,
        /// Its id.
        id: Path<String>,
    ) -> Result<CommitmentNow, Refused> {
        let (document, tag) = self.one(asker.0, &id).await?;
        Ok(CommitmentNow::Now(Json(document), tag))
    }

    /// Change a commitment in the open
    ///
    /// What is absent stays. Every word, day and office that is another then is a line of its history. Needs `If-Match` with the tag
    /// of the commitment as you read it.
    #[oai(
        path = "/commitments/:id",
        method = "patch",
        tag = "Group::Collaborations",
        operation_id = "change_commitment"
    )]
    async fn change(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
        /// `ETag` of the commitment as you read it.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<CommitmentRequest>,
    ) -> Result<CommitmentNow, Refused> {
        let (_, _, of) = reading::numbered(&self.db.cx(caller.0.clone()), &id).await?;
        let seen = seen(&of, if_match.0.as_deref())?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        promises::change(&mut tx, of.id, &draft(Draft::of(&of), body.0), Some(seen)).await?;
        tx.commit().await?;
        let (document, tag) = self.one(caller.0, &id).await?;
        Ok(CommitmentNow::Now(Json(document), tag))
    }

    /// Say how a commitment goes
    ///
    /// By the office that answers for it. `missed`, `paused` and `dropped` need a public reason; `met` needs evidence, and counts once
    /// a party of another sector says so. Another status undoes what was confirmed.
    #[oai(
        path = "/commitments/:id/updates",
        method = "post",
        tag = "Group::Collaborations",
        operation_id = "update_commitment"
    )]
    async fn update(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
        body: Json<CommitmentUpdate>,
    ) -> Result<CommitmentNow, Refused> {
        let of = commitment_id(&id)?;
        let body = body.0;
        let evidence = body.evidence.unwrap_or_default();
        if evidence.len() > progress::EVIDENCE {
            return Err(Error::invalid("evidence", "Give three pieces of evidence at most.").into());
        }
        let said = Update {
            text: body.text,
            status: body.status.unwrap_or_default(),
            reason: body.reason.unwrap_or_default(),
            latest: body.latest.unwrap_or_default(),
            latest_on: body.latest_on.map(|day| day.0.to_string()).unwrap_or_default(),
            evidence: evidence.into_iter().map(|one| (one.title.unwrap_or_default(), one.url)).collect(),
            no_student: body.no_student.unwrap_or_default(),
        };
        let mut tx = self.db.write(caller.0.clone()).await?;
        progress::update(&mut tx, &self.room, of, &said, None).await?;
        tx.commit().await?;
        let (document, tag) = self.one(caller.0, &id).await?;
        Ok(CommitmentNow::Now(Json(document), tag))
    }

    /// Name who holds a commitment at an office
    ///
    /// By who answers for that office, and the city's administrators. Without a `holder` whoever asks takes it over. Pages and answers
    /// name the office alone.
    #[oai(
        path = "/commitments/:id/handover",
        method = "post",
        tag = "Group::Collaborations",
        operation_id = "hand_over_commitment"
    )]
    async fn hand_over(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
        body: Json<CommitmentHandover>,
    ) -> Result<CommitmentNow, Refused> {
        let of = commitment_id(&id)?;
        let body = body.0;
        let said = Handover {
            side: body.side,
            holder: body.holder.unwrap_or_default(),
            why: body.why.unwrap_or_default(),
            no_student: body.no_student.unwrap_or_default(),
        };
        let mut tx = self.db.write(caller.0.clone()).await?;
        handover::hand_over(&mut tx, &self.room, of, &said, None).await?;
        tx.commit().await?;
        let (document, tag) = self.one(caller.0, &id).await?;
        Ok(CommitmentNow::Now(Json(document), tag))
    }

    /// Say how your side sees a commitment of another
    ///
    /// By who answers for a party of another sector than its owner's. `met` confirms what is reported as met; another word is shown as
    /// a disagreement, and needs a note. The owner's own side is refused.
    #[oai(
        path = "/commitments/:id/confirmation",
        method = "post",
        tag = "Group::Collaborations",
        operation_id = "confirm_commitment"
    )]
    async fn confirm(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
        body: Json<CommitmentWord>,
    ) -> Result<CommitmentNow, Refused> {
        let of = commitment_id(&id)?;
        let body = body.0;
        let word = Word {
            status: body.status.unwrap_or_else(|| "met".to_owned()),
            note: body.note.unwrap_or_default(),
            no_student: body.no_student.unwrap_or_default(),
        };
        let mut tx = self.db.write(caller.0.clone()).await?;
        progress::rate(&mut tx, &self.room, of, &word, None).await?;
        tx.commit().await?;
        let (document, tag) = self.one(caller.0, &id).await?;
        Ok(CommitmentNow::Now(Json(document), tag))
    }
}

impl CompactsApi {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    fn item(&self, one: &Listed, now: Timestamp) -> CompactItem {
        let compact = &one.compact;
        CompactItem {
            id: compact.id.to_string(),
            slug: compact.slug.clone(),
            url: self.url(&compact.path()),
            name: compact.name.clone(),
            kind: compact.kind.code().to_owned(),
            city: compact.city.clone(),
            draft: compact.published_at.is_none(),
            signed_on: compact.signed_on.map(Day),
            commitments: one.commitments.len() as u64,
            silent: one.fresh(Freshness::Silent, now) as u64,
            overdue: one.overdue(now) as u64,
        }
    }

    fn whole(&self, whole: Whole, now: Timestamp) -> CompactDocument {
        let Whole { compact, parties, seats, texts, commitments, .. } = whole;
        let text = texts.into_iter().next();
        CompactDocument {
            id: compact.id.to_string(),
            slug: compact.slug.clone(),
            url: self.url(&compact.path()),
            name: compact.name.clone(),
            kind: compact.kind.code().to_owned(),
            city: compact.city.clone(),
            draft: compact.published_at.is_none(),
            signed_on: compact.signed_on.map(Day),
            review_on: compact.review_on.map(Day),
            ends_on: compact.ends_on.map(Day),
            contact_party: compact.contact_party.map(|id| id.to_string()),
            contact_role: compact.contact_role.clone(),
            parties: parties
                .into_iter()
                .map(|party| CompactParty {
                    id: party.id.to_string(),
                    name: party.name,
                    sector: party.sector,
                    state: party.state.code().to_owned(),
                    state_on: Day(party.state_on),
                    link: party.link,
                })
                .collect(),
            seats: seats
                .into_iter()
                .map(|seat| CompactSeat { party: seat.party.to_string(), role: seat.role })
                .collect(),
            text_version: text.as_ref().map(|text| text.version),
            text: text.map(|text| text.body),
            commitments: commitments.iter().map(|one| self.document(&compact, one, None, now)).collect(),
        }
    }

    fn document(
        &self,
        compact: &Compact,
        one: &Commitment,
        counted: Option<&Counted>,
        now: Timestamp,
    ) -> CommitmentDocument {
        let party = |holder: &super::commitment::Holder| holder.party.as_ref().map(|party| party.id.to_string());
        CommitmentDocument {
            id: one.id.to_string(),
            url: self.url(&format!("{}/commitments/{}", compact.path(), one.number)),
            compact: compact.id.to_string(),
            number: one.number,
            area: one.area.code().to_owned(),
            sentence: one.sentence.clone(),
            who: one.who.clone(),
            gets: one
                .gets
                .iter()
                .map(|(sector, text)| CommitmentGain { sector: sector.clone(), text: text.clone() })
                .collect(),
            due_on: one.due_on.map(Day),
            first_due_on: one.first_due_on.map(Day),
            overdue: one.overdue_since(now).is_some(),
            status: one.standing().code().to_owned(),
            status_words: one.standing().to_string(),
            reported_status: one.status.code().to_owned(),
            reason: one.reason.clone(),
            ratings: one
                .ratings
                .iter()
                .map(|rating| CommitmentRating {
                    party: rating.party.to_string(),
                    sector: rating.sector.clone(),
                    status: rating.status.code().to_owned(),
                    at: rating.at,
                })
                .collect(),
            disputed: one.is_disputed(),
            freshness: one.freshness(now).code().to_owned(),
            last_update_at: one.last_update,
            measure: one.measure.clone().map(|measure| CommitmentMeasure {
                name: measure.name,
                baseline: measure.baseline,
                target: measure.target,
                latest: measure.latest,
                as_of: measure.as_of.map(Day),
            }),
            owner_party: party(&one.owner),
            deputy_party: party(&one.deputy),
            vacant: one.is_vacant(),
            confirmed_by: one.confirmed.map(|(by, _)| by.to_string()),
            confirmed_at: one.confirmed.map(|(_, at)| at),
            counted: counted.map(|counted| CommitmentCounts {
                sessions: counted.sessions.len() as u64,
                joint_sessions: counted.joint() as u64,
                educator_hours: counted.hours(),
                practices: counted.practices.len() as u64,
                adoptions: counted.piloted() as u64,
                kept: counted.kept().0 as u64,
                kept_of: counted.kept().1 as u64,
            }),
        }
    }

    async fn one(&self, actor: Actor, id: &str) -> Result<(CommitmentDocument, String)> {
        let cx = self.db.cx(actor);
        let (compact, _, of) = reading::numbered(&cx, id).await?;
        let one = reading::one(&cx, &compact.slug, of.number).await?;
        let document = self.document(&compact, &one.commitment, Some(&one.counted), cx.now());
        Ok((document, tag(&one.commitment)))
    }
}

fn commitment_id(text: &str) -> Result<CommitmentId> {
    text.parse().map_err(|_| Error::NotFound("commitment"))
}

fn tag(of: &Commitment) -> String {
    format!("\"r{}\"", of.revision)
}

/// The revision that a change was made of.
fn seen(of: &Commitment, if_match: Option<&str>) -> Result<i32> {
    let Some(sent) = if_match else { return Err(Error::Unconditional) };
    let mut headers = HeaderMap::new();
    headers.insert(header::IF_MATCH, HeaderValue::from_str(sent).map_err(|_| Error::Stale)?);
    match etag::precondition(&headers, &tag(of)) {
        etag::Precondition::Holds => Ok(of.revision),
        _ => Err(Error::Stale),
    }
}

/// A draft with what a request says in place of what stands there.
fn draft(was: Draft, body: CommitmentRequest) -> Draft {
    let or = |said: Option<String>, was: String| said.unwrap_or(was);
    Draft {
        area: or(body.area, was.area),
        sentence: or(body.sentence, was.sentence),
        who: or(body.who, was.who),
        gets: match body.gets {
            Some(gets) => gets.into_iter().map(|one| (one.sector, one.text)).collect(),
            None => was.gets,
        },
        due_on: or(body.due_on, was.due_on),
        measure: or(body.measure, was.measure),
        baseline: or(body.baseline, was.baseline),
        target: or(body.target, was.target),
        owner_party: or(body.owner_party, was.owner_party),
        owner: or(body.owner, was.owner),
        deputy_party: or(body.deputy_party, was.deputy_party),
        deputy: or(body.deputy, was.deputy),
        why: body.why.unwrap_or_default(),
        no_student: body.no_student.unwrap_or_default(),
    }
}
