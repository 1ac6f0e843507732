//! The pages before somebody is in.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Chrome, Link};

/// The page `/sign-in`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// The address as it was typed.
    pub email: String,
    /// The page of ours where the person wanted to go.
    pub next: String,
    /// Who is signed in already; empty prints none.
    pub signed_in_as: String,
    /// Other places that say who somebody is: "Sign in with Rivermark Schools".
    pub providers: Vec<Link>,
}

/// The page `/sign-in/letter`: the same whoever asked.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "sign_in_letter.html")]
pub struct LetterSentPage {
    /// The frame.
    pub chrome: Chrome,
}

/// The page of a sign-in link that works.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "sign_in_link.html")]
pub struct LinkPage {
    /// The frame.
    pub chrome: Chrome,
    /// Where its button posts to: the address of the page.
    pub action: String,
    /// The mailbox it went to.
    pub email: String,
    /// Whose account; `None` where it opens one.
    pub name: Option<String>,
}

/// The page of a link that does not work any more, for signing in or for a change of address.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "link_gone.html")]
pub struct LinkGonePage {
    /// The frame.
    pub chrome: Chrome,
    /// It was a link to sign in: offers another one.
    pub to_sign_in: bool,
    /// What to put right.
    pub corrections: Corrections,
}

/// The question to a mailbox whether an account may move.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "address_question.html")]
pub struct AddressQuestionPage {
    /// The frame.
    pub chrome: Chrome,
    /// Where its button posts to: the address of the page.
    pub action: String,
    /// Where the account is to move.
    pub new_email: String,
    /// Whether the mailbox is the one the account has.
    pub old: bool,
}

/// The page `/address-change`: what an answer led to.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "address_answer.html")]
pub struct AddressAnswerPage {
    /// The frame.
    pub chrome: Chrome,
    /// `moved`, `waiting` or `refused`.
    pub outcome: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Error;
    use crate::web::views::Section;

    fn chrome(title: &str) -> Chrome {
        Chrome::sample(title, "/sign-in", Section::None)
    }

    fn rendered(page: &impl Template) -> String {
        let html = page.render().unwrap();
        assert_eq!(html.matches("<h1").count(), 1, "{html}");
        html
    }

    #[test]
    fn the_sign_in_keeps_the_address_and_never_the_password() {
        let mut page = SignInPage {
            chrome: chrome("Sign in"),
            corrections: Corrections::of(Error::invalid("password", "Both.")).unwrap(),
            email: "ada@\"school.example".to_owned(),
            next: "/practices/new".to_owned(),
            signed_in_as: "Ada Quill".to_owned(),
            providers: vec![Link::sample("Rivermark Schools", "/sign-in/with/rivermark")],
        };
        let html = rendered(&page);
        assert!(html.contains("value=\"ada@&#34;school.example\""), "{html}");
        assert!(html.contains("Ada Quill") && html.contains("href=\"#password\""));
        assert!(html.contains("name=\"next\" value=\"/practices/new\""));
        page.signed_in_as.clear();
        page.corrections = Corrections::default();
        assert!(!rendered(&page).contains("role=\"alert\""));
    }

    #[test]
    fn pages_of_letters_and_links_render() {
        rendered(&LetterSentPage { chrome: chrome("Look into your mail") });
        let action = "/sign-in/link/abc".to_owned();
        let mut link =
            LinkPage { chrome: chrome("Sign in"), action, email: "ada@school.example".to_owned(), name: None };
        assert!(rendered(&link).contains("Open my account"));
        link.name = Some("Ada Quill".to_owned());
        assert!(rendered(&link).contains("Continue as Ada Quill"));
        let mut gone = LinkGonePage { chrome: chrome("Gone"), to_sign_in: true, corrections: Corrections::default() };
        assert!(rendered(&gone).contains("Email me a new link"));
        gone.to_sign_in = false;
        assert!(!rendered(&gone).contains("Email me a new link"));
        for old in [true, false] {
            let (action, new_email) = ("/address-change/abc".to_owned(), "ada@home.example".to_owned());
            let html = rendered(&AddressQuestionPage { chrome: chrome("Move?"), action, new_email, old });
            assert!(html.contains("ada@home.example") && html.contains("/address-change/abc/refusal"));
        }
        for outcome in ["moved", "waiting", "refused"] {
            rendered(&AddressAnswerPage { chrome: chrome("Done"), outcome });
        }
    }
}
