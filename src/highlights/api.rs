//! Highlights over JSON: the same operations as the pages.

mod documents;

use std::sync::Arc;

use poem::http::{HeaderMap, HeaderValue, header};
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON;

use self::documents::{
    HighlightAnswer, HighlightDocument, HighlightInput, HighlightList, HighlightNumber, HighlightPage, HighlightQuote,
    HighlightReason, HighlightSchool, MadeHighlight,
};
use super::approval::{self, Said};
use super::highlight::{Answer, Highlight};
use super::reading::{self, Filter, May, Whole};
use super::{publishing, writing};
use crate::api::tagged::Tagged;
use crate::api::{Caller, Group, Refused, next_link};
use crate::notices::Postroom;
use crate::people;
use crate::platform::{Actor, Cx, Db, Error, FieldErrors, Result};
use crate::web::asker::Asker;
use crate::web::etag::{self, Precondition};

/// Highlights over JSON.
pub struct HighlightsApi {
    db: Db,
    room: Postroom,
    base_url: Arc<str>,
}

impl HighlightsApi {
    /// The operations on this database; `base_url` is the public address without a slash at the end.
    pub fn new(db: Db, room: Postroom, base_url: Arc<str>) -> Self {
        Self { db, room, base_url }
    }

    async fn document(&self, actor: Actor, reference: &str) -> Result<HighlightDocument> {
        let cx = self.db.cx(actor);
        let (found, may) = reading::highlight(&cx, reference).await?;
        self.of(&cx, found, may).await
    }

    async fn of(&self, cx: &Cx, found: Highlight, may: May) -> Result<HighlightDocument> {
        let whole = reading::whole(cx, found).await?;
        Ok(document(&whole, may, &self.base_url))
    }
}

fn document(whole: &Whole, may: May, base_url: &str) -> HighlightDocument {
    let now = &whole.highlight;
    let school = |one: &super::highlight::Passage| {
        let current = one.answer_print.as_deref() == Some(now.print(one).as_str());
        let answer = one.answer.filter(|_| current);
        HighlightSchool {
            id: one.school.to_string(),
            name: whole.school(one.school),
            sector: one.sector.clone(),
            words: one.words.clone(),
            approved: now.is_approved_by(one),
            approved_at: one.answered_at.filter(|_| now.is_approved_by(one)),
            asked_at: one.asked_at.filter(|_| may.preview),
            asks_for: one.note.clone().filter(|_| may.preview && answer == Some(Answer::Changes)),
            print: may.preview.then(|| now.print(one)),
        }
    };
    let number = |one: &super::numbers::Shown| HighlightNumber {
        value: one.value.clone(),
        label: one.label.clone(),
        definition: Some(one.definition.clone()).filter(|text| !text.is_empty()),
        dated: Some(one.dated.clone()).filter(|text| !text.is_empty()),
        source: one.source.as_ref().map(|(source, _)| source.clone()),
        source_url: one.source.as_ref().map(|(_, link)| link.clone()),
    };
    let path = now.path();
    HighlightDocument {
        id: now.id.to_string(),
        slug: now.published_at.map(|_| now.slug.clone()),
        url: format!("{base_url}{path}"),
        city: now.city.clone(),
        city_name: now.city_name.clone(),
        neighborhood: now.neighborhood.clone(),
        headline: now.headline.clone(),
        story: now.story.clone(),
        schools: now.schools.iter().map(school).collect(),
        numbers: whole.numbers.iter().map(number).collect(),
        quote: now.quote.as_ref().map(|quote| HighlightQuote {
            text: quote.text.clone(),
            role: quote.role.clone(),
            school: quote.school.to_string(),
            name: whole.speaker.clone(),
        }),
        photo_url: now.photo.as_ref().map(|_| format!("{base_url}{path}/photo")),
        photo_alt: now.photo.as_ref().map(|photo| photo.alt.clone()),
        session: now.session.map(|id| id.to_string()),
        practice: now.practice.map(|id| id.to_string()),
        adoption: now.adoption.map(|id| id.to_string()),
        commitment: now.commitment.map(|id| id.to_string()),
        embargo_until: now.embargo_until.filter(|_| may.write),
        state: now.state.code().to_owned(),
        reason: now.reason.clone(),
        published_at: now.published_at,
        updated_at: now.updated_at,
    }
}

