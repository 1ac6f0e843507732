//! Harvesting by OAI-PMH 2.0: the catalog for libraries and state collections, as Dublin Core.
//!
//! A record is a practice; its datestamp is its newest change, which every change moves, also that of its school's name. One that
//! was taken out stays as a deleted record (`persistent`). A list goes in the order of changes and ids, and its resumption token
//! holds the place and the question and nothing that expires: a practice that changes during a harvest moves to the end of the
//! order and comes again, so that a harvest loses none.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta};
use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use super::OpenData;
use crate::catalog::changes::{self, Place, Window};
use crate::catalog::{self, Practice, PracticeId, markdown};
use crate::people::{self, School, SchoolId, Sector};
use crate::platform::vocabulary::{self, PracticeStatus};
use crate::platform::xml::Xml;
use crate::platform::{Cx, Result, Timestamp};

/// Records in one answer.
const PAGE: usize = 100;
/// Practices looked at in one statement where a set is asked for.
const LOOK: u64 = 500;
/// An answer is whole up to this long before it: a change that is being saved carries the moment at which that began. Who asks
/// for what came after an answer gives the moment that the answer states.
const SETTLED: TimeDelta = TimeDelta::seconds(60);

const PREFIX: &str = "oai_dc";
const SCHEMA: &str = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd";
const NAMESPACE: &str = "http://www.openarchives.org/OAI/2.0/oai_dc/";

/// Why a request is not answered, by the codes of the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    code: &'static str,
    says: String,
}

fn fault(code: &'static str, says: impl Into<String>) -> Fault {
    Fault { code, says: says.into() }
}

/// A request that can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    Identify,
    Formats(Option<String>),
    Sets,
    Record(String),
    List { whole: bool, list: List },
}

/// A list that somebody asks for, and where in it they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct List {
    from: Option<Timestamp>,
    before: Option<Timestamp>,
    set: Option<String>,
    after: Option<Place>,
    /// How many came before.
    cursor: u64,
}

/// The answer to a request with these arguments, in the order in which they came. Always a document, whatever was asked.
pub async fn answer(cx: &Cx, open: &OpenData, arguments: &[(String, String)]) -> Result<Vec<u8>> {
    let asked = read(arguments);
    let mut xml = Xml::document();
    xml.open(
        "OAI-PMH",
        &[
            ("xmlns", "http://www.openarchives.org/OAI/2.0/"),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
            (
                "xsi:schemaLocation",
                "http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd",
            ),
        ],
    );
    xml.text("responseDate", &[], &stamp(cx.now() - SETTLED));
    let named: Vec<(&str, &str)> = match &asked {
        Err(fault) if matches!(fault.code, "badVerb" | "badArgument") => Vec::new(),
        _ => arguments.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
    };
    xml.text("request", &named, &format!("{}/oai", open.base_url));
    let said = match asked {
        Ok(asked) => say(cx, open, &mut xml, asked).await?,
        Err(fault) => Err(fault),
    };
    if let Err(fault) = said {
        xml.text("error", &[("code", fault.code)], &fault.says);
    }
    xml.close("OAI-PMH");
    Ok(xml.bytes())
}

