//! What the pages of the second step and of passkeys show.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::Chrome;

/// The page `/me/security/second-step`: what there is, and what can be done about it.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "second_step.html")]
pub struct SecondStepPage {
    /// The frame.
    pub chrome: Chrome,
    /// Whether one of the person's roles asks for a second step.
    pub asked: bool,
    /// Whether that role waits for it in this sign-in.
    pub waits: bool,
    /// Whether there is one, an app or a passkey.
    pub is_set_up: bool,
    /// Whether it may be changed here: there is none yet, or this sign-in passed it.
    pub may_change: bool,
    /// "March 4, 2026", since when codes of an app count; empty says that there are none.
    pub app_since: String,
    /// "2 passkeys"; empty says that there are none.
    pub passkeys: String,
    /// "7 recovery codes are left."
    pub recovery: String,
    /// Whether few are left.
    pub recovery_few: bool,
    /// What was just done; empty prints none.
    pub done: String,
    /// Where the person was going; empty prints no way there.
    pub next: String,
}

/// The page `/me/security/second-step/app`: the key for the app, and the field for its first code.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "second_step_app.html")]
pub struct AppPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// The key as a picture: markup, made by us of our own letters.
    pub picture_html: String,
    /// The key in groups of four.
    pub key: String,
    /// Where the person was going.
    pub next: String,
}

/// A page that asks for a code before it does something.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "second_step_code.html")]
pub struct CodePage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// The heading.
    pub title: String,
    /// What will happen, a paragraph each.
    pub says: Vec<String>,
    /// Where the form goes.
    pub action: String,
    /// Whether a code is asked for: there are codes of an app.
    pub asks: bool,
    /// The words of the button.
    pub button: String,
    /// Whether it takes something away.
    pub danger: bool,
}

/// The recovery codes, shown once.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "recovery_codes.html")]
pub struct RecoveryPage {
    /// The frame.
    pub chrome: Chrome,
    /// What was just done; empty prints none.
    pub done: String,
    /// The codes.
    pub codes: Vec<String>,
    /// Where to go on to.
    pub next: String,
}

/// The page `/sign-in/second-step`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "sign_in_second_step.html")]
pub struct SecondStepSignIn {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// Whether there are codes of an app.
    pub app: bool,
    /// Whether there are recovery codes.
    pub recovery: bool,
    /// Whether that is where something is to be put right.
    pub recovery_open: bool,
    /// Whether there are passkeys that work here.
    pub passkeys: bool,
    /// The code of the moment, in the demo; empty elsewhere.
    pub demo_code: String,
    /// Where the person was going.
    pub next: String,
}

/// The page of a sign-in that cannot go on: too late, or a passkey that is not known.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "sign_in_again.html")]
pub struct SignInAgain {
    /// The frame.
    pub chrome: Chrome,
    /// The heading.
    pub title: String,
    /// What happened, in a sentence.
    pub sentence: String,
    /// The sign-in, with where the person was going.
    pub sign_in: String,
}

/// A passkey in the list.
#[derive(Clone, Debug, Default)]
pub struct PasskeyRow {
    /// Its id.
    pub id: String,
    /// What the person calls it.
    pub name: String,
    /// "March 4, 2026".
    pub added: String,
    /// The same; empty says never.
    pub used: String,
}

