//! What the pages of joining, of one's places and of a school's staff show.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome};

/// A school to choose.
#[derive(Clone, Debug, Default)]
pub struct SchoolChoice {
    /// Its id.
    pub value: String,
    /// Its name.
    pub name: String,
    /// "Charter, Old Mill, Rivermark"; empty prints none.
    pub facts: String,
    /// Whether the person joins at once.
    pub at_once: bool,
    /// Whether it is chosen.
    pub selected: bool,
}

/// The part of a form that chooses a school; works without scripts.
#[derive(Clone, Debug, Default)]
pub struct SchoolField {
    /// Whose domain the person's address has: "Rivermark Public Schools"; empty where nobody's.
    pub address_of: String,
    /// What was searched for.
    pub query: String,
    /// Whether something was searched for.
    pub searched: bool,
    /// What can be chosen now.
    pub choices: Vec<SchoolChoice>,
    /// What is wrong with the choice; empty prints none.
    pub wrong: String,
}

impl SchoolField {
    /// Whether a school is chosen.
    pub fn chosen(&self) -> bool {
        self.choices.iter().any(|choice| choice.selected)
    }
}

/// The page `/welcome`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "welcome.html")]
pub struct WelcomePage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// Where the person wanted to go.
    pub next: String,
    /// Whether it is the first visit.
    pub first: bool,
    /// How the person is called.
    pub name: String,
    /// What they do.
    pub title: String,
    /// Schools they belong to, or wait for, a sentence each.
    pub places: Vec<String>,
    /// Choosing a school.
    pub school: SchoolField,
    /// Grades to choose.
    pub grades: Vec<Choice>,
    /// Subjects to choose.
    pub subjects: Vec<Choice>,
    /// Topics to follow.
    pub topics: Vec<Choice>,
}

/// One place of a person.
#[derive(Clone, Debug, Default)]
pub struct PlaceRow {
    /// Id of the membership.
    pub id: String,
    /// "Teacher or staff".
    pub role: String,
    /// Name of the school or office.
    pub place: String,
    /// Its page; empty where it has none.
    pub url: String,
    /// Page of its staff, for its leads; empty prints none.
    pub staff_url: String,
    /// "Since March 4, 2026, by your address".
    pub facts: String,
    /// What leaving means; empty for what is over.
    pub leaving: String,
}

/// The page `/me/places`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "places.html")]
pub struct PlacesPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done, in a sentence; empty prints none.
    pub done: String,
    /// What holds.
    pub current: Vec<PlaceRow>,
    /// What is asked for.
    pub asked: Vec<PlaceRow>,
    /// What is over.
    pub past: Vec<PlaceRow>,
    /// Choosing another school.
    pub school: SchoolField,
}

/// One person on the staff page.
#[derive(Clone, Debug, Default)]
pub struct StaffRow {
    /// Id of the membership.
    pub id: String,
    /// Id of the account.
    pub account: String,
    /// How the person is called.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What they do; empty prints none.
    pub title: String,
    /// "Teacher or staff".
    pub role: String,
    /// "March 4, 2026".
    pub since: String,
    /// "by their address", "invited", ...
    pub because: String,
    /// Whether the reader may end it.
    pub may_end: bool,
    /// Whether the reader may make them a delegate.
    pub may_delegate: bool,
}

/// One invitation on the staff page.
#[derive(Clone, Debug, Default)]
pub struct InvitationRow {
    /// Its id.
    pub id: String,
    /// Who is invited.
    pub name: String,
    /// Where the letter went.
    pub email: String,
    /// To which role.
    pub role: String,
    /// "Sent March 4, 2026; holds until March 18, 2026".
    pub facts: String,
    /// Whether the reader may send it again and withdraw it.
    pub may_change: bool,
}

