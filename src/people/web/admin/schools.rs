//! Schools and organizations: finding, adding, changing, closing, merging.

use chrono::NaiveDate;
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};
use uuid::Uuid;

use super::{PAGE, asked, chrome, count_words, id, pages_of, place_choice};
use crate::people::school_admin::{self, NewSchool};
use crate::people::views::admin::{
    AdminMergerPage, AdminOrganizationsPage, AdminSchoolNewPage, AdminSchoolPage, AdminSchoolsPage, OrganizationFound,
    SchoolForm, SchoolFound, ShareField,
};
use crate::people::{self, GradeSpan, NewOrganization, OrganizationId, School, SchoolId, Share, admin};
use crate::platform::vocabulary::{ShareBand, StudentGroup};
use crate::platform::{Cx, Db, Error, Place, Result, Timestamp};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day, own_page, see_other};
use crate::web::views::{Choice, Link};

/// `/admin/schools`
#[handler]
pub async fn schools_view(
    request: &Request,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    admin::enter(cx.actor())?;
    let form = asked(request);
    let (query, cursor) = (form.get("q"), form.get("cursor"));
    let after = match cursor.parse::<SchoolId>() {
        Ok(id) => Some(school_admin::school_itself(&cx, id).await.map(|last| (last.name, last.id.0))?),
        Err(_) => None,
    };
    let begun = after.is_some();
    let (total, mut found) = school_admin::find_schools(&cx, query, after, PAGE as u64 + 1).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|last| last.id.to_string());
    let row = |school: &School| SchoolFound {
        name: school.name.clone(),
        url: format!("/admin/schools/{}", school.id),
        facts: school.place(),
        standing: match (school.merged_into, school.closed_on) {
            (Some(_), _) => "Part of another school",
            (None, Some(_)) => "Closed",
            (None, None) => "",
        },
    };
    let view = AdminSchoolsPage {
        chrome: chrome(&site, "Schools", "/admin/schools"),
        admin_at: "schools",
        query: query.to_owned(),
        count: count_words(total, "school", "schools"),
        schools: found.iter().map(row).collect(),
        pages: pages_of("/admin/schools", &[("q", query)], if begun { cursor } else { "" }, next),
        ..AdminSchoolsPage::default()
    };
    own_page(StatusCode::OK, &view)
}

/// `/admin/schools/new`
#[handler]
pub async fn new_school_view(SignedIn(actor): SignedIn, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    let cx = db.cx(actor);
    admin::enter(cx.actor())?;
    let form = school_form(&cx, &Typed::default()).await?;
    own_page(StatusCode::OK, &new_page(&site, form, Corrections::default()))
}

fn new_page(site: &Site, form: SchoolForm, corrections: Corrections) -> AdminSchoolNewPage {
    let chrome = chrome(site, "Add a school", "/admin/schools/new");
    AdminSchoolNewPage { chrome, admin_at: "schools", corrections, form }
}

/// `POST /admin/schools`
#[handler]
pub async fn add_school_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    admin::enter(&actor)?;
    let cx = db.cx(actor.clone());
    let typed = Typed::of(&form);
    let done = match typed.parse(&cx, None).await {
        Err(error) => Err(error),
        Ok(new) => {
            let mut tx = db.write(actor).await?;
            match people::add_school(&mut tx, new).await {
                Ok(id) => {
                    tx.commit().await?;
                    Ok(id)
                }
                Err(error) => Err(error),
            }
        }
    };
    match done {
        Ok(id) => Ok(see_other(&format!("/admin/schools/{id}?done=added"))),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            let form = school_form(&cx, &typed).await?;
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &new_page(&site, form, corrections))
        }
    }
}

