//! The composition root: the only file that knows every feature. It opens what an installation consists of,
//! registers what the features offer, and puts their routes together.

use std::sync::Arc;

use poem::{Endpoint, EndpointExt, Route};
use poem_openapi::{LicenseObject, OpenApi, OpenApiService};
use serde::Serialize;

use crate::adoptions::api::AdoptionsApi;
use crate::adoptions::part::AdoptionPart;
use crate::adoptions::personal::AdoptionData;
use crate::api::idempotency::{ForgetAnswers, Idempotency};
use crate::api::pages::{self, Described};
use crate::api::vocabularies::VocabularyApi;
use crate::api::whole::whole;
use crate::audit;
use crate::audit::api::AuditApi;
use crate::bulletins::api::AnnouncementsApi;
use crate::bulletins::jobs::ForgetUnconfirmed;
use crate::bulletins::personal::BulletinData;
use crate::bulletins::{self, Press};
use crate::catalog::adoption::AdoptionRelay;
use crate::catalog::api::CatalogApi;
use crate::catalog::api::care::CareApi;
use crate::catalog::parts::Parts;
use crate::catalog::{self, PracticeSource, SchoolRelay};
use crate::collections::api::CollectionsApi;
use crate::collections::part::SavePart;
use crate::collections::personal::CollectionData;
use crate::compacts::api::CompactsApi;
use crate::compacts::personal::CompactData;
use crate::compacts::search::CompactSource;
use crate::contributions::DraftShelf;
use crate::contributions::api::ContributionsApi;
use crate::contributions::api::review::ReviewApi;
use crate::contributions::checks::Eyes;
use crate::contributions::parts::WritingPart;
use crate::contributions::personal::ContributionData;
use crate::contributions::review_data::ReviewData;
use crate::digests::api::DigestsApi;
use crate::digests::drafting::DraftDigests;
use crate::digests::part::DigestPart;
use crate::following::api::FollowingApi;
use crate::following::personal::FollowingData;
use crate::following::{self, Lookout};
use crate::highlights::api::HighlightsApi;
use crate::highlights::office::OfficeParts;
use crate::highlights::part::HighlightPart;
use crate::highlights::personal::HighlightData;
use crate::highlights::search::HighlightSource;
use crate::mail;
use crate::mail::api::{OutboxApi, SuppressionsApi};
use crate::mail::dns::Published;
use crate::mail::intake::Intake;
use crate::mail::jobs::ForgetTexts;
use crate::mail::personal::{ForgetFiles, MailData};
use crate::mail::{Addresses, Delivery, Letterhead, Limits, Mailbox, Post};
use crate::materials::api::MaterialsApi;
use crate::materials::links::{Links, Rules};
use crate::materials::part::LinkPart;
use crate::materials::personal::MaterialData;
use crate::materials::{Depot, Storage};
use crate::moderation::Moderation;
use crate::moderation::api::ReportsApi;
use crate::moderation::part::ReportPart;
use crate::moderation::personal::ReportData;
use crate::moderation::things::{Answers, Collections, Moderated, Practices, Questions};
use crate::notices;
use crate::notices::Postroom;
use crate::notices::api::NoticesApi;
use crate::notices::gate::Doorkeeper;
use crate::notices::jobs::ForgetNotices;
use crate::notices::personal::NoticeData;
use crate::notices::web::UnreadNotices;
use crate::open_data::{OpenData, tables};
use crate::people::api::PeopleApi;
use crate::people::api::admin::AdminApi;
use crate::people::api::members::MembersApi;
use crate::people::my_data::Personal;
use crate::people::personal::PeopleData;
use crate::people::{self, SchoolSource};
use crate::platform::config::Hidden;
use crate::platform::db::log::Relay;
use crate::platform::job::Jobs;
use crate::platform::{Actor, Clock, Config, Db, Error, Result, Secret, job};
use crate::report::api::CityReportApi;
use crate::report::past::{FoldSearches, PastRelay};
use crate::search::api::SearchApi;
use crate::search::jobs::ForgetUnmet;
use crate::search::{self, Search, Source};
use crate::sessions::api::attendance::AttendanceApi;
use crate::sessions::api::certificates::CertificatesApi;
use crate::sessions::api::list::SessionListApi;
use crate::sessions::api::messages::MessagesApi;
use crate::sessions::api::posting::PostingApi;
use crate::sessions::api::roster::RosterApi;
use crate::sessions::api::seats::SeatsApi;
use crate::sessions::merger::MergerRelay;
use crate::sessions::personal::SessionData;
use crate::sessions::replies::SeatReplies;
use crate::sessions::search::{HostRelay, SessionSource};
use crate::sessions::{self, Desk};
use crate::sign_in::api::SignInApi;
use crate::sign_in::jobs::ForgetEnded;
use crate::sign_in::personal::SignInData;
use crate::sign_in::web::identify::Identify;
use crate::sign_in::{self, Entrance};
use crate::statements::api::StatementsApi;
use crate::statements::personal::StatementData;
use crate::talk::Exchange;
use crate::talk::api::TalkApi;
use crate::talk::jobs::ForgetLetters;
use crate::talk::part::TalkPart;
use crate::talk::personal::TalkData;
use crate::web::methods::{MethodTable, Resource, resource};
use crate::web::once::Once;
use crate::web::site::{self, Site};
use crate::{
    adoptions, collections, compacts, contributions, digests, highlights, materials, moderation, open_data, report,
    statements, talk,
};

