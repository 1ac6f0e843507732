//! Statements over JSON: the same operations as the pages.

mod documents;
mod examples;

use std::collections::HashMap;
use std::sync::Arc;

use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;

use self::documents::{
    AmendmentDocument, AmendmentRequest, CountsDocument, Gone, MadeAmendment, MadeSignature, PointDocument,
    SectorCount, SignRequest, SignatureDocument, SigningDocument, StatementDocument, StatementLine, StatementList,
    VersionLine,
};
use super::amendment::{self, Amendment, AmendmentForm};
use super::counts::{self, Counts};
use super::history::{self, Step};
use super::signing::{self, SignForm, Signature, SignatureId};
use super::{Named, State, Statement, StatementId, Version, named, spelled, statement, statements, versions};
use crate::api::tagged::Tagged;
use crate::api::{Caller, Group, Refused};
use crate::people::AccountId;
use crate::platform::{Cx, Db, Error, Place, Result};
use crate::sessions::Desk;
use crate::web::asker::Asker;

/// So many are on the list.
const LISTED: u64 = 200;

/// Statements over JSON.
pub struct StatementsApi {
    db: Db,
    desk: Desk,
    base_url: Arc<str>,
}

#[OpenApi(prefix_path = "/api/v1")]
impl StatementsApi {
    /// Statements and frameworks
    ///
    /// Those that are published, the newest first; at most 200.
    #[oai(path = "/statements", method = "get", tag = "Group::Collaborations", operation_id = "list_statements")]
    async fn list(&self, asker: Asker) -> Result<Json<StatementList>, Refused> {
        let cx = self.db.cx(asker.0);
        let all = statements(&cx, LISTED).await?;
        let behind = counts::behind(&cx, &all).await?;
        let line = |one: &Statement| {
            let (newest, earlier) = behind.get(&one.id).copied().unwrap_or_default();
            StatementLine {
                id: one.id.to_string(),
                slug: one.slug.clone(),
                url: self.url(one),
                kind: one.kind.code().to_owned(),
                title: one.title.clone(),
                addressee: one.addressee.clone(),
                state: one.state.code().to_owned(),
                version: one.version,
                behind_newest: newest,
                behind_earlier: earlier,
                threshold: one.threshold,
                deadline: one.deadline.map(|day| day.to_string()),
                published_at: one.published_at.unwrap_or_default(),
            }
        };
        let items: Vec<StatementLine> = all.iter().map(line).collect();
        Ok(Json(StatementList { total: items.len() as u64, items }))
    }

    /// A statement
    ///
    /// The newest version of its text, who stands behind which version, the counts by sector, and what is proposed to change.
    #[oai(path = "/statements/:id", method = "get", tag = "Group::Collaborations", operation_id = "get_statement")]
    async fn one(
        &self,
        asker: Asker,
        /// Its id or its name in addresses.
        id: Path<String>,
        /// `ETag` of an earlier answer.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Tagged<StatementDocument>, Refused> {
        let cx = self.db.cx(asker.0);
        let one = published(&cx, &id).await?;
        Ok(Tagged::new(self.document(&cx, &one).await?, if_none_match.0.as_deref()))
    }

