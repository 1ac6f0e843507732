//! One of each, rich enough to see everything the templates can print.

use std::sync::Arc;

use super::*;
use crate::platform::FieldErrors;
use crate::web::site::Viewer;
use crate::web::views::Section;

fn s(text: &str) -> String {
    text.to_owned()
}

fn chrome(title: &str, path: &str) -> Chrome {
    let viewer = Viewer {
        name: s("City administrator"),
        administers: true,
        reviews: true,
        office: true,
        unread: 3,
        form_token: s("t0ken"),
    };
    Chrome { viewer: Some(Arc::new(viewer)), ..Chrome::sample(title, path, Section::Admin) }
}

fn choices(all: &[(&str, &str)]) -> Vec<Choice> {
    all.iter().map(|(value, label)| Choice { value: s(value), label: s(label), selected: false }).collect()
}

fn corrections(field: &str) -> Corrections {
    let mut errors = FieldErrors::default();
    errors.add(field, "Put this right.");
    Corrections::from_errors(&errors)
}

fn pages() -> Pages {
    Pages { next_url: Some(s("/admin/people?cursor=a%20b")), first_url: Some(s("/admin/people")) }
}

fn place(meant: Vec<Choice>) -> PlaceField {
    PlaceField { label: "School or organization", hint: "Its name.", text: s("Tamsin"), meant }
}

fn school_form() -> SchoolForm {
    SchoolForm {
        name: s("Tamsin <Row> Elementary"),
        sectors: choices(&[("", "Not known"), ("district", "District")]),
        organization: s("Rivermark Public Schools"),
        city: s("Rivermark"),
        grades: s("PK-5"),
        students: s("412"),
        profile: s("A hilltop school."),
        shares: vec![ShareField {
            name: s("share_mll"),
            label: s("Multilingual learners"),
            choices: choices(&[("", "Not stated"), ("10_24", "10% to 24%")]),
        }],
        ..SchoolForm::default()
    }
}

