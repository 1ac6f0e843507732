//! What the frame of the site and its own pages show: plain values, printed by the templates beside this file.
//!
//! Every page holds a [`Chrome`] in a field named `chrome`. Text is escaped by the templates; only a field whose
//! name ends in `_html` is printed as it is, so whoever fills one has escaped it. Dates arrive as words.

use std::sync::Arc;

use askama::Template;

use super::site::Viewer;

/// The part of the site a page belongs to; marks the current entry of the navigation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Section {
    /// No entry is marked.
    #[default]
    None,
    /// The front page.
    Home,
    /// Search, and every practice.
    Search,
    /// Joint sessions.
    Sessions,
    /// Schools.
    Schools,
    /// What a city shows: its report, compacts, statements, highlights.
    City,
    /// About.
    About,
    /// Help.
    Help,
    /// The documentation of the API.
    Api,
    /// Pages of the signed-in person.
    Me,
    /// Pages of the administration.
    Admin,
}

/// Where pages of a city's collaborations live: several features have them.
const CITY: [&str; 5] = ["/city", "/compacts", "/statements", "/highlights", "/digests"];

impl Section {
    /// The entry for a city, for the pages under it; other pages name their own.
    pub fn of_city(path: &str) -> Self {
        let within = |base: &&str| {
            path.strip_prefix(*base).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '.']))
        };
        if CITY.iter().any(within) { Self::City } else { Self::None }
    }
}

/// A JSON-LD document that cannot end its script element: `<`, `>`, `&` and the two line separators are written as
/// JSON escapes, which mean the same to every JSON reader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonLd(String);

impl JsonLd {
    /// Takes JSON text and makes it safe inside `<script type="application/ld+json">`.
    pub fn new(json: &str) -> Self {
        let mut safe = String::with_capacity(json.len());
        for c in json.chars() {
            match c {
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => safe.push_str(&format!("\\u{:04x}", c as u32)),
                c => safe.push(c),
            }
        }
        Self(safe)
    }

    /// The escaped text.
    pub fn as_html(&self) -> &str {
        &self.0
    }
}

/// Everything around the content of a page: head, header, navigation, footer.
#[derive(Clone, Debug, Default)]
pub struct Chrome {
    /// Title of the page, without the name of the site.
    pub title: String,
    /// One or two sentences for search engines and previews.
    pub description: String,
    /// Absolute URL of the page, without tracking or order of parameters; empty prints none.
    pub canonical: String,
    /// Open Graph type: `website` or `article`; empty prints `website`.
    pub og_type: String,
    /// Address of an Atom feed that tells of what the page shows; empty prints none.
    pub feed: String,
    /// Keeps the page out of search engines.
    pub noindex: bool,
    /// Structured data of the page.
    pub json_ld: Option<JsonLd>,
    /// Hash of the static files, printed as `?v=`.
    pub asset_version: String,
    /// Shows the banner that says the data are invented.
    pub demo: bool,
    /// Who is signed in.
    pub viewer: Option<Arc<Viewer>>,
    /// Which entry of the navigation is current.
    pub section: Section,
    /// Leaves out the search box in the header, for pages that have a larger one.
    pub own_search: bool,
    /// Words to show in the header's search box.
    pub query: String,
    /// Shows the page as it will print, without navigation (`?print`).
    pub print_view: bool,
    /// City or region this installation serves; empty prints none.
    pub city: String,
    /// Office that runs this installation, named in the footer; empty prints none.
    pub office: String,
    /// Address for questions, printed in the footer and on the help page; empty prints none.
    pub contact_email: String,
}

impl Chrome {
    /// What every form carries back; empty for a visitor.
    pub fn form_token(&self) -> &str {
        self.viewer.as_ref().map_or("", |viewer| viewer.form_token.as_str())
    }

    /// Where the sign-in leads back to: this page.
    pub fn sign_in_url(&self) -> String {
        let path = self.canonical.splitn(4, '/').nth(3).unwrap_or_default();
        if path.is_empty() || path.starts_with("sign-in") {
            return "/sign-in".to_owned();
        }
        format!("/sign-in?{}", serde_urlencoded::to_string([("next", format!("/{path}"))]).unwrap_or_default())
    }

    /// Whether the navigation entry of that name is the current one.
    pub fn at(&self, name: &str) -> bool {
        matches!(
            (self.section, name),
            (Section::Home, "home")
                | (Section::Search, "search")
                | (Section::Sessions, "sessions")
                | (Section::Schools, "schools")
                | (Section::City, "city")
                | (Section::About, "about")
                | (Section::Help, "help")
                | (Section::Api, "api")
                | (Section::Me, "me")
                | (Section::Admin, "admin")
        )
    }
}

/// One value of a list to choose from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// The words.
    pub label: String,
    /// Whether it is chosen.
    pub selected: bool,
}

