//! `/me/profile`: what a person says about themselves.

use poem::http::StatusCode;
use poem::web::Data;
use poem::{Request, Response, handler};

use super::me::own;
use crate::mail::Lang;
use crate::people::account::{self, ProfileChange};
use crate::people::views::me::ProfilePage;
use crate::platform::{Db, vocabulary};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Choice, Section};

/// `/me/profile`
#[handler]
pub async fn profile_view(
    request: &Request,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let id = own(&actor)?;
    let account = account::account(&db.cx(actor), id).await?;
    let now = ProfileChange {
        name: account.name,
        title: account.title.unwrap_or_default(),
        grades: account.grades,
        subjects: account.subjects,
        time_zone: account.time_zone.unwrap_or_default(),
        lang: Some(account.lang),
    };
    let mut view = filled(&site, now, Corrections::default());
    view.saved = request.uri().query() == Some("saved");
    own_page(StatusCode::OK, &view)
}

/// `POST /me/profile`
#[handler]
pub async fn change_profile_view(
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
    form: Form,
) -> poem::Result<Response> {
    let id = own(&actor)?;
    let change = ProfileChange {
        name: form.get("name").to_owned(),
        title: form.get("title").to_owned(),
        grades: form.all("grades"),
        subjects: form.all("subjects"),
        time_zone: form.get("time_zone").to_owned(),
        lang: Some(Lang::of(form.get("lang"))),
    };
    let mut tx = db.write(actor).await?;
    match account::change_profile(&mut tx, id, change.clone()).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(see_other("/me/profile?saved"))
        }
        Err(error) => {
            drop(tx);
            let corrections = Corrections::of(error)?;
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &filled(&site, change, corrections))
        }
    }
}

/// Zones that are offered; another that was set with the API stays.
const ZONES: [(&str, &str); 10] = [
    ("", "As set for this site"),
    ("America/New_York", "Eastern Time"),
    ("America/Chicago", "Central Time"),
    ("America/Denver", "Mountain Time"),
    ("America/Phoenix", "Arizona"),
    ("America/Los_Angeles", "Pacific Time"),
    ("America/Anchorage", "Alaska"),
    ("Pacific/Honolulu", "Hawaii"),
    ("America/Puerto_Rico", "Puerto Rico"),
    ("Etc/UTC", "UTC"),
];

fn filled(site: &Site, change: ProfileChange, corrections: Corrections) -> ProfilePage {
    let of = |vocabulary: &str, chosen: &[String]| {
        let choice = |term: &vocabulary::Term| Choice {
            value: term.code.clone(),
            label: term.label.clone(),
            selected: chosen.contains(&term.code),
        };
        vocabulary::terms(vocabulary).iter().map(choice).collect()
    };
    let zone = change.time_zone;
    let mut zones: Vec<Choice> = ZONES
        .iter()
        .map(|(value, label)| Choice {
            value: (*value).to_owned(),
            label: (*label).to_owned(),
            selected: *value == zone,
        })
        .collect();
    if !zones.iter().any(|choice| choice.selected) {
        zones.push(Choice { value: zone.clone(), label: zone, selected: true });
    }
    let language = |(lang, label): (Lang, &str)| Choice {
        value: lang.tag().to_owned(),
        label: label.to_owned(),
        selected: change.lang.unwrap_or_default() == lang,
    };
    let languages = [(Lang::En, "English"), (Lang::Es, "Español")].map(language).into();
    let mut view = ProfilePage {
        chrome: site.chrome("Profile", "", "/me/profile"),
        corrections,
        saved: false,
        grades: of("grade_band", &change.grades),
        subjects: of("subject", &change.subjects),
        zones,
        languages,
        name: change.name,
        title: change.title,
    };
    view.chrome.section = Section::Me;
    view.chrome.noindex = true;
    view
}