/// Reads the arguments. Of what is wrong with them the first thing is told.
fn read(arguments: &[(String, String)]) -> std::result::Result<Asked, Fault> {
    let verbs: Vec<&str> = arguments.iter().filter(|(name, _)| name == "verb").map(|(_, verb)| verb.as_str()).collect();
    let verb = match verbs.as_slice() {
        [verb] => *verb,
        [] => return Err(fault("badVerb", "Say what you ask for with the argument verb.")),
        _ => return Err(fault("badVerb", "Give the argument verb once.")),
    };
    let allowed: &[&str] = match verb {
        "Identify" => &[],
        "ListMetadataFormats" => &["identifier"],
        "ListSets" => &["resumptionToken"],
        "GetRecord" => &["identifier", "metadataPrefix"],
        "ListIdentifiers" | "ListRecords" => &["metadataPrefix", "from", "until", "set", "resumptionToken"],
        _ => {
            return Err(fault(
                "badVerb",
                "The verbs are Identify, ListMetadataFormats, ListSets, ListIdentifiers, ListRecords and GetRecord.",
            ));
        }
    };
    let mut given: HashMap<&str, &str> = HashMap::new();
    for (name, value) in arguments.iter().filter(|(name, _)| name != "verb") {
        if !allowed.contains(&name.as_str()) {
            return Err(fault("badArgument", format!("{verb} takes no such argument.")));
        }
        if given.insert(name, value).is_some() {
            return Err(fault("badArgument", format!("Give the argument {name} once.")));
        }
    }
    if let Some(token) = given.get("resumptionToken") {
        if given.len() > 1 {
            return Err(fault("badArgument", "A resumptionToken stands alone."));
        }
        let list = if verb == "ListSets" { None } else { List::from_token(token) };
        let list =
            list.ok_or_else(|| fault("badResumptionToken", "This token leads nowhere; begin the list again."))?;
        return Ok(Asked::List { whole: verb == "ListRecords", list });
    }
    let needed = |name: &str| match given.get(name) {
        Some(value) => Ok(*value),
        None => Err(fault("badArgument", format!("{verb} needs the argument {name}."))),
    };
    match verb {
        "Identify" => Ok(Asked::Identify),
        "ListMetadataFormats" => Ok(Asked::Formats(given.get("identifier").map(|id| (*id).to_owned()))),
        "ListSets" => Ok(Asked::Sets),
        "GetRecord" => {
            let identifier = needed("identifier")?.to_owned();
            prefix(needed("metadataPrefix")?)?;
            Ok(Asked::Record(identifier))
        }
        _ => {
            let format = needed("metadataPrefix")?;
            let (from, until) = (given.get("from").copied(), given.get("until").copied());
            if let (Some(from), Some(until)) = (from, until)
                && from.len() != until.len()
            {
                return Err(fault("badArgument", "Give from and until in the same granularity."));
            }
            let (from, until) = (from.map(span).transpose()?, until.map(span).transpose()?);
            if let (Some((from, _)), Some((_, end))) = (from, until)
                && from >= end
            {
                return Err(fault("badArgument", "The argument from is not later than until."));
            }
            prefix(format)?;
            let list = List {
                from: from.map(|(from, _)| from),
                before: until.map(|(_, end)| end),
                set: given.get("set").map(|set| (*set).to_owned()),
                ..List::default()
            };
            Ok(Asked::List { whole: verb == "ListRecords", list })
        }
    }
}

fn prefix(format: &str) -> std::result::Result<(), Fault> {
    if format == PREFIX {
        return Ok(());
    }
    Err(fault("cannotDisseminateFormat", "Records are there as oai_dc."))
}

/// A day or a second as the protocol writes it: when it begins, and when the next one does.
fn span(text: &str) -> std::result::Result<(Timestamp, Timestamp), Fault> {
    let found = if text.len() == 10 {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        day.filter(|day| day.to_string() == text).and_then(|day| Some((day.and_hms_opt(0, 0, 0)?, TimeDelta::days(1))))
    } else {
        let second = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%SZ").ok();
        second.filter(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string() == text).map(|at| (at, TimeDelta::seconds(1)))
    };
    let wrong = || fault("badArgument", "Write from and until as 2026-10-14 or 2026-10-14T16:00:00Z.");
    let (at, long) = found.ok_or_else(wrong)?;
    let end = at.checked_add_signed(long).ok_or_else(wrong)?;
    Ok((at.and_utc(), end.and_utc()))
}

impl List {
    /// Itself as a token, with the place where it goes on. Who holds it may come back whenever they like.
    fn token(&self, (at, id): Place, cursor: u64) -> String {
        let moment = |at: Option<Timestamp>| at.map(|at| at.timestamp().to_string()).unwrap_or_default();
        let parts = [
            "1".to_owned(),
            moment(self.from),
            moment(self.before),
            at.timestamp_micros().to_string(),
            id.to_string(),
            cursor.to_string(),
            self.set.clone().unwrap_or_default(),
        ];
        BASE64URL_NOPAD.encode(parts.join("|").as_bytes())
    }

    fn from_token(token: &str) -> Option<Self> {
        let text = String::from_utf8(BASE64URL_NOPAD.decode(token.as_bytes()).ok()?).ok()?;
        let parts: Vec<&str> = text.splitn(7, '|').collect();
        let ["1", from, before, at, id, cursor, set] = parts.as_slice() else { return None };
        let moment = |text: &str| match text {
            "" => Some(None),
            text => Some(Some(Timestamp::from_timestamp(text.parse().ok()?, 0)?)),
        };
        let at = Timestamp::from_timestamp_micros(at.parse().ok()?)?;
        Some(Self {
            from: moment(from)?,
            before: moment(before)?,
            set: Some((*set).to_owned()).filter(|set| !set.is_empty()),
            after: Some((at, PracticeId(Uuid::parse_str(id).ok()?))),
            cursor: cursor.parse().ok()?,
        })
    }
}