/// An open installation.
#[derive(Clone)]
pub struct App {
    /// How it is configured.
    pub config: Arc<Config>,
    /// Its database, up to date.
    pub db: Db,
    /// Its secret.
    pub secret: Secret,
    /// How links of drafts are asked.
    pub links: Links,
}

impl App {
    /// Opens the installation of `config`, making what is not there, and brings its database up to date.
    pub async fn open(config: Config, clock: Clock) -> Result<Self> {
        std::fs::create_dir_all(&config.data)
            .map_err(|e| Error::Conflict(format!("The folder {} cannot be made: {e}.", config.data.display())))?;
        // Sessions of a merged school go over before those of its hosts are marked.
        let relays: Vec<Arc<dyn Relay>> = vec![
            Arc::new(SchoolRelay),
            Arc::new(MergerRelay),
            Arc::new(HostRelay),
            Arc::new(AdoptionRelay),
            Arc::new(PastRelay),
        ];
        let db = Db::open(&config, clock).await?.with_relays(relays);
        db.migrate().await?;
        let secret = Secret::load(config.secret.as_ref().map(Hidden::reveal), &config.data)?;
        db.keep_to(&secret).await?;
        let links = if config.link_checks { Links::asking(Rules::default()) } else { Links::default() };
        Ok(Self { config: Arc::new(config), db, secret, links })
    }

    /// Opens this node's search. One process at a time writes it: the server, or a command while no server runs.
    pub async fn search(&self) -> Result<Arc<Search>> {
        Ok(Arc::new(Search::open(&self.config.index_dir(), &self.db, sources()).await?))
    }

    /// The kinds of jobs there are.
    pub fn jobs() -> Jobs {
        Jobs::default()
            .with::<ForgetUnmet>()
            .with::<ForgetTexts>()
            .with::<ForgetFiles>()
            .with::<ForgetAnswers>()
            .with::<ForgetEnded>()
            .with::<ForgetUnconfirmed>()
            .with::<ForgetNotices>()
            .with::<ForgetLetters>()
            .with::<DraftDigests>()
            .with::<FoldSearches>()
    }