    /// Sign a statement
    ///
    /// For a school that you lead or an organization that you speak for, one sign-on each; signing again says anew what you say with it,
    /// and confirms the newest version. `version` is the one that you have read: where it is not the newest, you are refused.
    #[oai(
        path = "/statements/:id/signatures",
        method = "post",
        tag = "Group::Collaborations",
        operation_id = "sign_statement"
    )]
    async fn sign(
        &self,
        caller: Caller,
        /// Its id or its name in addresses.
        id: Path<String>,
        body: Json<SignRequest>,
    ) -> Result<MadeSignature, Refused> {
        let one = published(&self.db.cx(caller.0.clone()), &id).await?;
        let said = SignForm {
            place: body.0.place,
            role_title: body.0.role,
            shows_name: body.0.shows_name,
            comment: body.0.comment.unwrap_or_default(),
            comment_public: body.0.comment_public,
            version: body.0.version,
            no_student: body.0.no_student,
        };
        let mut tx = self.db.write(caller.0.clone()).await?;
        let signature = signing::sign(&mut tx, &self.desk, one.id, &said).await?;
        tx.commit().await?;
        let cx = self.db.cx(caller.0);
        let (mine, one) = signing::own(&cx, signature).await?;
        let names = named(&cx, &[mine.place]).await?;
        let shown = signing::shown_names(&cx, std::slice::from_ref(&mine)).await?;
        let steps = history::steps(&cx, &one).await?.remove(&mine.id).unwrap_or_default();
        let url = format!("{}/api/v1/statements/{}/signatures/{}", self.base_url, one.id, mine.id);
        // The signer reads what they said, whoever else may.
        let document = SignatureDocument { comment: mine.comment.clone(), ..signed(&mine, &names, &shown, &steps)? };
        Ok(MadeSignature::Made(Json(document), url))
    }

    /// Withdraw a sign-on
    ///
    /// At any time, by whoever speaks for the school or organization. That it was there stays as a line; what was said with it goes.
    #[oai(
        path = "/statements/:id/signatures/:signature",
        method = "delete",
        tag = "Group::Collaborations",
        operation_id = "withdraw_signature"
    )]
    async fn withdraw(
        &self,
        caller: Caller,
        /// The statement: its id or its name in addresses.
        id: Path<String>,
        /// Id of the sign-on.
        signature: Path<String>,
    ) -> Result<Gone, Refused> {
        let cx = self.db.cx(caller.0.clone());
        let one = published(&cx, &id).await?;
        let signature: SignatureId = signature.parse().map_err(|_| Error::NotFound("sign-on"))?;
        let (mine, _) = signing::own(&cx, signature).await.map_err(as_sign_on)?;
        if mine.statement != one.id {
            return Err(Error::NotFound("sign-on").into());
        }
        let mut tx = self.db.write(caller.0).await?;
        signing::withdraw(&mut tx, signature).await?;
        tx.commit().await?;
        Ok(Gone::Done)
    }

    /// Propose an amendment
    ///
    /// By signers and those who were invited to comment. Everybody reads it, with its reason and its answer. What the authors take up
    /// goes into the next version, which asks every signer once.
    #[oai(
        path = "/statements/:id/amendments",
        method = "post",
        tag = "Group::Collaborations",
        operation_id = "propose_amendment"
    )]
    async fn propose(
        &self,
        caller: Caller,
        /// Its id or its name in addresses.
        id: Path<String>,
        body: Json<AmendmentRequest>,
    ) -> Result<MadeAmendment, Refused> {
        let one = published(&self.db.cx(caller.0.clone()), &id).await?;
        let said = AmendmentForm {
            kind: body.0.kind,
            point: body.0.point.map(|key| key.to_string()).unwrap_or_default(),
            title: body.0.title.unwrap_or_default(),
            words: body.0.text.unwrap_or_default(),
            reason: body.0.reason,
            no_student: body.0.no_student,
        };
        let mut tx = self.db.write(caller.0.clone()).await?;
        let made = amendment::propose(&mut tx, &self.desk, one.id, &said).await?;
        tx.commit().await?;
        let cx = self.db.cx(caller.0);
        let found = amendment::amendments(&cx, &one).await?.into_iter().find(|each| each.id == made);
        let found = found.ok_or(Error::NotFound("amendment"))?;
        let names = named(&cx, &found.place.into_iter().collect::<Vec<_>>()).await?;
        let url = format!("{}/amendments#amendment-{made}", self.url(&one));
        Ok(MadeAmendment::Made(Json(proposed(&found, &names)), url))
    }
}

fn as_sign_on(error: Error) -> Error {
    if matches!(error, Error::NotFound(_)) { Error::NotFound("sign-on") } else { error }
}

/// A statement that is published: a draft is worked on in its pages alone.
async fn published(cx: &Cx, reference: &str) -> Result<Statement> {
    let one = statement(cx, reference).await?;
    if one.state == State::Draft { Err(Error::NotFound("statement")) } else { Ok(one) }
}

fn signed(
    one: &Signature,
    names: &HashMap<Place, Named>,
    shown: &HashMap<AccountId, String>,
    steps: &[Step],
) -> Result<SignatureDocument> {
    let step = |one: &Step| SigningDocument { did: one.did.code().to_owned(), version: one.version, at: one.at };
    let (kind, id) = spelled(one.place)?;
    Ok(SignatureDocument {
        id: one.id.to_string(),
        kind: kind.to_owned(),
        place: id.to_string(),
        name: names.get(&one.place).map(|named| named.name.clone()).unwrap_or_default(),
        role: Some(one.role_title.clone()).filter(|role| !role.is_empty()),
        leader: one.account.filter(|_| one.shows_name).and_then(|id| shown.get(&id).cloned()),
        version: one.version,
        signed_at: one.signed_at,
        confirmed_at: one.confirmed_at,
        withdrawn_at: one.withdrawn_at,
        comment: one.comment.clone().filter(|_| one.comment_public),
        history: steps.iter().map(step).collect(),
    })
}