async fn say(cx: &Cx, open: &OpenData, xml: &mut Xml, asked: Asked) -> Result<std::result::Result<(), Fault>> {
    match asked {
        Asked::Identify => identify(cx, open, xml).await?,
        Asked::Formats(identifier) => {
            if let Some(identifier) = identifier
                && practice(cx, open, &identifier).await?.is_none()
            {
                return Ok(Err(unknown()));
            }
            xml.open("ListMetadataFormats", &[]);
            xml.open("metadataFormat", &[]);
            xml.text("metadataPrefix", &[], PREFIX);
            xml.text("schema", &[], SCHEMA);
            xml.text("metadataNamespace", &[], NAMESPACE);
            xml.close("metadataFormat");
            xml.close("ListMetadataFormats");
        }
        Asked::Sets => sets(cx, xml).await?,
        Asked::Record(identifier) => {
            let Some(found) = practice(cx, open, &identifier).await? else { return Ok(Err(unknown())) };
            let schools = schools(cx, std::slice::from_ref(&found)).await?;
            xml.open("GetRecord", &[]);
            record(xml, open, &found, &schools);
            xml.close("GetRecord");
        }
        Asked::List { whole, list } => return page(cx, open, xml, whole, &list).await,
    }
    Ok(Ok(()))
}

fn unknown() -> Fault {
    fault("idDoesNotExist", "There is no practice of this identifier.")
}

async fn identify(cx: &Cx, open: &OpenData, xml: &mut Xml) -> Result<()> {
    let first = changes::first(cx).await?.unwrap_or_else(|| cx.now());
    xml.open("Identify", &[]);
    xml.text("repositoryName", &[], &format!("Common Ground, {}", open.host()));
    xml.text("baseURL", &[], &format!("{}/oai", open.base_url));
    xml.text("protocolVersion", &[], "2.0");
    xml.text("adminEmail", &[], &open.contact);
    xml.text("earliestDatestamp", &[], &stamp(first));
    xml.text("deletedRecord", &[], "persistent");
    xml.text("granularity", &[], "YYYY-MM-DDThh:mm:ssZ");
    xml.close("Identify");
    Ok(())
}

/// Sets: `topic` and `sector`, and each topic and each sector in them.
async fn sets(cx: &Cx, xml: &mut Xml) -> Result<()> {
    let sectors: Vec<Sector> = people::sectors(cx).await?;
    xml.open("ListSets", &[]);
    let mut set = |spec: &str, name: &str| {
        xml.open("set", &[]);
        xml.text("setSpec", &[], spec);
        xml.text("setName", &[], name);
        xml.close("set");
    };
    set("topic", "By topic");
    for term in vocabulary::terms("topic") {
        set(&format!("topic:{}", term.code), &term.label);
    }
    set("sector", "By sector of the school where it began");
    for sector in sectors.iter().filter(|sector| is_spec(&sector.code)) {
        set(&format!("sector:{}", sector.code), &sector.label);
    }
    xml.close("ListSets");
    Ok(())
}

/// Whether there is such a set. A name that nobody gave costs no look through the catalog.
async fn is_set(cx: &Cx, spec: &str) -> Result<bool> {
    Ok(match spec.split_once(':') {
        None => matches!(spec, "topic" | "sector"),
        Some(("topic", code)) => vocabulary::terms("topic").iter().any(|term| term.code == code),
        Some(("sector", code)) => people::sectors(cx).await?.iter().any(|sector| sector.code == code),
        Some(_) => false,
    })
}

/// Whether a code can be part of the name of a set.
fn is_spec(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&b))
}

/// The practice of an identifier.
async fn practice(cx: &Cx, open: &OpenData, identifier: &str) -> Result<Option<Practice>> {
    let id = identifier.strip_prefix("oai:").and_then(|rest| rest.strip_prefix(open.host()));
    let id = id.and_then(|rest| rest.strip_prefix(":practice/")).and_then(|id| id.parse::<PracticeId>().ok());
    let Some(id) = id.filter(|id| named(open, *id) == identifier) else { return Ok(None) };
    Ok(catalog::practices(cx, &[id]).await?.remove(&id))
}

