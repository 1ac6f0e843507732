//! The export that can be proved: what a statement says, who stands behind which version of it, and how many they are, as canonical JSON
//! (RFC 8785), signed as a compact JSON Web Signature (RFC 7515) with the key of the installation, whose public half is at
//! `/.well-known/jwks.json`. Who has the file and the keys needs nothing else from us.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::counts::{self, Counts, Line};
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
    let signed = signatures.iter().filter(|one| one.stands()).map(|one| signature(one, &name(one.place)));
    let signed = signed.collect::<Result<Vec<Value>>>()?;
    let gone = |one: &Signature| json!({ "name": name(one.place).name, "withdrawn_at": one.withdrawn_at.map(moment) });
    let withdrawn: Vec<Value> = signatures.iter().filter(|one| !one.stands()).map(gone).collect();
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

fn signature(one: &Signature, named: &Named) -> Result<Value> {
    let (kind, id) = spelled(one.place)?;
    Ok(json!({
        "kind": kind,
        "id": id,
        "name": named.name,
        "role": one.role_title,
        "version": one.version,
        "signed_at": moment(one.signed_at),
        "confirmed_at": one.confirmed_at.map(moment),
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

/// Sign-ons as a table for spreadsheets: what everybody reads on the page, and nothing else.
pub async fn csv(cx: &Cx, statement: &Statement) -> Result<Vec<u8>> {
    let signatures = signing::signatures(cx, statement).await?;
    let places: Vec<Place> = signatures.iter().map(|one| one.place).collect();
    let names = named(cx, &places).await?;
    let shown = signing::shown_names(cx, &signatures).await?;
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
        ])
        .map_err(crate::platform::Error::internal)?;
    }
    file.into_inner().map_err(crate::platform::Error::internal)
}
