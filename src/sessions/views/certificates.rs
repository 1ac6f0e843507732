//! What the pages of certificates, of the transcript and of a school's hours show.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Chrome, Link};

/// A name and what it says, a line each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactRow {
    /// "Dates".
    pub label: String,
    /// Lines of it.
    pub values: Vec<String>,
}

/// The page `/certificates`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "certificates.html")]
pub struct CertificatesPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was typed.
    pub number: String,
}

/// The page `/certificates/{number}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "certificate.html")]
pub struct CertificatePage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// Its number.
    pub number: String,
    /// Whether it holds.
    pub valid: bool,
    /// Whether it was taken back.
    pub revoked: bool,
    /// The status in a sentence.
    pub status: String,
    /// Whose.
    pub name: String,
    /// For what.
    pub title: String,
    /// "2.5 CTLE hours".
    pub amount: String,
    /// Everything else.
    pub facts: Vec<FactRow>,
    /// What is filled in by hand on the printed form; empty prints none.
    pub blanks: Vec<String>,
    /// Its versions, where there is more than one.
    pub versions: Vec<Link>,
    /// The printed form; empty prints none.
    pub pdf_url: String,
    /// The badge, for its person; empty prints none.
    pub badge_url: String,
    /// Whether the reader is the person.
    pub own: bool,
    /// Where it is taken back, for administrators; empty prints none.
    pub revocation_url: String,
    /// The reason as it was typed.
    pub reason: String,
}

/// One certificate in the transcript.
#[derive(Clone, Debug, Default)]
pub struct TranscriptRow {
    /// Its page.
    pub url: String,
    /// Its number.
    pub number: String,
    /// Title of the session.
    pub title: String,
    /// "March 13, 2027".
    pub dates: String,
    /// Name of the program.
    pub program: String,
    /// "2.5 CTLE hours".
    pub amount: String,
    /// "Content 1.5, Language acquisition 1"; empty prints none.
    pub categories: String,
    /// Who sponsors, with the number.
    pub sponsor: String,
    /// The school the person was at.
    pub school: String,
    /// Whether it was taken back.
    pub revoked: bool,
}

/// What certificates add up to.
#[derive(Clone, Debug, Default)]
pub struct TotalRow {
    /// Name of the program.
    pub program: String,
    /// "12.5 CTLE hours".
    pub amount: String,
    /// "Content 10, Language acquisition 2.5"; empty prints none.
    pub categories: String,
    /// "3 hours 30 minutes".
    pub time: String,
    /// "4 certificates".
    pub certificates: String,
}

/// The page `/me/transcript`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "transcript.html")]
pub struct TranscriptPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// Whose; printed on paper.
    pub name: String,
    /// First day that was asked for.
    pub from: String,
    /// Last day that was asked for.
    pub to: String,
    /// "All certificates", "From July 1, 2026 to June 30, 2027".
    pub period: String,
    /// Totals by program.
    pub totals: Vec<TotalRow>,
    /// Certificates, latest first.
    pub rows: Vec<TranscriptRow>,
    /// The same as a file.
    pub csv_url: String,
    /// The same to print.
    pub print_url: String,
    /// Back from there.
    pub page_url: String,
}

/// One of a school's staff.
#[derive(Clone, Debug, Default)]
pub struct HoursRow {
    /// How they are called.
    pub name: String,
    /// What they earned, by program.
    pub totals: Vec<TotalRow>,
}

/// The page `/schools/{slug}/hours`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "certificate_hours.html")]
pub struct HoursPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// The school.
    pub school: String,
    /// Its page.
    pub url: String,
    /// First day that was asked for.
    pub from: String,
    /// Last day that was asked for.
    pub to: String,
    /// "All certificates", "From July 1, 2026 to June 30, 2027".
    pub period: String,
    /// Staff by name.
    pub staff: Vec<HoursRow>,
    /// Whether anybody earned anything.
    pub any: bool,
    /// The same as a file.
    pub csv_url: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    fn total() -> TotalRow {
        TotalRow {
            program: "CTLE <NY>".to_owned(),
            amount: "2.5 CTLE hours".to_owned(),
            categories: "Content 1.5, Language acquisition 1".to_owned(),
            time: "3 hours".to_owned(),
            certificates: "1 certificate".to_owned(),
        }
    }

    #[test]
    fn every_page_renders() {
        let page = CertificatesPage {
            chrome: Chrome::sample("Verify a certificate", "/certificates", Section::Sessions),
            corrections: Corrections::whole("Type the number as it is printed."),
            number: "7K2M".to_owned(),
        };
        assert!(page.render().unwrap().contains("value=\"7K2M\""));

        let page = CertificatePage {
            chrome: Chrome::sample("Certificate", "/certificates/7K2M-94QX-HC0D", Section::Sessions),
            done: "It is taken back.".to_owned(),
            number: "7K2M-94QX-HC0D".to_owned(),
            revoked: true,
            status: "This certificate was taken back.".to_owned(),
            name: "Zo\u{eb} <Ford>".to_owned(),
            title: "Reading Safety Net in Action".to_owned(),
            amount: "2.5 CTLE hours".to_owned(),
            facts: vec![FactRow {
                label: "Dates".to_owned(),
                values: vec!["Saturday".to_owned(), "Sunday".to_owned()],
            }],
            blanks: vec!["TEACH ID".to_owned()],
            versions: vec![Link {
                text: "Version 1".to_owned(),
                url: "/certificates/7K2M-94QX-HC0D?version=1".to_owned(),
            }],
            pdf_url: "/certificates/7K2M-94QX-HC0D/pdf".to_owned(),
            badge_url: "/certificates/7K2M-94QX-HC0D/badge".to_owned(),
            own: true,
            revocation_url: "/certificates/7K2M-94QX-HC0D/revocation".to_owned(),
            ..CertificatePage::default()
        };
        let html = page.render().unwrap();
        assert!(
            html.contains("Zo\u{eb} &#60;Ford&#62;") && html.contains("TEACH ID") && html.contains("?version=1"),
            "{html}"
        );

        let page = TranscriptPage {
            chrome: Chrome::sample("Transcript", "/me/transcript", Section::Me),
            name: "Dina Ford".to_owned(),
            period: "All certificates".to_owned(),
            totals: vec![total()],
            rows: vec![TranscriptRow {
                url: "/certificates/7K2M-94QX-HC0D".to_owned(),
                number: "7K2M-94QX-HC0D".to_owned(),
                title: "Reading".to_owned(),
                revoked: true,
                ..TranscriptRow::default()
            }],
            ..TranscriptPage::default()
        };
        let html = page.render().unwrap();
        assert!(html.contains("CTLE &#60;NY&#62;") && html.contains("Taken back"), "{html}");
        assert!(TranscriptPage::default().render().unwrap().contains("Nothing yet"));

        let page = HoursPage {
            chrome: Chrome::sample("Hours", "/schools/harbor/hours", Section::Schools),
            school: "Harbor".to_owned(),
            url: "/schools/harbor".to_owned(),
            any: true,
            staff: vec![
                HoursRow { name: "Carl Pier".to_owned(), totals: vec![total()] },
                HoursRow { name: "Cora Buoy".to_owned(), totals: Vec::new() },
            ],
            ..HoursPage::default()
        };
        let html = page.render().unwrap();
        assert!(html.contains("Cora Buoy") && html.contains("2.5 CTLE hours"), "{html}");
    }
}