fn named(open: &OpenData, id: PracticeId) -> String {
    format!("oai:{}:practice/{id}", open.host())
}

async fn schools(cx: &Cx, practices: &[Practice]) -> Result<HashMap<SchoolId, School>> {
    let mut ids: Vec<SchoolId> = practices.iter().filter_map(|practice| practice.origin_school).collect();
    ids.sort_unstable();
    ids.dedup();
    people::schools(cx, &ids).await
}

/// A page of a list.
async fn page(
    cx: &Cx,
    open: &OpenData,
    xml: &mut Xml,
    whole: bool,
    list: &List,
) -> Result<std::result::Result<(), Fault>> {
    if let Some(set) = &list.set
        && !is_set(cx, set).await?
    {
        return Ok(Err(fault("noRecordsMatch", "There is no such set; ListSets names them.")));
    }
    let wanted = |practice: &Practice, schools: &HashMap<SchoolId, School>| match &list.set {
        None => true,
        Some(set) => specs(practice, schools).iter().any(|spec| spec == set || spec.split(':').next() == Some(set)),
    };
    let limit = if list.set.is_some() { LOOK } else { PAGE as u64 + 1 };
    let (mut found, mut places, mut after) = (Vec::new(), HashMap::new(), list.after);
    while found.len() <= PAGE {
        let window = Window { from: list.from, before: list.before, after };
        let next = changes::oldest_first(cx, window, limit).await?;
        let Some(last) = next.last() else { break };
        after = Some((last.updated_at, last.id));
        let whole = (next.len() as u64) < limit;
        places.extend(schools(cx, &next).await?);
        found.extend(next.into_iter().filter(|practice| wanted(practice, &places)));
        if whole {
            break;
        }
    }
    if found.is_empty() && list.after.is_none() {
        return Ok(Err(fault("noRecordsMatch", "No practice of this kind changed in this time.")));
    }
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let verb = if whole { "ListRecords" } else { "ListIdentifiers" };
    xml.open(verb, &[]);
    for practice in &found {
        if whole { record(xml, open, practice, &places) } else { header(xml, open, practice, &places) }
    }
    let cursor = list.cursor.to_string();
    match found.last().filter(|_| more) {
        Some(last) => {
            let token = list.token((last.updated_at, last.id), list.cursor + found.len() as u64);
            xml.text("resumptionToken", &[("cursor", &cursor)], &token);
        }
        // The last page of several has an empty one.
        None if list.after.is_some() => xml.text("resumptionToken", &[("cursor", &cursor)], ""),
        None => {}
    }
    xml.close(verb);
    Ok(Ok(()))
}

/// The sets of a practice, by their names.
fn specs(practice: &Practice, schools: &HashMap<SchoolId, School>) -> Vec<String> {
    let mut specs: Vec<String> = practice.record.topics.iter().map(|topic| format!("topic:{}", topic.code())).collect();
    let sector = practice.origin_school.and_then(|id| schools.get(&id)).and_then(|school| school.sector.as_ref());
    specs.extend(sector.filter(|code| is_spec(code)).map(|code| format!("sector:{code}")));
    specs
}

fn header(xml: &mut Xml, open: &OpenData, practice: &Practice, schools: &HashMap<SchoolId, School>) {
    let deleted = practice.status == PracticeStatus::RETIRED;
    xml.open("header", if deleted { &[("status", "deleted")] } else { &[] });
    xml.text("identifier", &[], &named(open, practice.id));
    xml.text("datestamp", &[], &stamp(practice.updated_at));
    for spec in specs(practice, schools) {
        xml.text("setSpec", &[], &spec);
    }
    xml.close("header");
}

fn record(xml: &mut Xml, open: &OpenData, practice: &Practice, schools: &HashMap<SchoolId, School>) {
    xml.open("record", &[]);
    header(xml, open, practice, schools);
    if practice.status != PracticeStatus::RETIRED {
        metadata(xml, open, practice, practice.origin_school.and_then(|id| schools.get(&id)));
    }
    xml.close("record");
}