    /// Puts the recurring jobs into the queue; those that are there stay as they are.
    pub async fn schedule(&self) -> Result<()> {
        let mut tx = self.db.write(Actor::System("schedule")).await?;
        let now = tx.now();
        job::enqueue(&mut tx, &ForgetUnmet {}, now, Some("daily")).await?;
        job::enqueue(&mut tx, &ForgetTexts {}, now, Some("daily")).await?;
        job::enqueue(&mut tx, &ForgetEnded {}, now, Some("daily")).await?;
        job::enqueue(&mut tx, &ForgetNotices {}, now, Some("daily")).await?;
        job::enqueue(&mut tx, &ForgetLetters {}, now, Some("daily")).await?;
        job::enqueue(&mut tx, &FoldSearches {}, now, Some("daily")).await?;
        job::enqueue(&mut tx, &DraftDigests {}, now, Some("hourly")).await?;
        job::enqueue(&mut tx, &ForgetAnswers {}, now, Some("hourly")).await?;
        job::enqueue(&mut tx, &ForgetUnconfirmed {}, now, Some("hourly")).await?;
        tx.commit().await
    }

    /// What each feature keeps about people, in the order in which it is erased.
    pub fn personal(&self, desk: &Desk) -> Personal {
        Personal::new(vec![
            Arc::new(SessionData::new(desk.clone())),
            Arc::new(TalkData::new(Exchange::new(Arc::clone(&desk.head), desk.secret.clone()))),
            Arc::new(BulletinData),
            Arc::new(NoticeData),
            Arc::new(SignInData),
            Arc::new(FollowingData),
            Arc::new(ContributionData),
            Arc::new(ReviewData),
            Arc::new(MaterialData),
            Arc::new(AdoptionData),
            Arc::new(CollectionData),
            Arc::new(ReportData),
            Arc::new(CompactData),
            Arc::new(HighlightData),
            Arc::new(StatementData),
            Arc::new(PeopleData),
            Arc::new(MailData::new(self.config.data.join("mail"))),
        ])
    }

    /// What uploaded files need besides the database.
    pub fn depot(&self) -> Result<Depot> {
        let storage = Storage::open(self.config.blob_url.as_deref(), &self.config.data)?;
        Ok(Depot::new(storage, Arc::new(DraftShelf), self.db.clock()))
    }

    /// What letters of this installation begin and end with, when the public address is `base_url`.
    pub fn letterhead(&self, base_url: &Arc<str>) -> Result<Letterhead> {
        Letterhead::new(Arc::clone(base_url), self.config.mail_from.as_deref())
    }

    /// What changes of seats need besides the database, when the public address is `base_url`.
    pub fn desk(&self, base_url: &Arc<str>) -> Result<Desk> {
        Ok(Desk::new(Arc::new(self.letterhead(base_url)?), self.secret.clone()))
    }

    /// What announcements and newsletters need besides the database, when the public address is `base_url`.
    pub fn press(&self, base_url: &Arc<str>) -> Result<Press> {
        Ok(Press::new(self.desk(base_url)?.postroom(), self.db.clock()))
    }

    /// What talk about practices needs besides the database, when the public address is `base_url`.
    pub fn exchange(&self, base_url: &Arc<str>) -> Result<Exchange> {
        Ok(Exchange::new(Arc::new(self.letterhead(base_url)?), self.secret.clone()))
    }

    /// What stands behind open data, when the public address is `base_url`.
    pub fn open_data(&self, base_url: &Arc<str>) -> Result<OpenData> {
        let domain = |head: Letterhead| format!("postmaster@{}", head.from.email.domain());
        let contact = match &self.config.contact_email {
            Some(contact) => contact.clone(),
            None => domain(self.letterhead(base_url)?),
        };
        Ok(OpenData {
            base_url: Arc::clone(base_url),
            contact: contact.into(),
            folder: self.config.data.join("export"),
            exported: tables::exported(base_url).into(),
            listed: tables::listed().into(),
        })
    }