/// `/admin/schools/{id}`
#[handler]
pub async fn school_view(
    request: &Request,
    Path(school): Path<String>,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    admin::enter(cx.actor())?;
    let mut view = school_page(&cx, &site, id(&school, "school")?, None).await?;
    view.notice = match asked(request).get("done") {
        "added" => "The school is added.",
        "changed" => "The change is saved.",
        "closed" => "The school is closed.",
        "reopened" => "The school is open again.",
        "merged" => "The schools are one now.",
        _ => "",
    };
    own_page(StatusCode::OK, &view)
}

/// The page of a school, with what was typed where it is shown again.
async fn school_page(cx: &Cx, site: &Site, id: SchoolId, typed: Option<&Form>) -> Result<AdminSchoolPage> {
    let school = school_admin::school_itself(cx, id).await?;
    let into = match school.merged_into {
        Some(into) => people::schools(cx, &[into]).await?.remove(&into),
        None => None,
    };
    let known = Typed::known(&school);
    let shown = typed.filter(|form| form.has("seen")).map(Typed::of).unwrap_or(known);
    let url = format!("/admin/schools/{id}");
    let today = cx.now().date_naive();
    Ok(AdminSchoolPage {
        chrome: chrome(site, &school.name, &url),
        admin_at: "schools",
        page_url: format!("/schools/{}", school.slug),
        nces_id: school.nces_id.clone().unwrap_or_default(),
        closed: school.closed_on.map(day).unwrap_or_default(),
        closed_on: typed
            .filter(|form| form.has("closed_on"))
            .map_or_else(|| today.to_string(), |form| form.get("closed_on").to_owned()),
        merged_into: into.map(|into| Link { text: into.name.clone(), url: format!("/admin/schools/{}", into.id) }),
        seen: school.updated_at.timestamp_micros().to_string(),
        form: school_form(cx, &shown).await?,
        name: school.name,
        url,
        ..AdminSchoolPage::default()
    })
}

/// The page of a school with the sentence that says why not.
async fn again(cx: &Cx, site: &Site, id: SchoolId, form: &Form, error: Error) -> poem::Result<Response> {
    let corrections = Corrections::of(error)?;
    let view = AdminSchoolPage { corrections, ..school_page(cx, site, id, Some(form)).await? };
    own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
}

/// `POST /admin/schools/{id}`
#[handler]
pub async fn change_school_view(
    Path(school): Path<String>,
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    admin::enter(&actor)?;
    let school: SchoolId = id(&school, "school")?;
    let cx = db.cx(actor.clone());
    let seen = form.get("seen").parse().ok().and_then(Timestamp::from_timestamp_micros);
    let now = school_admin::school_itself(&cx, school).await?;
    let done = match (Typed::of(&form).parse(&cx, Some(&now)).await, seen) {
        (Err(error), _) => Err(error),
        (Ok(_), None) => Err(Error::Stale),
        (Ok(change), Some(seen)) => {
            let mut tx = db.write(actor).await?;
            match school_admin::change_school(&mut tx, school, change, seen).await {
                Ok(()) => Ok(tx.commit().await?),
                Err(error) => Err(error),
            }
        }
    };
    match done {
        Ok(()) => Ok(see_other(&format!("/admin/schools/{school}?done=changed"))),
        Err(error) => again(&cx, &site, school, &form, error).await,
    }
}

/// `POST /admin/schools/{id}/closure`
#[handler]
pub async fn closure_view(
    Path(school): Path<String>,
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    admin::enter(&actor)?;
    let school: SchoolId = id(&school, "school")?;
    let done = match form.get("closed_on").parse::<NaiveDate>() {
        Err(_) => Err(Error::invalid("closed_on", "Give the day as 2026-06-30.")),
        Ok(on) => {
            let mut tx = db.write(actor.clone()).await?;
            match school_admin::close_school(&mut tx, school, on).await {
                Ok(()) => Ok(tx.commit().await?),
                Err(error) => Err(error),
            }
        }
    };
    match done {
        Ok(()) => Ok(see_other(&format!("/admin/schools/{school}?done=closed"))),
        Err(error) => again(&db.cx(actor), &site, school, &form, error).await,
    }
}