/// Words that lead somewhere on this site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The words.
    pub text: String,
    /// Path on this site, or an absolute URL.
    pub url: String,
}

/// A part of a page that another feature made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PagePiece {
    /// Its anchor.
    pub id: &'static str,
    /// Its heading.
    pub heading: String,
    /// Finished HTML of a template; whatever people wrote is escaped in it.
    pub body_html: String,
}

/// A link with how many things are behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountedLink {
    /// The words.
    pub text: String,
    /// Path on this site.
    pub url: String,
    /// How many practices are behind it.
    pub count: u64,
}

/// A sector as the page names it. The shape before the word comes from the code: a square for `district`, a circle
/// for `charter`, a diamond for every other sector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sector {
    /// Code of the vocabulary: `district`, `charter`, ...
    pub code: String,
    /// Word of the vocabulary: "District", "Charter", ...
    pub label: String,
}

/// A school in one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchoolLine {
    /// Name of the school.
    pub name: String,
    /// Its page; empty prints the name without a link.
    pub url: String,
    /// Its sector; `None` when the source does not say.
    pub sector: Option<Sector>,
}

/// How many schools of one sector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SectorCount {
    /// The sector.
    pub sector: Sector,
    /// How many.
    pub count: u64,
}

impl SectorCount {
    /// How many shapes to draw: a dozen says "many".
    pub fn shapes(&self) -> u64 {
        self.count.min(12)
    }
}

/// Schools that use a practice, by sector. Interested and saved never count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsedBy {
    /// One entry per sector with at least one school.
    pub by_sector: Vec<SectorCount>,
}

impl UsedBy {
    /// Schools of all sectors.
    pub fn total(&self) -> u64 {
        self.by_sector.iter().map(|s| s.count).sum()
    }

    /// "5 schools (3 charter, 2 district)", or "no other school yet".
    pub fn words(&self) -> String {
        let total = self.total();
        if total == 0 {
            return "no other school yet".to_owned();
        }
        let parts: Vec<String> = self
            .by_sector
            .iter()
            .filter(|s| s.count > 0)
            .map(|s| format!("{} {}", grouped(s.count), s.sector.label.to_lowercase()))
            .collect();
        format!("{} school{} ({})", grouped(total), if total == 1 { "" } else { "s" }, parts.join(", "))
    }
}

/// How it went, as the vocabulary `result` says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultMark {
    /// `worked`, `mixed`, `stopped`; empty when the record does not say.
    pub code: String,
    /// "Worked", "Mixed results", "Tried and stopped".
    pub label: String,
}

impl ResultMark {
    /// Whether a list should say it: only what differs from "worked" is marked.
    pub fn marked(&self) -> bool {
        self.code == "mixed" || self.code == "stopped"
    }
}

/// A practice in a list.
#[derive(Clone, Debug, Default)]
pub struct PracticeCard {
    /// Title of the practice.
    pub title: String,
    /// `/practices/{slug}`.
    pub url: String,
    /// One or two sentences; shown when there is no snippet.
    pub summary: String,
    /// Passage that matches the search, escaped, with `<mark>`; empty shows the summary.
    pub snippet_html: String,
    /// Where it comes from; `None` when an imported record does not say.
    pub school: Option<SchoolLine>,
    /// "K-2", "Grades 3-5 and 6-8"; empty prints none.
    pub grades: String,
    /// "Within a month"; empty prints none.
    pub time_to_start: String,
    /// Evidence in words, strongest first, without repetition; empty prints "Not rated yet".
    pub evidence: Vec<String>,
    /// Schools that use it.
    pub used_by: UsedBy,
    /// How it went.
    pub result: ResultMark,
    /// The record came from a file and nobody here has reviewed it.
    pub imported: bool,
    /// What its school has in common with the one asked about; empty prints none (F-6).
    pub like: String,
}

/// A number with commas between thousands: "101,688".
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(d);
    }
    out
}

/// Any page that says that something did not work.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The frame; set `noindex`.
    pub chrome: Chrome,
    /// Status of the answer.
    pub status: u16,
    /// Heading of the page.
    pub heading: String,
    /// One sentence that helps.
    pub sentence: String,
    /// Id of the request, so that whoever helps can find it; empty prints none.
    pub request_id: String,
    /// Places that may be the one meant.
    pub suggestions: Vec<Link>,
}

impl ErrorPage {
    /// The page for a status, in the product's words.
    pub fn for_status(status: u16, mut chrome: Chrome, request_id: &str) -> Self {
        let (heading, sentence) = Self::words(status);
        chrome.title = heading.to_owned();
        chrome.noindex = true;
        chrome.own_search = true;
        chrome.json_ld = None;
        Self {
            chrome,
            status,
            heading: heading.to_owned(),
            sentence: sentence.to_owned(),
            request_id: request_id.to_owned(),
            suggestions: Vec::new(),
        }
    }