    /// What takes letters out of the outbox, when the public address is `base_url`.
    pub fn delivery(&self, base_url: &Arc<str>, demo: bool) -> Result<Delivery> {
        let head = self.letterhead(base_url)?;
        let post = Post::of(&self.config, &head, &self.secret, self.db.clock(), demo)?;
        let limits = Limits { all: self.config.mail_rate, domain: self.config.mail_domain_rate };
        Ok(Delivery::new(self.db.clone(), post, head, Arc::new(Doorkeeper)).limited(limits))
    }

    /// What takes in what comes back by mail, when the public address is `base_url`.
    pub fn intake(&self, base_url: &Arc<str>) -> Result<Intake> {
        let replies = Arc::new(SeatReplies::new(self.desk(base_url)?));
        Ok(Intake::new(self.db.clone(), self.secret.clone(), replies))
    }

    /// What tells of news, when the public address is `base_url`.
    pub fn lookout(&self, base_url: &Arc<str>, search: Arc<Search>) -> Result<Lookout> {
        let room = Postroom { head: Arc::new(self.letterhead(base_url)?), secret: self.secret.clone() };
        Ok(Lookout::new(search, room))
    }

    /// The pages and the API, without the shell around them.
    pub fn routes(&self, search: Arc<Search>, site: Site) -> Result<(impl Endpoint + 'static, MethodTable)> {
        let desk = self.desk(&site.base_url)?;
        let entrance =
            Entrance::new(self.secret.clone(), self.letterhead(&site.base_url)?, &self.config, self.db.clock());
        let base_url = Arc::clone(&site.base_url);
        let personal = self.personal(&desk);
        let press = self.press(&base_url)?;
        let open = self.open_data(&base_url)?;
        let depot = self.depot()?;
        // The demo asks nobody for anything.
        let links = if site.demo { Links::default() } else { self.links.clone() };
        let eyes = Eyes { search: Arc::clone(&search), links };
        let exchange = self.exchange(&base_url)?;
        let moderation = Moderation::new(moderated(), desk.postroom(), self.db.clock());
        let api: Api = (
            SearchApi::new(self.db.clone(), Arc::clone(&search), Arc::clone(&base_url)),
            CatalogApi::new(self.db.clone(), Arc::clone(&search), Arc::clone(&base_url)),
            PeopleApi::new(self.db.clone(), Arc::clone(&base_url)),
            AdminApi::new(self.db.clone(), Arc::clone(&base_url), Arc::clone(&entrance.letterhead)),
            MembersApi::new(self.db.clone(), Arc::clone(&entrance.letterhead)),
            SignInApi::new(self.db.clone(), entrance.clone(), personal.clone()),
            AuditApi::new(self.db.clone()),
            VocabularyApi,
            (
                SessionListApi::new(self.db.clone(), Arc::clone(&base_url)),
                PostingApi::new(self.db.clone(), desk.clone()),
                SeatsApi::new(self.db.clone(), desk.clone()),
                RosterApi::new(self.db.clone()),
                AttendanceApi::new(self.db.clone(), desk.clone()),
                CertificatesApi::new(self.db.clone(), desk.clone(), Arc::clone(&base_url)),
            ),
            (
                OutboxApi::new(self.db.clone()),
                MessagesApi::new(self.db.clone(), desk.clone()),
                AnnouncementsApi::new(self.db.clone(), press.clone(), Arc::clone(&base_url)),
                NoticesApi::new(self.db.clone(), Arc::clone(&base_url)),
                FollowingApi::new(self.db.clone(), Arc::clone(&base_url)),
                SuppressionsApi::new(self.db.clone(), Arc::clone(&base_url)),
            ),
            (
                ContributionsApi::new(self.db.clone(), Arc::clone(&base_url)),
                ReviewApi::new(self.db.clone(), desk.postroom(), Arc::clone(&base_url)),
                CareApi::new(self.db.clone()),
                MaterialsApi::new(self.db.clone(), depot.clone(), Arc::clone(&base_url)),
                AdoptionsApi::new(self.db.clone(), Arc::clone(&base_url)),
                TalkApi::new(self.db.clone(), exchange.clone(), Arc::clone(&base_url)),
                CollectionsApi::new(self.db.clone(), Arc::clone(&base_url)),
                ReportsApi::new(self.db.clone(), moderation.clone(), Arc::clone(&base_url)),
            ),
            (
                CompactsApi::new(self.db.clone(), desk.postroom(), Arc::clone(&base_url)),
                StatementsApi::new(self.db.clone(), desk.clone(), Arc::clone(&base_url)),
                CityReportApi::new(self.db.clone(), Arc::clone(&base_url)),
                HighlightsApi::new(self.db.clone(), desk.postroom(), Arc::clone(&base_url)),
                DigestsApi::new(self.db.clone(), base_url),
            ),
        );
        let api = service(api);
        let document: Arc<str> = whole(&api.spec())?.into();
        let methods = MethodTable::openapi("", &document);
        let mut route =
            Route::new().nest_no_strip("/api/v1", api.with(Idempotency::new(self.db.clone(), self.secret.clone())));
        for (path, page) in page_table() {
            route = route.at(path, page);
        }
        let route = route.with(Once(self.db.clone()));
        let identify = Identify::new(self.db.clone(), site, entrance.clone(), Arc::new(UnreadNotices));
        let route = route
            .data(self.db.clone())
            .data(search)
            .data(parts())
            .data(moderation)
            .data(personal)
            .data(Arc::clone(&entrance.letterhead))
            .data(Mailbox::of(&self.config))
            .data(Published::new(Arc::clone(&self.config), (*desk.head).clone(), self.secret.clone()))
            .data::<Arc<dyn Addresses>>(Arc::new(Doorkeeper))
            .data(desk.postroom())
            .data(desk)
            .data(press)
            .data(open)
            .data(depot)
            .data(eyes)
            .data(exchange)
            .data(office_parts())
            .data(entrance)
            .data(pages::Document(document));
        Ok((route.with(identify), methods))
    }
}