fn holds(if_match: Option<&str>, present: &impl ToJSON) -> Result<()> {
    let sent = if_match.and_then(|value| HeaderValue::from_str(value).ok());
    let sent: HeaderMap = sent.into_iter().map(|value| (header::IF_MATCH, value)).collect();
    match etag::precondition(&sent, &etag::of(present.to_json_string().as_bytes())) {
        Precondition::Holds => Ok(()),
        Precondition::Stale => Err(Error::Stale),
        Precondition::Missing => Err(Error::Unconditional),
    }
}

#[OpenApi(prefix_path = "/api/v1")]
impl HighlightsApi {
    /// Highlights
    ///
    /// Published ones, the newest first, without their numbers. No sign-in.
    #[oai(path = "/highlights", method = "get", tag = "Group::Collaborations", operation_id = "list_highlights")]
    async fn list(
        &self,
        /// Name in addresses of a city.
        city: Query<Option<String>>,
        /// A neighborhood, as schools state it.
        neighborhood: Query<Option<String>>,
        /// How many, 1 to 100.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<u64>>,
        /// `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<HighlightPage, Refused> {
        let cx = self.db.cx(Actor::Visitor);
        let filter = Filter { city: city.0, neighborhood: neighborhood.0, cursor: cursor.0, limit: limit.0 };
        let found = reading::page(&cx, &filter).await?;
        let sectors = people::sectors(&cx).await?;
        let url = found.next.as_ref().map(|next| {
            let mut pairs = vec![("cursor", next.clone())];
            pairs.extend(filter.city.iter().map(|city| ("city", city.clone())));
            pairs.extend(filter.neighborhood.iter().map(|name| ("neighborhood", name.clone())));
            pairs.extend(filter.limit.iter().map(|limit| ("limit", limit.to_string())));
            let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
            format!("{}/api/v1/highlights?{query}", self.base_url)
        });
        let bare = |one: Highlight| Whole {
            numbers: Vec::new(),
            schools: found.schools.clone(),
            sectors: sectors.clone(),
            speaker: None,
            about: Vec::new(),
            highlight: one,
        };
        let items = found.items.iter().cloned().map(|one| document(&bare(one), May::default(), &self.base_url));
        let list = HighlightList { items: items.collect(), total: found.total, next: found.next.clone() };
        Ok(HighlightPage::Ok(Json(list), next_link(url.as_deref())))
    }

    /// One highlight
    ///
    /// For everybody once it is published, with its numbers as they are now; before for those who write it and the leads of its schools.
    /// What was published once and is not shown now says so by its `state`.
    #[oai(path = "/highlights/:id", method = "get", tag = "Group::Collaborations", operation_id = "get_highlight")]
    async fn one(
        &self,
        asker: Asker,
        /// Its id or name in addresses.
        id: Path<String>,
        /// `ETag` of what you have.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Tagged<HighlightDocument>, Refused> {
        Ok(Tagged::new(self.document(asker.0, &id).await?, if_none_match.0.as_deref()))
    }

    /// Draft a highlight
    ///
    /// By the mayor's office of its city, or an administrator. Nobody else sees it before its schools are asked.
    #[oai(path = "/highlights", method = "post", tag = "Group::Collaborations", operation_id = "draft_highlight")]
    async fn draft(&self, caller: Caller, body: Json<HighlightInput>) -> Result<MadeHighlight, Refused> {
        let cx = self.db.cx(caller.0.clone());
        let draft = body.0.draft();
        let mut errors = FieldErrors::default();
        let looked = writing::look_up(&cx, &draft, &mut errors).await?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        let id = writing::write(&mut tx, &draft, looked, errors).await?;
        tx.commit().await?;
        let made = self.document(caller.0, &id.to_string()).await?;
        Ok(MadeHighlight::Made(Json(made), format!("{}/api/v1/highlights/{id}", self.base_url)))
    }

    /// Change a highlight
    ///
    /// The whole of it, in place of what was there. Schools whose words changed after they were asked are asked again, and it is not
    /// shown until they say yes.
    #[oai(path = "/highlights/:id", method = "put", tag = "Group::Collaborations", operation_id = "change_highlight")]
    async fn change(
        &self,
        caller: Caller,
        /// Its id or name in addresses.
        id: Path<String>,
        /// `ETag` of the highlight as you saw it.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<HighlightInput>,
    ) -> Result<Tagged<HighlightDocument>, Refused> {
        let cx = self.db.cx(caller.0.clone());
        let (found, may) = self.own(&cx, &id).await?;
        let (id, seen) = (found.id, found.revision);
        holds(if_match.0.as_deref(), &self.of(&cx, found, may).await?)?;
        let draft = body.0.draft();
        let mut errors = FieldErrors::default();
        let looked = writing::look_up(&cx, &draft, &mut errors).await?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        writing::change(&mut tx, &self.room, id, &draft, looked, errors, Some(seen)).await?;
        tx.commit().await?;
        Ok(Tagged::new(self.document(caller.0, &id.to_string()).await?, None))
    }