/// `POST /admin/schools/{id}/reopening`
#[handler]
pub async fn reopening_view(
    Path(school): Path<String>,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
) -> poem::Result<Response> {
    admin::enter(&actor)?;
    let school: SchoolId = id(&school, "school")?;
    let mut tx = db.write(actor).await?;
    school_admin::reopen_school(&mut tx, school).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/schools/{school}?done=reopened")))
}

/// `/admin/schools/{id}/merger?into=`: what will happen, and the button.
#[handler]
pub async fn merger_view(
    request: &Request,
    Path(school): Path<String>,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    admin::enter(cx.actor())?;
    let view = merger_page(&cx, &site, id(&school, "school")?, asked(request).get("into")).await?;
    own_page(StatusCode::OK, &view)
}

async fn merger_page(cx: &Cx, site: &Site, id: SchoolId, text: &str) -> Result<AdminMergerPage> {
    let school = school_admin::school_itself(cx, id).await?;
    let url = format!("/admin/schools/{id}");
    // The choice of a form that is shown again is a code.
    let text = text.strip_prefix("school:").unwrap_or(text);
    let lines = admin::places_meant(cx, text).await?;
    let mut choices: Vec<Choice> = lines
        .iter()
        .filter(|line| matches!(line.place, Place::School(other) if other != id.0))
        .map(place_choice)
        .collect();
    if let [only] = choices.as_mut_slice() {
        only.selected = true;
    }
    let title = format!("Merge {}", school.name);
    Ok(AdminMergerPage {
        chrome: chrome(site, &title, &format!("{url}/merger")),
        admin_at: "schools",
        page_url: format!("/schools/{}", school.slug),
        name: school.name,
        url,
        choices,
        ..AdminMergerPage::default()
    })
}

/// `POST /admin/schools/{id}/merger`
#[handler]
pub async fn merge_view(
    Path(school): Path<String>,
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    admin::enter(&actor)?;
    let school: SchoolId = id(&school, "school")?;
    let done = match admin::parse_place(form.get("into")) {
        Some(Place::School(into)) => {
            let mut tx = db.write(actor.clone()).await?;
            match school_admin::merge_schools(&mut tx, school, SchoolId(into)).await {
                Ok(()) => {
                    tx.commit().await?;
                    Ok(into)
                }
                Err(error) => Err(error),
            }
        }
        _ => Err(Error::invalid("into", "Choose the school that stays.")),
    };
    match done {
        Ok(into) => Ok(see_other(&format!("/admin/schools/{into}?done=merged"))),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            let page = merger_page(&db.cx(actor), &site, school, form.get("into")).await?;
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &AdminMergerPage { corrections, ..page })
        }
    }
}

/// The facts of a school as a form holds them: texts, nothing decided.
#[derive(Clone, Debug, Default)]
struct Typed {
    name: String,
    sector: String,
    organization: String,
    city: String,
    state: String,
    neighborhood: String,
    campus: String,
    grades: String,
    students: String,
    school_type: String,
    profile: String,
    /// Group and band, by code; an empty band says nothing.
    shares: Vec<(StudentGroup, String)>,
}

impl Typed {
    fn of(form: &Form) -> Self {
        let text = |name: &str| form.get(name).to_owned();
        Self {
            name: text("name"),
            sector: text("sector"),
            organization: text("organization"),
            city: text("city"),
            state: text("state"),
            neighborhood: text("neighborhood"),
            campus: text("campus"),
            grades: text("grades"),
            students: text("students"),
            school_type: text("school_type"),
            profile: text("profile"),
            shares: StudentGroup::all().map(|group| (group, text(&format!("share_{group}")))).collect(),
        }
    }