/// What each feature makes searchable.
pub fn sources() -> Vec<Arc<dyn Source>> {
    vec![
        Arc::new(PracticeSource),
        Arc::new(SchoolSource),
        Arc::new(SessionSource),
        Arc::new(CompactSource),
        Arc::new(HighlightSource),
    ]
}

/// What features add to the pages of practices and schools, in the order of the page.
fn parts() -> Parts {
    Parts::new(vec![
        Arc::new(AdoptionPart),
        Arc::new(SavePart),
        Arc::new(TalkPart),
        Arc::new(WritingPart),
        Arc::new(LinkPart),
        Arc::new(ReportPart),
        Arc::new(HighlightPart),
    ])
}

/// What features add to the page of a mayor's office, in the order of the page.
fn office_parts() -> OfficeParts {
    OfficeParts::new(vec![Arc::new(DigestPart)])
}

/// What can be reported.
fn moderated() -> Vec<Arc<dyn Moderated>> {
    vec![Arc::new(Practices), Arc::new(Collections), Arc::new(Questions), Arc::new(Answers)]
}

/// Every page.
fn page_table() -> Vec<(&'static str, Resource)> {
    let mut pages = vec![
        ("/", resource().get(search::web::home_view)),
        ("/search", resource().get(search::web::search_view)),
        ("/about", resource().get(search::web::about_view)),
        ("/help", resource().get(search::web::help_view)),
        ("/practices/:slug", resource().get(catalog::web::practice_view)),
        ("/practices/:slug/v/:version", resource().get(catalog::web::version_view)),
        ("/practices/:slug/compare", resource().get(catalog::web::compare::compare_view)),
        (
            "/practices/:slug/check",
            resource().get(catalog::web::care::check_view).post(catalog::web::care::checked_view),
        ),
        (
            "/practices/:slug/retirement",
            resource().get(catalog::web::care::retirement_view).post(catalog::web::care::retire_view),
        ),
        ("/schools", resource().get(people::web::schools_view)),
        ("/schools/:slug", resource().get(catalog::web::school_view)),
        ("/api/docs", resource().get(pages::docs_view)),
        ("/api/openapi.json", resource().get(pages::document_view)),
        ("/static/:name", resource().get(site::asset)),
    ];
    pages.extend(people::web::pages());
    pages.extend(sign_in::web::pages());
    pages.extend(audit::web::pages());
    pages.extend(mail::web::pages());
    pages.extend(notices::web::pages());
    pages.extend(sessions::web::pages());
    pages.extend(bulletins::web::pages());
    pages.extend(following::web::pages());
    pages.extend(contributions::web::pages());
    pages.extend(materials::web::pages());
    pages.extend(adoptions::web::pages());
    pages.extend(talk::web::pages());
    pages.extend(collections::web::pages());
    pages.extend(moderation::web::pages());
    pages.extend(compacts::web::pages());
    pages.extend(statements::web::pages());
    pages.extend(report::web::pages());
    pages.extend(highlights::web::pages());
    pages.extend(digests::web::pages());
    pages.extend(open_data::web::pages());
    pages
}