/// The page `/me/security/passkeys`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "passkeys.html")]
pub struct PasskeysPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// Those there are.
    pub passkeys: Vec<PasskeyRow>,
    /// Whether browsers make passkeys for this address.
    pub works: bool,
    /// Whether they may be changed here: there is no second step yet, or this sign-in passed it.
    pub may_change: bool,
    /// A name for the next one.
    pub next_name: String,
    /// What was just done; empty prints none.
    pub done: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Error;
    use crate::web::views::Section;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    fn chrome(title: &str, path: &str) -> Chrome {
        Chrome::sample(title, path, Section::Me)
    }

    fn wrong(field: &str) -> Corrections {
        Corrections::of(Error::invalid(field, "This code is not right; type the six digits that the app shows now."))
            .unwrap()
    }

    impl SecondStepPage {
        /// An administrator with everything, and few recovery codes.
        fn sample() -> Self {
            Self {
                chrome: chrome("Second step", "/me/security/second-step"),
                asked: true,
                waits: false,
                is_set_up: true,
                may_change: true,
                app_since: s("March 4, 2026"),
                passkeys: s("2 passkeys"),
                recovery: s("2 recovery codes are left."),
                recovery_few: true,
                done: s("There are new recovery codes."),
                next: s("/admin"),
            }
        }

        /// An editor who has none yet.
        fn sample_asked() -> Self {
            Self {
                chrome: chrome("Second step", "/me/security/second-step"),
                asked: true,
                waits: true,
                may_change: true,
                ..Self::default()
            }
        }
    }

    impl AppPage {
        fn sample() -> Self {
            Self {
                chrome: chrome("Set up an authenticator app", "/me/security/second-step/app"),
                corrections: wrong("code"),
                picture_html: s("<svg role=\"img\" aria-label=\"QR code\"></svg>"),
                key: s("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"),
                next: s("/admin"),
            }
        }
    }

    impl CodePage {
        fn sample() -> Self {
            Self {
                chrome: chrome("Remove the app", "/me/security/second-step/app/removal"),
                corrections: wrong("code"),
                title: s("Remove the codes of your app"),
                says: vec![s("Sign-ins will no longer ask for a code.")],
                action: s("/me/security/second-step/app/removal"),
                asks: true,
                button: s("Remove the codes"),
                danger: true,
            }
        }
    }

    impl RecoveryPage {
        fn sample() -> Self {
            Self {
                chrome: chrome("Recovery codes", "/me/security/second-step"),
                done: s("Codes of your app are set up."),
                codes: vec![s("k7m2q-0x9r1"), s("a1b2c-3d4e5")],
                next: s("/me/security/second-step"),
            }
        }
    }

    impl SecondStepSignIn {
        fn sample() -> Self {
            Self {
                chrome: chrome("Second step", "/sign-in/second-step"),
                corrections: wrong("recovery"),
                app: true,
                recovery: true,
                recovery_open: true,
                passkeys: true,
                demo_code: s("123456"),
                next: s("/schools?q=\"><script>alert(1)</script>"),
            }
        }
    }

    impl PasskeysPage {
        fn sample() -> Self {
            let row = |name: &str, used: &str| PasskeyRow {
                id: s("0192"),
                name: s(name),
                added: s("March 4, 2026"),
                used: s(used),
            };
            Self {
                chrome: chrome("Passkeys", "/me/security/passkeys"),
                corrections: wrong("name"),
                passkeys: vec![row("Phone", "March 9, 2026"), row("Key on my <ring>", "")],
                works: true,
                may_change: true,
                next_name: s("Chrome on Android"),
                done: s("The passkey was removed."),
            }
        }
    }

    #[test]
    fn pages_of_the_second_step_render() -> askama::Result<()> {
        let passkeys_elsewhere = PasskeysPage { works: false, passkeys: Vec::new(), ..PasskeysPage::sample() };
        let again = SignInAgain {
            chrome: chrome("Sign in again", "/sign-in/second-step"),
            title: s("Sign in again"),
            sentence: s("That took too long."),
            sign_in: s("/sign-in"),
        };
        for html in [
            SecondStepPage::sample().render()?,
            SecondStepPage::sample_asked().render()?,
            SecondStepPage { may_change: false, ..SecondStepPage::sample() }.render()?,
            AppPage::sample().render()?,
            CodePage::sample().render()?,
            RecoveryPage::sample().render()?,
            SecondStepSignIn::sample().render()?,
            again.render()?,
            PasskeysPage::sample().render()?,
            passkeys_elsewhere.render()?,
        ] {
            assert_eq!(html.matches("<h1").count(), 1, "{html}");
            assert!(!html.contains(" style=") && !html.contains("<script>"), "{html}");
            let forms = html.matches("method=\"post\"").count();
            let ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            let different: std::collections::BTreeSet<_> = ids.iter().collect();
            assert_eq!(ids.len(), different.len(), "{forms} forms and no id twice: {ids:?}");
        }
        assert!(SecondStepPage::sample_asked().render()?.contains("Your role asks for a second step"));
        assert!(SecondStepSignIn::sample().render()?.contains("In the demo the code is 123456"));
        assert!(PasskeysPage::sample().render()?.contains("Key on my &#60;ring&#62;"));
        Ok(())
    }
}