    /// Heading and helpful sentence of a status.
    pub fn words(status: u16) -> (&'static str, &'static str) {
        match status {
            400 => (
                "We could not read that address",
                "Part of the link is not in a form we know. Start again from a search, or remove what follows the question mark.",
            ),
            403 => (
                "This is not open to you",
                "The page exists, but it is for other people. If you should see it, write to us.",
            ),
            404 => (
                "We could not find that page",
                "The address may have a typing mistake, or the page was never published. Practices are never deleted: search for its title.",
            ),
            405 => (
                "That does not work here",
                "The page can be read, but not used in this way. Go back and use the buttons on the page.",
            ),
            410 => (
                "This page was taken down",
                "It was removed on purpose and will not come back. A search may find something close to it.",
            ),
            413 => ("That is too large", "What you sent is larger than we accept. Send less text, or a smaller file."),
            414 => ("That address is too long", "Search with fewer words or fewer filters."),
            415 => (
                "We cannot read that kind of file",
                "Send the form as it is on the page, or a file of a kind the page names.",
            ),
            429 => ("Too many requests", "Please wait a minute, then try again."),
            503 => {
                ("We will be back in a moment", "The site is being worked on. Try again in a minute; nothing is lost.")
            }
            500..=599 => (
                "Something went wrong on our side",
                "It is not your doing, and it has been written down for us. Try again in a minute.",
            ),
            _ => ("That did not work", "Go back and try again, or start from a search."),
        }
    }
}

#[cfg(test)]
mod samples {
    //! One of each, rich enough to see everything a template can print.

    use super::*;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    impl Chrome {
        /// A frame of the demo city.
        pub fn sample(title: &str, path: &str, section: Section) -> Self {
            Self {
                title: s(title),
                description: s("District and charter educators share what they do, what changed, and what it took."),
                canonical: format!("https://commonground.example.org{path}"),
                asset_version: s("sample"),
                demo: true,
                section,
                city: s("Rivermark"),
                office: s("the Rivermark Mayor's Office of Education"),
                contact_email: s("commonground@rivermark.example.org"),
                ..Self::default()
            }
        }
    }

    impl Link {
        /// A link.
        pub fn sample(text: &str, url: &str) -> Self {
            Self { text: s(text), url: s(url) }
        }
    }

    impl CountedLink {
        /// A link with a count.
        pub fn sample(text: &str, url: &str, count: u64) -> Self {
            Self { text: s(text), url: s(url), count }
        }
    }

    impl Sector {
        /// The sector of a code.
        pub fn sample(code: &str) -> Self {
            let label = match code {
                "district" => "District",
                "charter" => "Charter",
                _ => "Other public",
            };
            Self { code: s(code), label: s(label) }
        }
    }

    impl SchoolLine {
        /// A school of the demo city.
        pub fn sample(name: &str, sector: &str) -> Self {
            let slug = name.to_lowercase().replace(' ', "-");
            Self { name: s(name), url: format!("/schools/{slug}"), sector: Some(Sector::sample(sector)) }
        }
    }

    impl UsedBy {
        /// So many charter and district schools.
        pub fn sample(charter: u64, district: u64) -> Self {
            let by = |code: &str, count| SectorCount { sector: Sector::sample(code), count };
            Self {
                by_sector: [by("charter", charter), by("district", district)]
                    .into_iter()
                    .filter(|c| c.count > 0)
                    .collect(),
            }
        }
    }

    impl ResultMark {
        /// A result of the vocabulary.
        pub fn sample(code: &str) -> Self {
            let label = match code {
                "worked" => "Worked",
                "mixed" => "Mixed results",
                "stopped" => "Tried and stopped",
                _ => "",
            };
            Self { code: s(code), label: s(label) }
        }
    }

    impl PracticeCard {
        /// A practice with everything.
        pub fn sample() -> Self {
            Self {
                title: s("Six-Week Reading Safety Net for Grades K-2"),
                url: s("/practices/six-week-reading-safety-net"),
                summary: s(
                    "Every six weeks teachers check each K-2 reader with the same short diagnostic and regroup students who are behind. Reading specialists run 20-minute small groups until the next check, so no child waits a semester for help.",
                ),
                school: Some(SchoolLine::sample("Quillwater Charter School", "charter")),
                grades: s("K-2"),
                time_to_start: s("Two to four months"),
                evidence: vec![s("Moderate (ESSA tier 2)"), s("Local data only")],
                used_by: UsedBy::sample(1, 2),
                result: ResultMark::sample("worked"),
                ..Self::default()
            }
        }