/// Every operation of the API.
type Api = (
    SearchApi,
    CatalogApi,
    PeopleApi,
    AdminApi,
    MembersApi,
    SignInApi,
    AuditApi,
    VocabularyApi,
    (SessionListApi, PostingApi, SeatsApi, RosterApi, AttendanceApi, CertificatesApi),
    (OutboxApi, MessagesApi, AnnouncementsApi, NoticesApi, FollowingApi, SuppressionsApi),
    (ContributionsApi, ReviewApi, CareApi, MaterialsApi, AdoptionsApi, TalkApi, CollectionsApi, ReportsApi),
    (CompactsApi, StatementsApi, CityReportApi, HighlightsApi, DigestsApi),
);

fn service<T: OpenApi>(api: T) -> OpenApiService<T, ()> {
    OpenApiService::new(api, "Common Ground", env!("CARGO_PKG_VERSION"))
        .description(
            "Practices that district and charter schools share: search them, read them with their evidence, \
             versions and adoptions. Reading needs no token. Errors are RFC 9457 problem documents; lists are \
             paged by `next` and the header `Link`; times are RFC 3339; ids are opaque. A write may carry an \
             `Idempotency-Key`: sent again within a day, it is answered again and not done again.",
        )
        .license(LicenseObject::new("MIT OR Apache-2.0").url("https://spdx.org/licenses/MIT.html"))
}

/// The OpenAPI document, of an installation that is not open: the operations are the same in each.
pub fn openapi() -> String {
    let spec = service(Described::<Api>(std::marker::PhantomData)).spec();
    whole(&spec).unwrap_or(spec)
}

/// One route, for `commonground routes`.
#[derive(Debug, Serialize)]
pub struct RouteRow {
    /// `GET`, `POST` ...
    pub method: String,
    /// Its template: `/practices/:slug`.
    pub path: String,
    /// `page`, `api` or `operations`.
    pub kind: &'static str,
}

/// Every route the server answers.
pub fn route_table(document: &str) -> Vec<RouteRow> {
    let row = |method: &str, path: &str, kind| RouteRow { method: method.to_owned(), path: path.to_owned(), kind };
    let mut rows = Vec::new();
    for (path, page) in page_table() {
        rows.extend(page.methods().iter().map(|method| row(method.as_str(), path, "page")));
    }
    rows.extend(["/healthz", "/readyz", "/metrics"].map(|path| row("GET", path, "operations")));
    rows.push(row("POST", "/hooks/mail", "operations"));
    let document: serde_json::Value = serde_json::from_str(document).unwrap_or_default();
    for (path, operations) in document["paths"].as_object().into_iter().flatten() {
        for method in operations.as_object().into_iter().flat_map(|o| o.keys()).filter(|m| *m != "parameters") {
            let path = path.replace('{', ":").replace('}', "");
            rows.push(row(&method.to_uppercase(), &path, "api"));
        }
    }
    rows
}
