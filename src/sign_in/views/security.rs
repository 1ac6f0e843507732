//! What somebody sees and changes of how they sign in.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::Chrome;

/// One browser that is signed in.
#[derive(Clone, Debug, Default)]
pub struct SignInRow {
    /// "Firefox on Android".
    pub device: String,
    /// "Link by email".
    pub method: String,
    /// "October 14, 2026".
    pub since: String,
    /// "October 14, 2026, 16:05 UTC".
    pub seen: String,
    /// It is the one that shows the page.
    pub this: bool,
    /// Where its button posts to.
    pub end_action: String,
}

/// The page `/me/security`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "security.html")]
pub struct SecurityPage {
    /// The frame.
    pub chrome: Chrome,
    /// What was just done, in a sentence; empty prints none.
    pub done: &'static str,
    /// The address of the account.
    pub email: String,
    /// Whether a school's or district's sign-in can be connected.
    pub has_providers: bool,
    /// The address it is about to move to; empty prints none.
    pub moving_to: String,
    /// "October 14, 2026"; `None` without a password.
    pub password_since: Option<String>,
    /// Whether a role of the person asks for a second step and this sign-in had none.
    pub lacks_second_step: bool,
    /// Browsers that are signed in, the newest first.
    pub sign_ins: Vec<SignInRow>,
}

/// What a form asks for before it changes how somebody signs in.
#[derive(Clone, Debug, Default)]
pub struct Proving {
    /// The sign-in is fresh: nothing.
    pub fresh: bool,
    /// There is a password to ask for.
    pub has_password: bool,
    /// The address of the account, for a link that makes the sign-in fresh.
    pub email: String,
    /// The page it leads back to.
    pub next: &'static str,
}

impl Proving {
    /// Whether the form can be sent at all.
    pub fn possible(&self) -> bool {
        self.fresh || self.has_password
    }
}

/// The page `/me/security/password`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "own_password.html")]
pub struct OwnPasswordPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What is asked for.
    pub proving: Proving,
}

/// The page `/me/security/address`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "own_address.html")]
pub struct OwnAddressPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What is asked for.
    pub proving: Proving,
    /// The new address as it was typed.
    pub email: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    fn chrome(title: &str) -> Chrome {
        Chrome::sample(title, "/me/security", Section::Me)
    }

    fn rendered(page: &impl Template) -> String {
        let html = page.render().unwrap();
        assert_eq!(html.matches("<h1").count(), 1, "{html}");
        html
    }

    #[test]
    fn the_page_of_security_shows_what_there_is() {
        let row = |this| SignInRow {
            device: "Firefox on Android".to_owned(),
            method: "Link by email".to_owned(),
            since: "October 14, 2026".to_owned(),
            seen: "October 14, 2026, 16:05 UTC".to_owned(),
            this,
            end_action: "/me/security/sign-ins/1/ending".to_owned(),
        };
        let mut page = SecurityPage {
            chrome: chrome("Security"),
            done: "Your password is set.",
            email: "ada@school.example".to_owned(),
            has_providers: true,
            moving_to: "ada@home.example".to_owned(),
            password_since: Some("October 14, 2026".to_owned()),
            lacks_second_step: true,
            sign_ins: vec![row(true), row(false)],
        };
        let html = rendered(&page);
        assert!(html.contains("This browser") && html.contains("Sign out everywhere else"));
        assert_eq!(html.matches("/me/security/sign-ins/1/ending").count(), 1, "this one signs out by its own button");
        page.password_since = None;
        page.sign_ins.truncate(1);
        let html = rendered(&page);
        assert!(html.contains("Set a password") && !html.contains("Sign out everywhere else"));
    }

    #[test]
    fn forms_ask_for_a_proof() {
        let mut proving =
            Proving { email: "ada@school.example".to_owned(), next: "/me/security/password", ..Proving::default() };
        let page = |proving: &Proving| {
            let (chrome, corrections) = (chrome("Password"), Corrections::default());
            let address = OwnAddressPage {
                chrome: chrome.clone(),
                corrections: corrections.clone(),
                proving: proving.clone(),
                email: String::new(),
            };
            rendered(&address);
            rendered(&OwnPasswordPage { chrome, corrections, proving: proving.clone() })
        };
        let html = page(&proving);
        assert!(html.contains("Email me a link") && !html.contains("name=\"password\""), "{html}");
        proving.has_password = true;
        assert!(page(&proving).contains("name=\"old_password\""));
        proving.fresh = true;
        let html = page(&proving);
        assert!(!html.contains("name=\"old_password\"") && html.contains("name=\"password\""));
    }
}
