//! The export that can be proved: what a statement says, who stands behind which version of it, and how many they are, as canonical JSON
//! (RFC 8785), signed as a compact JSON Web Signature (RFC 7515) with the key of the installation, whose public half is at
//! `/.well-known/jwks.json`. Who has the file and the keys needs nothing else from us.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::counts::{self, Counts, Line};
use super::history::{self, Step};
use super::signing::{self, Signature};
use super::statement::Statement;
use super::text::{Version, canonical};
use super::{Named, named, spelled, version, versions};
use crate::platform::{Cx, Place, Result, Timestamp, cells};
use crate::sessions::{Desk, badge};

/// What the header of its signature says it is.
const KIND: &str = "statement-manifest+jws";

/// The manifest of a statement as a file: the document, readable, and its signature, whose payload is its canonical form.
pub async fn manifest(cx: &Cx, desk: &Desk, statement: &Statement) -> Result<String> {
    let document = document(cx, desk, statement).await?;
    let text = canonical(&document);
    let jws = badge::seal(cx, desk, KIND, text.as_bytes()).await?;
    Ok(canonical(&json!({ "manifest": document, "jws": jws })))
}

async fn document(cx: &Cx, desk: &Desk, statement: &Statement) -> Result<Value> {
    let signatures = signing::signatures(cx, statement).await?;
    let counts = counts::counts(cx, statement, &signatures).await?;
    let all = versions(cx, statement).await?;
    let mut places: Vec<Place> = signatures.iter().map(|one| one.place).collect();
    places.push(statement.sponsor);
    let names = named(cx, &places).await?;
    let name = |place: Place| names.get(&place).cloned().unwrap_or_default();
    let newest = version(cx, statement, statement.version).await?;
    let steps = history::steps(cx, statement).await?;
    let steps = |one: &Signature| steps.get(&one.id).map(Vec::as_slice).unwrap_or_default();
    let signed = signatures.iter().filter(|one| one.stands()).map(|one| signature(one, &name(one.place), steps(one)));
    let signed = signed.collect::<Result<Vec<Value>>>()?;
    let gone = signatures.iter().filter(|one| !one.stands()).map(|one| gone(one, &name(one.place), steps(one)));
    let withdrawn = gone.collect::<Result<Vec<Value>>>()?;
    Ok(json!({
        "canonical_form": "RFC 8785",
        "keys": desk.head.link("/.well-known/jwks.json"),
        "made_at": moment(cx.now()),
        "statement": {
            "id": statement.id,
            "url": desk.head.link(&statement.path()),
            "kind": statement.kind.code(),
            "title": statement.title,
            "addressee": statement.addressee,
            "sponsor": name(statement.sponsor).name,
            "state": statement.state.code(),
            "threshold": statement.threshold,
            "deadline": statement.deadline.map(|day| day.to_string()),
        },
        "version": {
            "number": newest.number,
            "published_at": newest.published_at.map(moment),
            "sha256": newest.text.hash(&statement.title),
            "text": newest.text.proven(&statement.title),
        },
        "versions": all.iter().map(|one| one_of(statement, one)).collect::<Vec<Value>>(),
        "signatures": signed,
        "withdrawn": withdrawn,
        "counts": counted(&counts),
    }))
}

fn one_of(statement: &Statement, version: &Version) -> Value {
    json!({
        "number": version.number,
        "published_at": version.published_at.map(moment),
        "sha256": version.text.hash(&statement.title),
    })
}

/// What a place did, in its order: signed, confirmed, withdrawn, with the version and the moment.
fn told(steps: &[Step]) -> Vec<Value> {
    let step = |step: &Step| json!({ "did": step.did.code(), "version": step.version, "at": moment(step.at) });
    steps.iter().map(step).collect()
}

fn gone(one: &Signature, named: &Named, steps: &[Step]) -> Result<Value> {
    let (kind, id) = spelled(one.place)?;
    Ok(json!({
        "kind": kind,
        "id": id,
        "name": named.name,
        "withdrawn_at": one.withdrawn_at.map(moment),
        "history": told(steps),
    }))
}

fn signature(one: &Signature, named: &Named, steps: &[Step]) -> Result<Value> {
    let (kind, id) = spelled(one.place)?;
    Ok(json!({
        "kind": kind,
        "id": id,
        "name": named.name,
        "role": one.role_title,
        "version": one.version,
        "signed_at": moment(one.signed_at),
        "confirmed_at": one.confirmed_at.map(moment),
        "history": told(steps),
    }))
}

fn counted(counts: &Counts) -> Value {
    let line = |line: &Line| {
        json!({
            "leaders": line.leaders,
            "schools": line.schools,
            "students": line.students,
            "schools_without_number": line.unknown,
        })
    };
    let sector = |(code, label, one): &(String, String, Line)| {
        let mut value = line(one);
        value["sector"] = if code.is_empty() { Value::Null } else { json!(code) };
        value["label"] = json!(label);
        value
    };
    json!({
        "all": line(&counts.all),
        "by_sector": counts.by_sector.iter().map(sector).collect::<Vec<Value>>(),
        "behind_newest": counts.newest,
        "behind_earlier": counts.earlier,
        "withdrawn": counts.withdrawn,
    })
}

fn moment(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// "signed version 1 2026-10-14T16:00:00Z; withdrawn version 1 2026-10-15T16:00:00Z".
fn in_line(steps: &[Step]) -> String {
    let step = |step: &Step| format!("{} version {} {}", step.did.code(), step.version, moment(step.at));
    steps.iter().map(step).collect::<Vec<_>>().join("; ")
}

/// Sign-ons as a table for spreadsheets: what everybody reads on the page, and nothing else.
pub async fn csv(cx: &Cx, statement: &Statement) -> Result<Vec<u8>> {
    let signatures = signing::signatures(cx, statement).await?;
    let places: Vec<Place> = signatures.iter().map(|one| one.place).collect();
    let names = named(cx, &places).await?;
    let shown = signing::shown_names(cx, &signatures).await?;
    let steps = history::steps(cx, statement).await?;
    let mut file = cells::writer();
    let failed = crate::platform::Error::internal;
    file.write_record([
        "name",
        "kind",
        "role",
        "leader",
        "version",
        "signed_at",
        "confirmed_at",
        "withdrawn_at",
        "comment",
        "history",
    ])
    .map_err(failed)?;
    for one in &signatures {
        let name = names.get(&one.place).map(|named| named.name.clone()).unwrap_or_default();
        let leader = one.account.filter(|_| one.shows_name).and_then(|id| shown.get(&id).cloned()).unwrap_or_default();
        let comment = one.comment.clone().filter(|_| one.comment_public).unwrap_or_default();
        file.write_record([
            cells::inert(&name),
            spelled(one.place)?.0.to_owned(),
            cells::inert(&one.role_title),
            cells::inert(&leader),
            one.version.to_string(),
            moment(one.signed_at),
            one.confirmed_at.map(moment).unwrap_or_default(),
            one.withdrawn_at.map(moment).unwrap_or_default(),
            cells::inert(&comment),
            steps.get(&one.id).map(|steps| in_line(steps)).unwrap_or_default(),
        ])
        .map_err(crate::platform::Error::internal)?;
    }
    file.into_inner().map_err(crate::platform::Error::internal)
}