    fn known(school: &School) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let band = |group| school.shares.iter().find(|share| share.group == group).map(|share| share.band.to_string());
        Self {
            name: school.name.clone(),
            sector: text(&school.sector),
            organization: school.organization.as_ref().map(|o| o.name.clone()).unwrap_or_default(),
            city: text(&school.city),
            state: text(&school.state),
            neighborhood: text(&school.neighborhood),
            campus: text(&school.campus),
            grades: school.grades.map(|span| span.to_string().replace('\u{2013}', "-")).unwrap_or_default(),
            students: school.students.map(|n| n.to_string()).unwrap_or_default(),
            school_type: text(&school.school_type),
            profile: text(&school.profile),
            shares: StudentGroup::all().map(|group| (group, band(group).unwrap_or_default())).collect(),
        }
    }

    /// What the texts mean, for a school that is `now` here. What a text cannot mean is refused here, everything else by the operation.
    async fn parse(&self, cx: &Cx, now: Option<&School>) -> Result<NewSchool> {
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let mut errors = crate::platform::FieldErrors::default();
        let grades = match self.grades.as_str() {
            "" => None,
            text => {
                let span = GradeSpan::parse_range(text).or_else(|| GradeSpan::parse(text, text));
                if span.is_none() {
                    errors.add("grades", "Give the lowest and the highest grade, like PK-5, K-8 or 9-12.");
                }
                span
            }
        };
        let students = match self.students.replace(',', "").as_str() {
            "" => None,
            text => {
                let number = text.parse::<i32>().ok();
                if number.is_none() {
                    errors.add("students", "Give a whole number from 0 to 100,000.");
                }
                number
            }
        };
        let mut shares = Vec::new();
        for (group, band) in self.shares.iter().filter(|(_, band)| !band.is_empty()) {
            match ShareBand::parse(band) {
                Ok(band) => shares.push(Share { group: *group, band }),
                Err(_) => errors.add(format!("share_{group}"), "Choose one of the bands."),
            }
        }
        let own = now.and_then(|school| school.organization.as_ref());
        let organization = match (self.organization.as_str(), own) {
            ("", _) => None,
            // It may share its name with others.
            (text, Some(own)) if text == own.name => Some(own.id),
            (text, _) => {
                let found = admin::places_meant(cx, text).await?;
                let mut found = found.iter().filter_map(|line| match line.place {
                    Place::Organization(id) => Some((OrganizationId(id), line.slug.clone().unwrap_or_default())),
                    _ => None,
                });
                match (found.next(), found.next()) {
                    (Some((one, _)), None) => Some(one),
                    (None, _) => {
                        errors.add(
                            "organization",
                            "No organization is called like that; check the name, or add it first.",
                        );
                        None
                    }
                    (Some((_, a)), Some((_, b))) => {
                        let sentence =
                            format!("More than one is called like that; give its name in addresses: {a}, {b} ...");
                        errors.add("organization", sentence);
                        None
                    }
                }
            }
        };
        errors.or(())?;
        Ok(NewSchool {
            name: self.name.clone(),
            sector: some(&self.sector),
            organization,
            city: some(&self.city),
            state: some(&self.state),
            neighborhood: some(&self.neighborhood),
            campus: some(&self.campus),
            grades,
            students,
            shares,
            school_type: some(&self.school_type),
            profile: some(&self.profile),
        })
    }
}