        /// A practice whose text matches a search.
        pub fn sample_snippet() -> Self {
            Self {
                title: s("Greeting at the Door and Two-Minute Reset"),
                url: s("/practices/greeting-at-the-door"),
                summary: s("Teachers greet each student by name at the door."),
                snippet_html: s(
                    "Teachers greet each student by name at the door, post a starter task and <mark>reset</mark> the room in two minutes when <mark>talking</mark> takes over &amp; it is practiced for ten days",
                ),
                school: Some(SchoolLine::sample("Halloway Street School", "district")),
                grades: s("Grades K-2, 3-5, 6-8 and 9-12"),
                time_to_start: s("This week"),
                evidence: vec![s("Has a rationale (ESSA tier 4)")],
                used_by: UsedBy::sample(3, 1),
                result: ResultMark::sample("worked"),
                ..Self::default()
            }
        }

        /// A practice with mixed results.
        pub fn sample_mixed() -> Self {
            Self {
                title: s("Restorative Circles Before Suspension"),
                url: s("/practices/restorative-circles-before-suspension"),
                summary: s(
                    "Trained staff hold a circle with the students involved before any suspension for a nonviolent incident. Agreements are written down and checked after a week, and the principal sees every case.",
                ),
                school: Some(SchoolLine::sample("Emberline Collegiate Charter School", "charter")),
                grades: s("Grades 6-8 and 9-12"),
                time_to_start: s("Two to four months"),
                evidence: vec![s("Moderate (ESSA tier 2)")],
                used_by: UsedBy::sample(0, 2),
                result: ResultMark::sample("mixed"),
                ..Self::default()
            }
        }

        /// A practice that was stopped.
        pub fn sample_stopped() -> Self {
            Self {
                title: s("Merit and Demerit Points: Why We Stopped"),
                url: s("/practices/merit-and-demerit-points"),
                summary: s(
                    "For one year the school tried a points system with demerits and automatic detentions, and referrals rose for the students it was meant to help. Staff explain what the numbers showed and what replaced it.",
                ),
                school: Some(SchoolLine::sample("Kestrel Works Charter High School", "charter")),
                grades: s("Grades 9-12"),
                time_to_start: s("Two to four months"),
                evidence: vec![s("Local data only")],
                result: ResultMark::sample("stopped"),
                ..Self::default()
            }
        }

        /// An imported practice that says almost nothing.
        pub fn sample_imported() -> Self {
            Self {
                title: s("Peer tutoring across grade levels"),
                url: s("/practices/peer-tutoring-across-grade-levels"),
                imported: true,
                ..Self::default()
            }
        }
    }

    impl ErrorPage {
        /// The page for an address that is not there.
        pub fn sample() -> Self {
            let mut page =
                Self::for_status(404, Chrome::sample("", "/practices/no-such", Section::None), "01JD4Q8V7ZK3");
            page.suggestions = vec![
                Link::sample("Six-Week Reading Safety Net for Grades K-2", "/practices/six-week-reading-safety-net"),
                Link::sample("All practices", "/search"),
            ];
            page
        }

        /// The page for a fault of ours.
        pub fn sample_fault() -> Self {
            Self::for_status(500, Chrome::sample("", "/search", Section::None), "01JD4Q8V7ZK4")
        }
    }

    /// What holds for every page.
    fn check(html: &str) {
        assert_eq!(html.matches("<h1").count(), 1, "one h1");
        assert_eq!(html.matches("<main").count(), 1, "one main");
        assert!(!html.contains(" style="), "the policy refuses inline styles");
        assert!(!html.contains(" onclick="), "the policy refuses inline scripts");
    }

    #[test]
    fn pages_of_the_frame_render() -> askama::Result<()> {
        for html in [ErrorPage::sample().render()?, ErrorPage::sample_fault().render()?] {
            check(&html);
        }
        Ok(())
    }

    #[test]
    fn structured_data_cannot_end_its_script_element() {
        let safe = JsonLd::new("{\"name\":\"</script><!-- & \u{2028}\"}");
        assert_eq!(safe.as_html(), "{\"name\":\"\\u003c/script\\u003e\\u003c!-- \\u0026 \\u2028\"}");
    }

    #[test]
    fn text_is_escaped() -> askama::Result<()> {
        let mut page = ErrorPage::sample();
        page.chrome.query = s("\"><script>alert(1)</script>");
        let html = page.render()?;
        assert!(!html.contains("<script>alert"), "{html}");
        Ok(())
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1000, 101_688, 1_000_000].map(grouped), ["0", "999", "1,000", "101,688", "1,000,000"]);
    }

    #[test]
    fn use_is_said_in_words() {
        assert_eq!(UsedBy::sample(3, 2).words(), "5 schools (3 charter, 2 district)");
        assert_eq!(UsedBy::sample(0, 1).words(), "1 school (1 district)");
        assert_eq!(UsedBy::default().words(), "no other school yet");
    }
}