/// The page `/schools/{slug}/staff`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "staff.html")]
pub struct StaffPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right in the invitation.
    pub corrections: Corrections,
    /// Name of the school.
    pub school: String,
    /// Its page.
    pub url: String,
    /// Page of the seats of its staff, for its leads; empty prints none.
    pub seats_url: String,
    /// What was just done, in a sentence; empty prints none.
    pub done: String,
    /// Requests to answer.
    pub asked: Vec<StaffRow>,
    /// Who belongs here.
    pub staff: Vec<StaffRow>,
    /// Invitations that wait.
    pub invitations: Vec<InvitationRow>,
    /// Typed into the invitation.
    pub email: String,
    /// Typed into the invitation.
    pub name: String,
    /// Roles the reader invites to.
    pub roles: Vec<Choice>,
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::views::Section;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    fn choice(value: &str, label: &str, selected: bool) -> Choice {
        Choice { value: s(value), label: s(label), selected }
    }

    fn school_field() -> SchoolField {
        let school = |value: &str, name: &str, at_once, selected| SchoolChoice {
            value: s(value),
            name: s(name),
            facts: s("District, Lantern Hill, Rivermark"),
            at_once,
            selected,
        };
        SchoolField {
            address_of: s("Rivermark Public Schools"),
            query: s("harbor"),
            searched: true,
            choices: vec![school("1", "Tamsin Row Elementary", true, true), school("2", "Harbor & Sons", false, false)],
            wrong: String::new(),
        }
    }

    #[test]
    fn pages_of_members_render() -> askama::Result<()> {
        let welcome = WelcomePage {
            chrome: Chrome::sample("Welcome", "/welcome", Section::Me),
            corrections: Corrections::whole("Choose a school."),
            next: s("/search?q=a&b"),
            first: true,
            name: s("Ada \"Q\" <Quill>"),
            title: s("Grade 3 teacher"),
            places: vec![s("You belong to Quillwater Charter School.")],
            school: school_field(),
            grades: vec![choice("k_2", "K-2", true)],
            subjects: vec![choice("math", "Math", false)],
            topics: vec![choice("tutoring", "Tutoring", true)],
        };
        let row = PlaceRow {
            id: s("1"),
            role: s("Principal"),
            place: s("Quillwater Charter School"),
            url: s("/schools/quillwater-charter-school"),
            staff_url: s("/schools/quillwater-charter-school/staff"),
            facts: s("Since March 4, 2026"),
            leaving: s("You lose what this role lets you do."),
        };
        let places = PlacesPage {
            chrome: Chrome::sample("Your places", "/me/places", Section::Me),
            done: s("You belong to the school now."),
            current: vec![row.clone()],
            asked: vec![row.clone()],
            past: vec![PlaceRow { leaving: String::new(), ..row }],
            school: school_field(),
            ..PlacesPage::default()
        };
        let person = StaffRow {
            id: s("1"),
            account: s("2"),
            name: s("Ben <b>"),
            email: s("ben@example.org"),
            title: s("Grade 3"),
            role: s("Teacher or staff"),
            since: s("March 4, 2026"),
            because: s("invited"),
            may_end: true,
            may_delegate: true,
        };
        let staff = StaffPage {
            chrome: Chrome::sample("Staff", "/schools/quillwater-charter-school/staff", Section::Schools),
            corrections: Corrections::whole("This person has that role there already."),
            school: s("Quillwater Charter School"),
            url: s("/schools/quillwater-charter-school"),
            seats_url: s("/schools/quillwater-charter-school/seats"),
            done: s("The invitation is on its way."),
            asked: vec![person.clone()],
            staff: vec![person.clone(), StaffRow { may_end: false, may_delegate: false, ..person }],
            invitations: vec![InvitationRow {
                id: s("3"),
                name: s("Cleo"),
                email: s("cleo@example.org"),
                role: s("Session organizer"),
                facts: s("Sent today"),
                may_change: true,
            }],
            email: s("x@"),
            name: s("X"),
            roles: vec![choice("teacher", "Teacher or staff", true)],
        };
        // A macro's own parameter of the same name must not take the place of what was typed.
        assert!(welcome.render()?.contains(r#"value="Ada &#34;Q&#34;"#), "{}", welcome.render()?);
        assert!(staff.render()?.contains(r#"name="name" type="text" value="X""#));
        let empty = StaffPage { chrome: staff.chrome.clone(), school: s("New School"), ..StaffPage::default() };
        for html in [
            welcome.render()?,
            WelcomePage { chrome: welcome.chrome.clone(), ..WelcomePage::default() }.render()?,
            places.render()?,
            PlacesPage { chrome: places.chrome.clone(), ..PlacesPage::default() }.render()?,
            staff.render()?,
            empty.render()?,
        ] {
            assert_eq!(html.matches("<h1").count(), 1);
            assert!(!html.contains(" style=") && !html.contains("<b>") && !html.contains("<Quill>"));
        }
        Ok(())
    }
}
