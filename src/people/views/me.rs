//! What the pages of the signed-in person show.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link};

/// A place the person belongs to, or asked to.
#[derive(Clone, Debug, Default)]
pub struct PlaceRow {
    /// Name of the school or office; "The whole site" for roles that hold everywhere.
    pub place: Link,
    /// "Principal".
    pub role: &'static str,
    /// "Since September 1, 2026", "Waiting for the principal", "Until June 30, 2026".
    pub state: String,
    /// Whether it holds now.
    pub current: bool,
    /// The page of the staff, where the person leads; empty prints none.
    pub staff_url: String,
    /// Whether the person may announce to its city.
    pub announces: bool,
}

/// The page `/me`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "me.html")]
pub struct MePage {
    /// The frame.
    pub chrome: Chrome,
    /// How the person is called.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What is left to finish: words that lead there.
    pub todo: Vec<Link>,
    /// Places that hold or are asked for.
    pub places: Vec<PlaceRow>,
    /// Places that held once.
    pub past: Vec<PlaceRow>,
}

/// The page `/me/profile`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "profile.html")]
pub struct ProfilePage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// Says that it was saved.
    pub saved: bool,
    /// How they are called.
    pub name: String,
    /// What they do.
    pub title: String,
    /// Grade bands.
    pub grades: Vec<Choice>,
    /// Subjects.
    pub subjects: Vec<Choice>,
    /// Time zones.
    pub zones: Vec<Choice>,
    /// Languages of letters.
    pub languages: Vec<Choice>,
}

/// The page `/me/data`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "my_data.html")]
pub struct MyDataPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// The address to type; empty where the account has none.
    pub email: String,
    /// What was typed.
    pub typed: String,
    /// What goes.
    pub goes: Vec<&'static str>,
    /// What stays, and why.
    pub stays: Vec<&'static str>,
}

/// What is shown when an account was erased.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "erased.html")]
pub struct ErasedPage {
    /// The frame; nobody is signed in any more.
    pub chrome: Chrome,
    /// What stays, and why.
    pub stays: Vec<String>,
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::views::Section;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    fn choice(value: &str, selected: bool) -> Choice {
        Choice { value: s(value), label: s(&format!("Label of {value}")), selected }
    }

    #[test]
    fn the_pages_print_everything() {
        let chrome = || Chrome::sample("Me", "/me", Section::Me);
        let place = |name: &str, staff: &str| PlaceRow {
            place: Link::sample(name, "/schools/tamsin-row-elementary"),
            role: "Principal",
            state: s("Since September 1, 2026"),
            current: !staff.is_empty(),
            staff_url: s(staff),
            announces: staff.is_empty(),
        };
        let me = MePage {
            chrome: chrome(),
            name: s("Ada <Quill>"),
            email: s("ada@example.org"),
            todo: vec![Link::sample("Set up a second step", "/me/security")],
            places: vec![place("Tamsin Row Elementary", "/schools/tamsin-row-elementary/staff")],
            past: vec![place("Old School", "")],
        };
        let html = me.render().unwrap();
        for words in ["Ada &#60;Quill&#62;", "Set up a second step", "/staff\"", "Old School", "/me/tokens", "/me/data"]
        {
            assert!(html.contains(words), "{words}: {html}");
        }
        assert!(MePage { chrome: chrome(), ..MePage::default() }.render().unwrap().contains("no school or office yet"));
        let profile = ProfilePage {
            chrome: chrome(),
            corrections: Corrections::whole("Give a name."),
            saved: true,
            name: s("Ada"),
            title: s("Grade 3 teacher"),
            grades: vec![choice("k_2", true)],
            subjects: vec![choice("math", false)],
            zones: vec![choice("America/Chicago", true)],
            languages: vec![choice("es", true)],
        };
        let html = profile.render().unwrap();
        for words in [
            "value=\"Ada\"",
            "value=\"Grade 3 teacher\"",
            "value=\"k_2\" checked",
            "value=\"America/Chicago\" selected",
            "Give a name.",
            "Saved",
        ] {
            assert!(html.contains(words), "{words}: {html}");
        }
        let data = MyDataPage {
            chrome: chrome(),
            corrections: Corrections::default(),
            email: s("ada@example.org"),
            typed: s("ada@example"),
            goes: vec!["Your name"],
            stays: vec!["The audit log"],
        };
        let html = data.render().unwrap();
        for words in ["/me/data.zip", "value=\"ada@example\"", "Your name", "The audit log"] {
            assert!(html.contains(words), "{words}: {html}");
        }
        let erased = ErasedPage { chrome: chrome(), stays: vec![s("An account without a name.")] };
        assert!(erased.render().unwrap().contains("An account without a name."));
    }
}