/// A practice as Dublin Core.
fn metadata(xml: &mut Xml, open: &OpenData, practice: &Practice, school: Option<&School>) {
    let record = &practice.record;
    xml.open("metadata", &[]);
    xml.open(
        "oai_dc:dc",
        &[
            ("xmlns:oai_dc", NAMESPACE),
            ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
            ("xsi:schemaLocation", &format!("{NAMESPACE} {SCHEMA}")),
        ],
    );
    let mut say = |name: &str, text: &str| {
        if !text.trim().is_empty() {
            xml.text(name, &[], text);
        }
    };
    say("dc:title", &record.title);
    if let Some(school) = school {
        say("dc:creator", &school.name);
    }
    for subject in record.topics.iter().map(|v| v.label()).chain(record.subjects.iter().map(|v| v.label())) {
        say("dc:subject", subject);
    }
    for text in [&record.summary, &record.problem].into_iter().flatten() {
        say("dc:description", &markdown::plain(text));
    }
    say("dc:publisher", "Common Ground");
    if let Some(source) = &record.imported_from {
        say("dc:contributor", source);
    }
    say("dc:date", &practice.published_on.unwrap_or_else(|| practice.created_at.date_naive()).to_string());
    say("dc:type", "Text");
    if let Some(kind) = record.practice_type {
        say("dc:type", kind.label());
    }
    say("dc:format", "text/html");
    say("dc:identifier", &format!("{}/practices/{}", open.base_url, practice.slug));
    if let Some(source) = &record.imported_url {
        say("dc:source", source);
    }
    say("dc:language", "en");
    if let Some(school) = school {
        say("dc:coverage", &school.place());
    }
    say("dc:rights", record.license.label());
    say("dc:rights", record.license.url());
    xml.close("oai_dc:dc");
    xml.close("metadata");
}

fn stamp(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(arguments: &[(&str, &str)]) -> std::result::Result<Asked, &'static str> {
        let arguments: Vec<_> = arguments.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        read(&arguments).map_err(|fault| fault.code)
    }

    #[test]
    fn what_the_protocol_does_not_know_is_refused_with_its_codes() {
        let dc = ("metadataPrefix", "oai_dc");
        let list = ("verb", "ListRecords");
        for (arguments, code) in [
            (vec![], "badVerb"),
            (vec![("verb", "Steal")], "badVerb"),
            (vec![("verb", "Identify"), ("verb", "Identify")], "badVerb"),
            (vec![("verb", "Identify"), ("set", "x")], "badArgument"),
            (vec![("verb", "GetRecord"), dc], "badArgument"),
            (vec![("verb", "GetRecord"), ("identifier", "x"), ("metadataPrefix", "mods")], "cannotDisseminateFormat"),
            (vec![list], "badArgument"),
            (vec![list, ("metadataPrefix", "marc")], "cannotDisseminateFormat"),
            (vec![list, dc, dc], "badArgument"),
            (vec![list, dc, ("from", "2026-13-01")], "badArgument"),
            (vec![list, dc, ("from", "2026-1-01")], "badArgument"),
            (vec![list, dc, ("from", "2026-10-14T16:00:00")], "badArgument"),
            (vec![list, dc, ("from", "2026-10-14"), ("until", "2026-10-14T16:00:00Z")], "badArgument"),
            (vec![list, dc, ("from", "2026-10-15"), ("until", "2026-10-14")], "badArgument"),
            (vec![list, dc, ("resumptionToken", "x")], "badArgument"),
            (vec![list, ("resumptionToken", "x")], "badResumptionToken"),
            (vec![("verb", "ListSets"), ("resumptionToken", "MQ")], "badResumptionToken"),
        ] {
            assert_eq!(asked(&arguments).err(), Some(code), "{arguments:?}");
        }
        let one_day = asked(&[list, dc, ("from", "2026-10-14"), ("until", "2026-10-14")]).unwrap();
        let Asked::List { list, .. } = one_day else { panic!() };
        assert_eq!(list.before.unwrap() - list.from.unwrap(), TimeDelta::days(1), "both days count");
    }

    #[test]
    fn a_token_leads_back_to_its_place() {
        let at = "2026-10-14T16:00:00.000001Z".parse().unwrap();
        let list = List {
            from: Some("2026-10-01T00:00:00Z".parse().unwrap()),
            set: Some("topic:mtss|x".to_owned()),
            ..List::default()
        };
        let token = list.token((at, PracticeId(Uuid::from_u128(7))), 100);
        let again = List::from_token(&token).unwrap();
        assert_eq!(again, List { after: Some((at, PracticeId(Uuid::from_u128(7)))), cursor: 100, ..list });
        for other in ["", "MQ", "////", &token[..token.len() - 8]] {
            assert_eq!(
                List::from_token(other).filter(|list| list.cursor == 100 && list.set == again.set),
                None,
                "{other}"
            );
        }
    }
}
