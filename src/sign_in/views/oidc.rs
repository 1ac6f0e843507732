//! Pages about the sign-ins of schools and districts.

use askama::Template;

use crate::web::views::{Chrome, Link};

/// Nobody came in.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "sign_in_refused.html")]
pub struct RefusedPage {
    /// The frame.
    pub chrome: Chrome,
    /// One sentence that says what to do.
    pub sentence: String,
    /// The word by which whoever helps finds the reason.
    pub code: String,
    /// Where to start again; empty prints none.
    pub again: String,
}

/// What an account is connected with.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "connections.html")]
pub struct ConnectionsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What it is connected with.
    pub connected: Vec<Connection>,
    /// What it can be connected with.
    pub others: Vec<Link>,
}

/// One connection.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// Its id.
    pub id: String,
    /// What the provider is called.
    pub label: String,
    /// The day it began.
    pub since: String,
    /// The day somebody last came in by it.
    pub used: String,
}

/// The links on the page of the sign-in.
#[cfg(test)]
#[derive(Template)]
#[template(path = "_sign_in_providers.html")]
struct Providers {
    providers: Vec<Link>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    #[test]
    fn pages_render() {
        let refused = RefusedPage {
            chrome: Chrome::sample("You are not signed in", "/sign-in", Section::None),
            sentence: "Rivermark Schools does not answer at the moment; try again in a minute.".to_owned(),
            code: "unanswered".to_owned(),
            again: "/sign-in/oidc/rivermark?next=%2Fme".to_owned(),
        };
        let html = refused.render().unwrap();
        assert!(html.contains("does not answer") && html.contains("unanswered") && html.contains("next=%2Fme"));
        let connections = ConnectionsPage {
            chrome: Chrome::sample("Connected sign-ins", "/me/security/providers", Section::Me),
            connected: vec![Connection {
                id: "0197".to_owned(),
                label: "Rivermark Schools".to_owned(),
                since: "October 14, 2026".to_owned(),
                used: "October 15, 2026".to_owned(),
            }],
            others: vec![Link::sample("Connect Clever", "/sign-in/oidc/clever?connect=x")],
        };
        let html = connections.render().unwrap();
        assert!(html.contains("/me/security/providers/0197/removal") && html.contains("Connect Clever"));
        assert!(ConnectionsPage::default().render().unwrap().contains("not connected"));
    }

    #[test]
    fn without_providers_the_sign_in_shows_nothing_of_them() {
        assert_eq!(Providers { providers: Vec::new() }.render().unwrap().trim(), "");
        let one = Providers { providers: vec![Link::sample("Sign in with Clever", "/sign-in/oidc/clever")] };
        assert!(one.render().unwrap().contains(r#"<a class="button button--quiet" href="/sign-in/oidc/clever">"#));
    }
}