/// Every page once, with what it shows at most.
fn all() -> Vec<(&'static str, String)> {
    let home = AdminHomePage {
        chrome: chrome("Administration", "/admin"),
        admin_at: "home",
        numbers: vec![CountedLink { text: s("People"), url: s("/admin/people"), count: 1204 }],
    };
    let people = AdminPeoplePage {
        chrome: chrome("People", "/admin/people"),
        admin_at: "people",
        query: s("\"quoted\""),
        roles: choices(&[("", "Any role"), ("teacher", "Teacher or staff")]),
        states: choices(&[("", "Any"), ("active", "In use")]),
        count: s("2 people"),
        people: vec![
            PersonRow {
                name: s("Robin <Sample>"),
                url: s("/admin/people/1"),
                email: s("robin@tamsin-row.example"),
                roles: vec![s("Principal at Tamsin Row Elementary")],
                state: "In use",
                active: true,
            },
            PersonRow { name: s("Kit Quill"), state: "Closed", ..PersonRow::default() },
        ],
        pages: pages(),
        none: Corrections::default(),
    };
    let person = AdminPersonPage {
        chrome: chrome("Robin Sample", "/admin/people/1"),
        admin_at: "people",
        notice: "The role holds from now on.",
        corrections: corrections("place"),
        url: s("/admin/people/1"),
        name: s("Robin <Sample>"),
        email: s("robin@tamsin-row.example"),
        state: "In use",
        active: true,
        since: s("August 20, 2026"),
        memberships: vec![RoleRow {
            role: s("Principal"),
            place: Link::sample("Tamsin Row Elementary", "/schools/tamsin-row-elementary"),
            standing: s("Since August 20, 2026"),
            known_by: "Administrator",
            end_url: s("/admin/people/1/roles/2/ending"),
        }],
        roles: choices(&[("teacher", "Teacher or staff")]),
        place: place(choices(&[("school:1", "Tamsin Row Elementary (Lantern Hill, Rivermark)")])),
        ..AdminPersonPage::default()
    };
    let closed = AdminPersonPage { active: false, corrections: Corrections::default(), ..person.clone() };
    let schools = AdminSchoolsPage {
        chrome: chrome("Schools", "/admin/schools"),
        admin_at: "schools",
        query: s("row"),
        count: s("1 school"),
        schools: vec![SchoolFound {
            name: s("Tamsin <Row> Elementary"),
            url: s("/admin/schools/1"),
            facts: s("Lantern Hill, Rivermark"),
            standing: "Closed",
        }],
        pages: pages(),
        ..AdminSchoolsPage::default()
    };
    let school_new = AdminSchoolNewPage {
        chrome: chrome("Add a school", "/admin/schools/new"),
        admin_at: "schools",
        corrections: corrections("profile"),
        form: school_form(),
    };
    let school = AdminSchoolPage {
        chrome: chrome("Tamsin Row Elementary", "/admin/schools/1"),
        admin_at: "schools",
        notice: "The change is saved.",
        corrections: corrections("closed_on"),
        url: s("/admin/schools/1"),
        name: s("Tamsin <Row> Elementary"),
        page_url: s("/schools/tamsin-row-elementary"),
        nces_id: s("360012300456"),
        closed_on: s("2026-06-30"),
        seen: s("1"),
        form: school_form(),
        ..AdminSchoolPage::default()
    };
    let school_closed = AdminSchoolPage { closed: s("June 30, 2026"), ..school.clone() };
    let school_merged = AdminSchoolPage {
        merged_into: Some(Link::sample("Orrin Vale Middle School", "/admin/schools/2")),
        ..school.clone()
    };
    let merger = AdminMergerPage {
        chrome: chrome("Merge Tamsin Row Elementary", "/admin/schools/1/merger"),
        admin_at: "schools",
        corrections: corrections("into"),
        url: s("/admin/schools/1"),
        name: s("Tamsin <Row> Elementary"),
        page_url: s("/schools/tamsin-row-elementary"),
        choices: choices(&[("school:2", "Orrin Vale Middle School")]),
    };
    let organizations = AdminOrganizationsPage {
        chrome: chrome("Organizations", "/admin/organizations"),
        admin_at: "organizations",
        notice: "The organization is added.",
        corrections: corrections("name"),
        count: s("1 organization"),
        organizations: vec![OrganizationFound {
            name: s("Rivermark <Public> Schools"),
            facts: s("District or agency"),
        }],
        pages: pages(),
        kinds: choices(&[("district", "District or agency")]),
        ..AdminOrganizationsPage::default()
    };
    let invitations = AdminInvitationsPage {
        chrome: chrome("Invitations", "/admin/invitations"),
        admin_at: "invitations",
        notice: "The invitation is on its way.",
        corrections: corrections("email"),
        invitations: vec![InvitationRow {
            who: s("Robin <Sample>, robin@tamsin-row.example"),
            role: s("Principal"),
            place: s("Tamsin Row Elementary"),
            until: s("October 28, 2026"),
            withdraw_url: s("/admin/invitations/1/withdrawal"),
        }],
        roles: choices(&[("teacher", "Teacher or staff")]),
        place: place(Vec::new()),
        ..AdminInvitationsPage::default()
    };
    let domains = AdminDomainsPage {
        chrome: chrome("Email domains", "/admin/domains"),
        admin_at: "domains",
        notice: "The domain is added.",
        corrections: corrections("domain"),
        count: s("1 domain"),
        domains: vec![DomainRow {
            domain: s("tamsin-row.example"),
            place: s("Tamsin <Row> Elementary"),
            remove_url: s("/admin/domains/tamsin-row.example/removal"),
        }],
        domain: s("gmail.com"),
        place: place(Vec::new()),
    };
    let shown = |page: Result<String, askama::Error>| page.unwrap();
    vec![
        ("home", shown(home.render())),
        ("people", shown(people.render())),
        ("person", shown(person.render())),
        ("closed person", shown(closed.render())),
        ("schools", shown(schools.render())),
        ("new school", shown(school_new.render())),
        ("school", shown(school.render())),
        ("closed school", shown(school_closed.render())),
        ("merged school", shown(school_merged.render())),
        ("merger", shown(merger.render())),
        ("organizations", shown(organizations.render())),
        ("invitations", shown(invitations.render())),
        ("domains", shown(domains.render())),
    ]
}

#[test]
fn every_page_has_one_heading_its_menu_and_safe_text() {
    for (name, html) in all() {
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        assert_eq!(html.matches("aria-label=\"Administration\"").count(), 1, "{name}");
        assert!(!html.contains("<Row>") && !html.contains("<Sample>") && !html.contains("<Public>"), "{name}");
        for id in html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default()) {
            assert_eq!(html.matches(&format!(" id=\"{id}\"")).count(), 1, "{name} has two of {id}");
        }
    }
}

#[test]
fn a_form_that_posts_carries_its_token() {
    for (name, html) in all() {
        for form in html.split("<form").skip(1).filter(|form| form.contains(" method=\"post\"")) {
            let form = form.split("</form>").next().unwrap_or_default();
            assert!(form.contains("value=\"t0ken\""), "{name}: {form}");
        }
    }
}