async fn school_form(cx: &Cx, typed: &Typed) -> Result<SchoolForm> {
    let choice = |value: &str, label: &str, chosen: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        selected: value == chosen,
    };
    let mut sectors = vec![choice("", "Not known", &typed.sector)];
    sectors.extend(people::sectors(cx).await?.iter().map(|s| choice(&s.code, &s.label, &typed.sector)));
    let band_of = |group| typed.shares.iter().find(|(g, _)| *g == group).map_or("", |(_, band)| band.as_str());
    let share = |group: StudentGroup| ShareField {
        name: format!("share_{group}"),
        label: group.label().to_owned(),
        choices: std::iter::once(choice("", "Not stated", band_of(group)))
            .chain(ShareBand::all().map(|band| choice(band.code(), band.label(), band_of(group))))
            .collect(),
    };
    Ok(SchoolForm {
        name: typed.name.clone(),
        sectors,
        organization: typed.organization.clone(),
        city: typed.city.clone(),
        state: typed.state.clone(),
        neighborhood: typed.neighborhood.clone(),
        campus: typed.campus.clone(),
        grades: typed.grades.clone(),
        students: typed.students.clone(),
        school_type: typed.school_type.clone(),
        profile: typed.profile.clone(),
        shares: StudentGroup::all().map(share).collect(),
    })
}

const KINDS: [(&str, &str); 4] = [
    ("district", "District or agency"),
    ("charter_network", "Charter network"),
    ("city_office", "City office"),
    ("other", "Another organization"),
];

/// `/admin/organizations`
#[handler]
pub async fn organizations_view(
    request: &Request,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    admin::enter(cx.actor())?;
    let form = asked(request);
    let mut view = organizations_page(&cx, &site, form.get("q"), form.get("cursor")).await?;
    view.notice = if form.get("done") == "added" { "The organization is added." } else { "" };
    own_page(StatusCode::OK, &view)
}

async fn organizations_page(cx: &Cx, site: &Site, query: &str, cursor: &str) -> Result<AdminOrganizationsPage> {
    let after: Option<(String, Uuid)> = match cursor.parse::<OrganizationId>() {
        Ok(id) => Some(people::organization(cx, &id.to_string()).await.map(|last| (last.name, last.id.0))?),
        Err(_) => None,
    };
    let begun = after.is_some();
    let wanted = Some(query).filter(|query| !query.is_empty());
    let (total, mut found) = people::organizations(cx, wanted, None, after, PAGE as u64 + 1).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|last| last.id.to_string());
    let row = |organization: &people::Organization| {
        let place = [&organization.city, &organization.state].into_iter().flatten().cloned();
        let facts: Vec<String> = std::iter::once(organization.kind_label().to_owned()).chain(place).collect();
        OrganizationFound { name: organization.name.clone(), facts: facts.join(", ") }
    };
    Ok(AdminOrganizationsPage {
        chrome: chrome(site, "Organizations", "/admin/organizations"),
        admin_at: "organizations",
        query: query.to_owned(),
        count: count_words(total, "organization", "organizations"),
        organizations: found.iter().map(row).collect(),
        pages: pages_of("/admin/organizations", &[("q", query)], if begun { cursor } else { "" }, next),
        kinds: kinds("district"),
        ..AdminOrganizationsPage::default()
    })
}

fn kinds(chosen: &str) -> Vec<Choice> {
    let choice = |(value, label): (&str, &str)| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        selected: value == chosen,
    };
    KINDS.into_iter().map(choice).collect()
}

/// `POST /admin/organizations`
#[handler]
pub async fn add_organization_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    admin::enter(&actor)?;
    let some = |name: &str| Some(form.get(name).to_owned()).filter(|text| !text.is_empty());
    let new = NewOrganization {
        kind: form.get("kind").to_owned(),
        name: form.get("name").to_owned(),
        city: some("city"),
        state: some("state"),
    };
    let mut tx = db.write(actor.clone()).await?;
    if let Err(error) = people::add_organization(&mut tx, new).await {
        drop(tx);
        let view = AdminOrganizationsPage {
            corrections: Corrections::of(error)?,
            name: form.get("name").to_owned(),
            kinds: kinds(form.get("kind")),
            city: form.get("city").to_owned(),
            state: form.get("state").to_owned(),
            ..organizations_page(&db.cx(actor), &site, "", "").await?
        };
        return own_page(StatusCode::UNPROCESSABLE_ENTITY, &view);
    }
    tx.commit().await?;
    Ok(see_other("/admin/organizations?done=added"))
}