fn proposed(one: &Amendment, names: &HashMap<Place, Named>) -> AmendmentDocument {
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    AmendmentDocument {
        id: one.id.to_string(),
        kind: one.kind.code().to_owned(),
        point: one.point,
        title: text(&one.title),
        text: text(&one.words),
        reason: one.reason.clone(),
        proposed_by: one.place.and_then(|place| names.get(&place)).map(|named| named.name.clone()),
        state: one.fate.code().to_owned(),
        answer: text(&one.answer),
        made_version: one.made_version,
        created_at: one.created_at,
        decided_at: one.decided_at,
    }
}

fn counted(counts: &Counts) -> CountsDocument {
    let sector = |(code, label, line): &(String, String, counts::Line)| SectorCount {
        sector: Some(code.clone()).filter(|code| !code.is_empty()),
        label: label.clone(),
        leaders: line.leaders,
        schools: line.schools,
        students: line.students,
        schools_without_number: line.unknown,
    };
    CountsDocument {
        leaders: counts.all.leaders,
        schools: counts.all.schools,
        students: counts.all.students,
        schools_without_number: counts.all.unknown,
        behind_newest: counts.newest,
        behind_earlier: counts.earlier,
        withdrawn: counts.withdrawn,
        by_sector: counts.by_sector.iter().map(sector).collect(),
    }
}

impl StatementsApi {
    /// The operations on this database; `base_url` is the public address without a slash at the end.
    pub fn new(db: Db, desk: Desk, base_url: Arc<str>) -> Self {
        Self { db, desk, base_url }
    }

    fn url(&self, one: &Statement) -> String {
        format!("{}{}", self.base_url, one.path())
    }

    async fn document(&self, cx: &Cx, one: &Statement) -> Result<StatementDocument> {
        let all = versions(cx, one).await?;
        let newest = all.iter().find(|version| version.number == one.version).ok_or(Error::NotFound("version"))?;
        let signatures = signing::signatures(cx, one).await?;
        let counts = counts::counts(cx, one, &signatures).await?;
        let amendments = amendment::amendments(cx, one).await?;
        let mut places: Vec<Place> = signatures.iter().map(|each| each.place).collect();
        places.extend(amendments.iter().filter_map(|each| each.place));
        places.push(one.sponsor);
        let names = named(cx, &places).await?;
        let shown = signing::shown_names(cx, &signatures).await?;
        let steps = history::steps(cx, one).await?;
        let steps = |each: &Signature| steps.get(&each.id).map(Vec::as_slice).unwrap_or_default();
        let point = |(at, point): (usize, &super::Point)| PointDocument {
            number: at as u64 + 1,
            key: point.key,
            title: point.title.clone(),
            text: point.text.clone(),
        };
        let line = |version: &Version| VersionLine {
            number: version.number,
            url: format!("{}/v/{}", self.url(one), version.number),
            published_at: version.published_at.unwrap_or_default(),
            note: Some(version.note.clone()).filter(|note| !note.is_empty()),
            sha256: version.text.hash(&one.title),
        };
        let id: StatementId = one.id;
        Ok(StatementDocument {
            id: id.to_string(),
            slug: one.slug.clone(),
            url: self.url(one),
            manifest_url: format!("{}/manifest.json", self.url(one)),
            kind: one.kind.code().to_owned(),
            title: one.title.clone(),
            addressee: one.addressee.clone(),
            sponsor: names.get(&one.sponsor).map(|named| named.name.clone()).unwrap_or_default(),
            state: one.state.code().to_owned(),
            ending: one.ending.clone(),
            ended_on: one.ended_on.map(|day| day.to_string()),
            threshold: one.threshold,
            deadline: one.deadline.map(|day| day.to_string()),
            version: one.version,
            preamble: newest.text.preamble.clone(),
            points: newest.text.points.iter().enumerate().map(point).collect(),
            versions: all.iter().map(line).collect(),
            counts: counted(&counts),
            signatures: signatures
                .iter()
                .map(|each| signed(each, &names, &shown, steps(each)))
                .collect::<Result<_>>()?,
            amendments: amendments.iter().map(|each| proposed(each, &names)).collect(),
            published_at: one.published_at.unwrap_or_default(),
            updated_at: one.updated_at,
        })
    }
}