    /// Ask its schools, or answer for one
    ///
    /// Without a `school` by those who write it: each school named is asked by letter. With one by its principal or a delegate: `yes` to
    /// the words that `print` names, or `changes` with a word. `changes` after a yes takes it back, and the highlight is not shown then.
    #[oai(
        path = "/highlights/:id/approval",
        method = "post",
        tag = "Group::Collaborations",
        operation_id = "approve_highlight"
    )]
    async fn approve(
        &self,
        caller: Caller,
        /// Its id or name in addresses.
        id: Path<String>,
        body: Json<HighlightAnswer>,
    ) -> Result<Json<HighlightDocument>, Refused> {
        let cx = self.db.cx(caller.0.clone());
        if caller.0.account().is_none() {
            return Err(Error::SignInRequired.into());
        }
        let (found, may) = reading::highlight(&cx, &id).await?;
        let reference = found.id.to_string();
        match &body.school {
            None => {
                if !may.write {
                    writing::enter(&caller.0)?;
                    return Err(Error::NotFound("highlight").into());
                }
                let mut tx = self.db.write(caller.0.clone()).await?;
                writing::ask(&mut tx, &self.room, found.id).await?;
                tx.commit().await?;
            }
            Some(school) => {
                let school = people::school(&cx, school).await?;
                let passage = found.schools.iter().find(|one| one.school == school.id);
                let passage = passage.ok_or(Error::NotFound("school"))?.id;
                let body = body.0;
                let said = Said {
                    answer: body.answer.unwrap_or_default(),
                    print: body.print.unwrap_or_default(),
                    note: body.note.unwrap_or_default(),
                    named: body.named.unwrap_or_default(),
                    no_student: body.no_student.unwrap_or_default(),
                };
                let mut tx = self.db.write(caller.0.clone()).await?;
                approval::answer(&mut tx, &self.room, passage, &said).await?;
                tx.commit().await?;
            }
        }
        Ok(Json(self.document(caller.0, &reference).await?))
    }

    /// Publish a highlight
    ///
    /// Once every school in it said yes and its embargo is over. With an embargo it is published by itself then.
    #[oai(
        path = "/highlights/:id/publication",
        method = "post",
        tag = "Group::Collaborations",
        operation_id = "publish_highlight"
    )]
    async fn publish(
        &self,
        caller: Caller,
        /// Its id or name in addresses.
        id: Path<String>,
    ) -> Result<Json<HighlightDocument>, Refused> {
        let id = self.own(&self.db.cx(caller.0.clone()), &id).await?.0.id;
        let mut tx = self.db.write(caller.0.clone()).await?;
        publishing::publish(&mut tx, &self.room, id).await?;
        tx.commit().await?;
        Ok(Json(self.document(caller.0, &id.to_string()).await?))
    }

    /// Withdraw a highlight
    ///
    /// For good: its address shows the reason from then on.
    #[oai(
        path = "/highlights/:id/withdrawal",
        method = "post",
        tag = "Group::Collaborations",
        operation_id = "withdraw_highlight"
    )]
    async fn withdraw(
        &self,
        caller: Caller,
        /// Its id or name in addresses.
        id: Path<String>,
        body: Json<HighlightReason>,
    ) -> Result<Json<HighlightDocument>, Refused> {
        let id = self.own(&self.db.cx(caller.0.clone()), &id).await?.0.id;
        let mut tx = self.db.write(caller.0.clone()).await?;
        publishing::withdraw(&mut tx, id, &body.reason, body.no_student.unwrap_or_default()).await?;
        tx.commit().await?;
        Ok(Json(self.document(caller.0, &id.to_string()).await?))
    }
}

impl HighlightsApi {
    /// One that the caller writes.
    async fn own(&self, cx: &Cx, reference: &str) -> Result<(Highlight, May)> {
        writing::enter(cx.actor())?;
        let (found, may) = reading::highlight(cx, reference).await?;
        if may.write { Ok((found, may)) } else { Err(Error::NotFound("highlight")) }
    }
}
