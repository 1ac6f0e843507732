//! What credit programs, and the credit of a session, show.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link};

/// One program in the list.
#[derive(Clone, Debug, Default)]
pub struct ProgramRow {
    /// Its name.
    pub name: String,
    /// Its short name.
    pub code: String,
    /// Its rules in a sentence.
    pub rules: String,
    /// Its page.
    pub url: String,
    /// Whether it can be chosen.
    pub current: bool,
}

/// The page `/admin/credit-programs`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "credit_programs.html")]
pub struct ProgramsPage {
    /// The frame.
    pub chrome: Chrome,
    /// The current entry of the menu.
    pub admin_at: &'static str,
    /// What was just done; empty prints none.
    pub done: &'static str,
    /// Every program.
    pub programs: Vec<ProgramRow>,
    /// Rules to start from.
    pub examples: Vec<Link>,
}

/// A program in a form.
#[derive(Clone, Debug, Default)]
pub struct ProgramForm {
    /// Its short name.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it counts in.
    pub unit: String,
    /// Minutes of one unit.
    pub unit_minutes: String,
    /// Steps to choose.
    pub steps: Vec<Choice>,
    /// The least that is earned.
    pub minimum: String,
    /// Categories, one on a line.
    pub categories: String,
    /// Lines to fill in, one on a line.
    pub blanks: String,
    /// Years that records are kept.
    pub retention_years: String,
    /// Who may sponsor.
    pub sponsors: String,
    /// Who needs it.
    pub needed_by: String,
    /// Sectors whose staff need not have it.
    pub not_needed_by: Vec<Choice>,
    /// Whether a product is asked for: one box.
    pub product: Vec<Choice>,
}

/// The pages `/admin/credit-programs/new` and `/admin/credit-programs/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "credit_program.html")]
pub struct ProgramPage {
    /// The frame.
    pub chrome: Chrome,
    /// The current entry of the menu.
    pub admin_at: &'static str,
    /// What to put right.
    pub corrections: Corrections,
    /// Its heading.
    pub heading: String,
    /// Where the form goes.
    pub action: String,
    /// Whether it is a new one.
    pub new: bool,
    /// Whether it was filled in from an example.
    pub example: bool,
    /// Where it is retired or taken back; empty for a new one.
    pub state_url: String,
    /// Whether it can be chosen.
    pub current: bool,
    /// What is in the form.
    pub form: ProgramForm,
}

/// The share of a category.
#[derive(Clone, Debug, Default)]
pub struct ShareField {
    /// Its code.
    pub code: String,
    /// Its name.
    pub label: String,
    /// Percent, as typed.
    pub value: String,
}

/// A program that a session can give.
#[derive(Clone, Debug, Default)]
pub struct OfferField {
    /// Id of the program.
    pub id: String,
    /// Its short name: fields end in it.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its rules in a sentence.
    pub rules: String,
    /// Who needs it; empty prints none.
    pub needed_by: String,
    /// Who may sponsor; empty prints none.
    pub sponsors: String,
    /// "Charter staff need not have it."; empty prints none.
    pub not_needed_by: String,
    /// What being there all the time earns; empty prints none.
    pub earns: String,
    /// Whether it is chosen.
    pub chosen: bool,
    /// Where products are written down; empty where none is asked for.
    pub products_url: String,
    /// Who sponsors it.
    pub sponsor_name: String,
    /// The sponsor's number.
    pub sponsor_number: String,
    /// Who signs.
    pub signer: String,
    /// How the time is split.
    pub shares: Vec<ShareField>,
}

impl OfferField {
    /// The name of a field of this program.
    pub fn field(&self, name: &str) -> String {
        format!("{name}-{}", self.code)
    }
}

/// The page `/sessions/{id}/credit/{program}`: whose product is there.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "credit_products.html")]
pub struct ProductsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: &'static str,
    /// The session's title.
    pub title: String,
    /// The program's name.
    pub program: String,
    /// The credit of the session.
    pub credit_url: String,
    /// Address of this page.
    pub action: String,
    /// Everybody with a confirmed seat.
    pub people: Vec<Choice>,
}

/// The page `/sessions/{id}/credit`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "credit_session.html")]
pub struct SessionCreditPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: &'static str,
    /// The session's title.
    pub title: String,
    /// Its page.
    pub session_url: String,
    /// Address of this page.
    pub action: String,
    /// Programs to choose from.
    pub offers: Vec<OfferField>,
    /// Whether attendance is locked, so that certificates are made again.
    pub locked: bool,
    /// Whether the reader may change it.
    pub may_change: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn pages_of_credit_render() -> askama::Result<()> {
        let chrome = Chrome::sample("Credit", "/admin/credit-programs", Section::Admin);
        let choice = |value: &str, selected| Choice { value: s(value), label: s("Label <b>"), selected };
        let row =
            ProgramRow { name: s("CTLE <b>"), code: s("ny_ctle"), rules: s("60 minutes"), ..ProgramRow::default() };
        let list = ProgramsPage {
            chrome: chrome.clone(),
            admin_at: "credit",
            programs: vec![ProgramRow { current: true, ..row.clone() }, row],
            examples: vec![Link { text: s("New York"), url: s("/admin/credit-programs/new?from=ny_ctle") }],
            ..ProgramsPage::default()
        };
        let form = ProgramForm {
            name: s("CTLE <b>"),
            steps: vec![choice("100", true)],
            not_needed_by: vec![choice("charter", true)],
            product: vec![choice("yes", false)],
            ..ProgramForm::default()
        };
        let page = ProgramPage { chrome: chrome.clone(), new: true, example: true, form, ..ProgramPage::default() };
        let known = ProgramPage { new: false, state_url: s("/x"), ..page.clone() };
        let offer = OfferField {
            code: s("ny_ctle"),
            name: s("CTLE <b>"),
            chosen: true,
            shares: vec![ShareField { code: s("ell"), label: s("ELL"), value: s("40") }],
            not_needed_by: s("Charter staff need not have it."),
            ..OfferField::default()
        };
        let session = SessionCreditPage {
            chrome: chrome.clone(),
            corrections: Corrections::whole("Say who signs."),
            offers: vec![offer],
            may_change: true,
            locked: true,
            ..SessionCreditPage::default()
        };
        let products =
            ProductsPage { chrome: chrome.clone(), people: vec![choice("1", true)], ..ProductsPage::default() };
        for html in [
            products.render()?,
            ProductsPage { people: Vec::new(), ..products }.render()?,
            list.render()?,
            ProgramsPage { chrome: chrome.clone(), ..ProgramsPage::default() }.render()?,
            page.render()?,
            known.render()?,
            session.render()?,
            SessionCreditPage { may_change: false, ..session.clone() }.render()?,
            SessionCreditPage { chrome, ..SessionCreditPage::default() }.render()?,
        ] {
            assert_eq!(html.matches("<h1").count(), 1);
            assert!(!html.contains(" style=") && !html.contains("<b>"), "{html}");
        }
        assert!(session.render()?.contains("name=\"share-ny_ctle-ell\""));
        Ok(())
    }
}
