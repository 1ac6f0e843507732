//! A certificate on paper: a tagged PDF (PDF/UA-1) whose text can be selected, read aloud and found.
//!
//! The font covers Latin, Greek and Cyrillic letters. What it lacks is written in Latin letters and said so; behind the
//! printed letters stands the true text (`ActualText`), and the page of the certificate shows it as it is.

use std::num::NonZeroU16;

use chrono::{Datelike, Timelike};
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::text::{Font, TextDirection};
use krilla::{Document, SerializeSettings};
use ttf_parser::Face;

use super::certificate::{Certificate, hundredths};
use super::schedule;
use crate::platform::{Error, Result};

/// US Letter, in points.
const PAGE: (f32, f32) = (612.0, 792.0);
/// Three quarters of an inch: every printer reaches it.
const MARGIN: f32 = 54.0;
/// Where values of the table begin.
const VALUES: f32 = MARGIN + 140.0;

/// The certificate as a PDF; `link` leads to the page that verifies it.
pub fn certificate(certificate: &Certificate, link: &str) -> Result<Vec<u8>> {
    let mut sheet = Sheet::new()?;
    sheet.write(certificate, link);
    sheet.finish(certificate, link)
}

/// Regular or bold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    Regular,
    Bold,
}

struct Type {
    face: Face<'static>,
    font: Font,
}

impl Type {
    fn of(data: &'static [u8]) -> Result<Self> {
        let face = Face::parse(data, 0).map_err(Error::internal)?;
        let font =
            Font::new(data.into(), 0).ok_or_else(|| Error::internal("the font of certificates cannot be read"))?;
        Ok(Self { face, font })
    }

    fn has(&self, c: char) -> bool {
        self.face.glyph_index(c).is_some_and(|glyph| glyph.0 != 0)
    }

    fn width(&self, text: &str, size: f32) -> f32 {
        let advance = |c| self.face.glyph_index(c).and_then(|glyph| self.face.glyph_hor_advance(glyph)).unwrap_or(0);
        let units: u32 = text.chars().map(|c| u32::from(advance(c))).sum();
        units as f32 * size / f32::from(self.face.units_per_em())
    }
}

/// One line of text at its place.
struct Piece {
    page: usize,
    x: f32,
    y: f32,
    weight: Weight,
    size: f32,
    text: String,
    /// What it stands for, where letters had to be replaced.
    actual: Option<String>,
    /// Whether it is part of the link.
    link: bool,
}

/// What the lines are, for whoever does not see them; numbers are those of pieces.
enum Block {
    Heading(String, Vec<usize>),
    Paragraph(Vec<usize>),
    Link(Vec<usize>),
    Rows(Vec<(Vec<usize>, Vec<usize>)>),
}

/// A word as it is printed, and as it is.
struct Word {
    shown: String,
    meant: String,
}

struct Sheet {
    regular: Type,
    bold: Type,
    pieces: Vec<Piece>,
    blocks: Vec<Block>,
    /// Lines to write on: page, start, height.
    rules: Vec<(usize, f32, f32)>,
    page: usize,
    y: f32,
    replaced: bool,
}

impl Sheet {
    fn new() -> Result<Self> {
        Ok(Self {
            regular: Type::of(notosans::REGULAR_TTF)?,
            bold: Type::of(notosans::BOLD_TTF)?,
            pieces: Vec::new(),
            blocks: Vec::new(),
            rules: Vec::new(),
            page: 0,
            y: MARGIN,
            replaced: false,
        })
    }

    fn write(&mut self, certificate: &Certificate, link: &str) {
        let facts = &certificate.facts;
        self.heading("Certificate of professional learning", 1, 24.0);
        self.gap(10.0);
        self.paragraph("This certifies that", Weight::Regular, 11.0);
        self.paragraph(&facts.name, Weight::Bold, 20.0);
        if !facts.school.is_empty() {
            self.paragraph(&format!("of {}", facts.school), Weight::Regular, 11.0);
        }
        self.paragraph("took part in", Weight::Regular, 11.0);
        self.paragraph(&facts.title, Weight::Bold, 16.0);
        self.gap(8.0);
        self.heading("What was earned", 2, 13.0);
        let parts: Vec<String> =
            facts.categories.iter().map(|part| format!("{}: {}", part.label, hundredths(part.units))).collect();
        let hosts =
            if facts.cohost.is_empty() { facts.host.clone() } else { format!("{} and {}", facts.host, facts.cohost) };
        let number = if certificate.version == 1 {
            certificate.number.clone()
        } else {
            format!("{}, version {}", certificate.number, certificate.version)
        };
        let mut rows = vec![("Program", vec![facts.program.clone()]), ("Earned", vec![facts.amount()])];
        rows.push(("By category", parts));
        rows.push(("Time there", vec![duration(facts.minutes)]));
        rows.push(("Kind of session", vec![facts.format.clone()]));
        rows.push(("Dates", facts.dates.clone()));
        rows.push(("Where", vec![facts.where_held()]));
        rows.push(("Invited by", vec![hosts]));
        rows.push(("Sponsor", vec![facts.sponsor.clone()]));
        rows.push(("Sponsor's number", vec![facts.sponsor_number.clone()]));
        rows.push(("Certificate number", vec![number]));
        rows.push(("Made on", vec![schedule::date_of(certificate.issued_at.date_naive())]));
        self.rows(rows);
        if !facts.blanks.is_empty() {
            self.gap(6.0);
            self.heading("To fill in by hand", 2, 13.0);
            for blank in &facts.blanks {
                self.line_to_fill(blank);
            }
        }
        self.gap(16.0);
        self.line_to_fill(&format!("Signed: {}", facts.signer));
        self.gap(6.0);
        self.paragraph("Verify this certificate at", Weight::Regular, 10.0);
        self.link(link, 10.0);
        if self.replaced {
            self.paragraph(
                "Letters that this printed form does not have are written in Latin letters. The page at that address shows everything as it is.",
                Weight::Regular,
                9.0,
            );
        }
    }

    fn heading(&mut self, text: &str, level: u16, size: f32) {
        let lines = self.lines(text, Weight::Bold, size, MARGIN, PAGE.0 - MARGIN, false);
        self.blocks.push(Block::Heading(format!("{level}{text}"), lines));
        self.gap(4.0);
    }

    fn paragraph(&mut self, text: &str, weight: Weight, size: f32) {
        let lines = self.lines(text, weight, size, MARGIN, PAGE.0 - MARGIN, false);
        self.blocks.push(Block::Paragraph(lines));
        self.gap(4.0);
    }

    fn link(&mut self, url: &str, size: f32) {
        let lines = self.lines(url, Weight::Regular, size, MARGIN, PAGE.0 - MARGIN, true);
        self.blocks.push(Block::Link(lines));
        self.gap(6.0);
    }

    fn line_to_fill(&mut self, label: &str) {
        self.gap(12.0);
        let lines = self.lines(label, Weight::Regular, 10.5, MARGIN, VALUES + 60.0, false);
        self.blocks.push(Block::Paragraph(lines));
        self.rules.push((self.page, VALUES + 70.0, self.y - 2.0));
        self.gap(4.0);
    }

    fn rows(&mut self, rows: Vec<(&str, Vec<String>)>) {
        let mut cells = Vec::new();
        for (label, values) in rows {
            let values: Vec<String> = values.into_iter().filter(|value| !value.trim().is_empty()).collect();
            if values.is_empty() {
                continue;
            }
            self.room(2.0 * 10.5);
            let top = (self.page, self.y);
            let head = self.lines(label, Weight::Bold, 10.5, MARGIN, VALUES - 8.0, false);
            let after = (self.page, self.y);
            if self.page == top.0 {
                self.y = top.1;
            }
            let mut body = Vec::new();
            for value in values {
                body.extend(self.lines(&value, Weight::Regular, 10.5, VALUES, PAGE.0 - MARGIN, false));
            }
            if self.page == after.0 {
                self.y = self.y.max(after.1);
            }
            self.gap(3.0);
            cells.push((head, body));
        }
        self.blocks.push(Block::Rows(cells));
    }

    /// Room for what follows, on this page or the next.
    fn room(&mut self, height: f32) {
        if self.y + height > PAGE.1 - MARGIN {
            self.page += 1;
            self.y = MARGIN;
        }
    }

    fn gap(&mut self, height: f32) {
        self.y += height;
    }

    /// Breaks a text into lines between two edges, and says which pieces they are.
    fn lines(&mut self, text: &str, weight: Weight, size: f32, left: f32, right: f32, link: bool) -> Vec<usize> {
        let words = self.words(text, weight, size, right - left);
        let kind = if weight == Weight::Bold { &self.bold } else { &self.regular };
        let mut broken: Vec<Vec<Word>> = vec![Vec::new()];
        let mut used = 0.0;
        let space = kind.width(" ", size);
        for word in words {
            let width = kind.width(&word.shown, size);
            let Some(line) = broken.last_mut() else { continue };
            if !line.is_empty() && used + space + width > right - left {
                used = width;
                broken.push(vec![word]);
            } else {
                used += if line.is_empty() { width } else { space + width };
                line.push(word);
            }
        }
        let mut made = Vec::new();
        for line in broken.into_iter().filter(|line| !line.is_empty()) {
            let of = |part: fn(&Word) -> &str| line.iter().map(part).collect::<Vec<_>>().join(" ");
            let (shown, meant) = (of(|word| &word.shown), of(|word| &word.meant));
            self.room(size * 1.4);
            self.y += size * 1.4;
            let actual = (shown != meant).then_some(meant);
            self.replaced |= actual.is_some();
            made.push(self.pieces.len());
            let (page, y) = (self.page, self.y - size * 0.35);
            self.pieces.push(Piece { page, x: left, y, weight, size, text: shown, actual, link });
        }
        made
    }

    /// The words of a text, with letters that the font has, none wider than the line.
    fn words(&self, text: &str, weight: Weight, size: f32, width: f32) -> Vec<Word> {
        let kind = if weight == Weight::Bold { &self.bold } else { &self.regular };
        let mut words = Vec::new();
        for meant in text.split_whitespace() {
            let mut shown = String::new();
            for c in meant.chars().filter(|c| !c.is_control()) {
                if kind.has(c) {
                    shown.push(c);
                } else {
                    let latin = deunicode::deunicode_char(c).unwrap_or("?");
                    shown.push_str(if latin.is_empty() { "?" } else { latin });
                }
            }
            let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            if shown.is_empty() {
                continue;
            }
            if kind.width(&shown, size) <= width {
                words.push(Word { shown, meant: meant.to_owned() });
                continue;
            }
            // A word without a place to break: an address, mostly.
            let mut piece = String::new();
            for c in shown.chars() {
                if kind.width(&piece, size) + kind.width(&c.to_string(), size) > width {
                    // After a slash, where there is one: an address stays readable.
                    let at = piece.rfind(['/', '?', '&']).filter(|at| *at > piece.len() / 2);
                    let rest = piece.split_off(at.map_or(piece.len(), |at| at + 1));
                    words.push(Word { shown: piece.clone(), meant: piece });
                    piece = rest;
                }
                piece.push(c);
            }
            words.push(Word { shown: piece.clone(), meant: piece });
        }
        words
    }

    fn finish(self, certificate: &Certificate, link: &str) -> Result<Vec<u8>> {
        let fault =
            |error: &dyn std::fmt::Debug| Error::internal(format!("a certificate cannot be printed: {error:?}"));
        let configuration = ConfigurationBuilder::new()
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|error| fault(&error))?;
        let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
        let mut tagged: Vec<Option<Identifier>> = vec![None; self.pieces.len()];
        let mut links: Vec<(usize, Identifier)> = Vec::new();
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| Error::internal("a page without a size"))?;
        for number in 0..=self.page {
            let mut page = document.start_page_with(settings.clone());
            let mut surface = page.surface();
            surface.set_fill(Some(Fill { paint: rgb::Color::new(20, 28, 26).into(), ..Fill::default() }));
            for (at, piece) in self.pieces.iter().enumerate().filter(|(_, piece)| piece.page == number) {
                let span = SpanTag::empty().with_actual_text(piece.actual.as_deref());
                let id = surface.start_tagged(ContentTag::Span(span));
                let kind = if piece.weight == Weight::Bold { &self.bold } else { &self.regular };
                let place = Point::from_xy(piece.x, piece.y);
                surface.draw_text(place, kind.font.clone(), piece.size, &piece.text, false, TextDirection::LeftToRight);
                surface.end_tagged();
                if let Some(slot) = tagged.get_mut(at) {
                    *slot = Some(id);
                }
            }
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke {
                paint: rgb::Color::new(90, 100, 97).into(),
                width: 0.7,
                ..Stroke::default()
            }));
            for (_, x, y) in self.rules.iter().filter(|(page, ..)| *page == number) {
                let mut path = PathBuilder::new();
                path.move_to(*x, *y);
                path.line_to(PAGE.0 - MARGIN, *y);
                if let Some(path) = path.finish() {
                    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
                    surface.draw_path(&path);
                    surface.end_tagged();
                }
            }
            surface.finish();
            for (at, piece) in self.pieces.iter().enumerate().filter(|(_, piece)| piece.page == number && piece.link) {
                let width = self.regular.width(&piece.text, piece.size);
                let rect = Rect::from_xywh(piece.x, piece.y - piece.size, width, piece.size * 1.3);
                let Some(rect) = rect else { continue };
                let target = Target::Action(Action::Link(LinkAction::new(link.to_owned())));
                let words = format!("Verify certificate {} on the web", certificate.number);
                let annotation = Annotation::new_link(LinkAnnotation::new(rect, target), Some(words));
                links.push((at, page.add_tagged_annotation(annotation)));
            }
            page.finish();
        }
        document.set_tag_tree(self.tree(&mut tagged, links));
        let facts = &certificate.facts;
        let title = format!("Certificate {}: {}", certificate.number, facts.title);
        let mut outline = Outline::new();
        outline.push_child(OutlineNode::new(title.clone(), XyzDestination::new(0, Point::from_xy(0.0, 0.0))));
        document.set_outline(outline);
        document.set_metadata(
            Metadata::new()
                .title(title)
                .language("en-US".to_owned())
                .creator("Common Ground".to_owned())
                .authors(vec![facts.sponsor.clone()])
                .creation_date(written(certificate.issued_at)),
        );
        document.finish().map_err(|error| fault(&error))
    }

    /// What the lines are, in the order of reading. Every line is in it once.
    fn tree(&self, tagged: &mut [Option<Identifier>], links: Vec<(usize, Identifier)>) -> TagTree {
        let mut take = |lines: &[usize]| -> Vec<Node> {
            lines.iter().filter_map(|at| tagged.get_mut(*at)?.take()).map(Node::Leaf).collect()
        };
        let mut tree = TagTree::new().with_lang(Some("en-US".to_owned()));
        for block in &self.blocks {
            let node = match block {
                Block::Heading(text, lines) => {
                    let (level, title) = text.split_at(1);
                    let level = level.parse().unwrap_or(NonZeroU16::MIN);
                    TagGroup::with_children(Tag::Hn(level, Some(title.to_owned())), take(lines))
                }
                Block::Paragraph(lines) => TagGroup::with_children(Tag::P, take(lines)),
                Block::Link(lines) => {
                    let mut link = TagGroup::new(Tag::Link);
                    let marks = links.iter().filter(|(at, _)| lines.contains(at)).map(|(_, id)| Node::Leaf(*id));
                    link.children.extend(marks);
                    link.children.extend(take(lines));
                    TagGroup::with_children(Tag::P, vec![Node::Group(link)])
                }
                Block::Rows(rows) => {
                    let row = |(head, body): &(Vec<usize>, Vec<usize>)| {
                        let head = TagGroup::with_children(Tag::TH(TableHeaderScope::Row), take(head));
                        let body = TagGroup::with_children(Tag::TD, take(body));
                        Node::Group(TagGroup::with_children(Tag::TR, vec![Node::Group(head), Node::Group(body)]))
                    };
                    let summary = "What was earned: a name and its value in each row".to_owned();
                    TagGroup::with_children(Tag::Table.with_summary(Some(summary)), rows.iter().map(row).collect())
                }
            };
            tree.push(node);
        }
        tree
    }
}

/// "3 hours 30 minutes".
pub fn duration(minutes: i64) -> String {
    let words = |n: i64, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
    match (minutes / 60, minutes % 60) {
        (0, rest) => words(rest, "minute"),
        (hours, 0) => words(hours, "hour"),
        (hours, rest) => format!("{} {}", words(hours, "hour"), words(rest, "minute")),
    }
}

fn written(at: crate::platform::Timestamp) -> DateTime {
    let small = |n: u32| u8::try_from(n).unwrap_or_default();
    DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::{AccountId, SchoolId};
    use crate::platform::ids;
    use crate::sessions::certificate::{CertificateId, Facts, Part};
    use crate::sessions::{RegistrationId, SessionId};

    fn sample(name: &str, dates: usize) -> Certificate {
        let date = "Saturday, November 14, 2026, 9:00 AM to 12:00 PM EST".to_owned();
        Certificate {
            id: CertificateId(ids::fresh()),
            number: "7K2M-94QX-HC0D".to_owned(),
            version: 1,
            session: SessionId(ids::fresh()),
            registration: RegistrationId(ids::fresh()),
            account: AccountId(ids::fresh()),
            school: SchoolId(ids::fresh()),
            program: "ny_ctle".to_owned(),
            held_on: "2026-11-14".parse().unwrap(),
            status_index: 0,
            facts: Facts {
                name: name.to_owned(),
                school: "Harbor Charter School".to_owned(),
                title: "Reading Safety Net in Action: what we tried, what we stopped, and what we would do again"
                    .to_owned(),
                format: "Workshop".to_owned(),
                program: "New York CTLE".to_owned(),
                unit: "CTLE hours".to_owned(),
                units: 300,
                categories: vec![
                    Part { code: "content".to_owned(), label: "Content".to_owned(), units: 180 },
                    Part { code: "ell".to_owned(), label: "Language acquisition".to_owned(), units: 120 },
                ],
                minutes: 180,
                dates: vec![date; dates],
                mode: "In person".to_owned(),
                place: "12 Harbor Street".to_owned(),
                host: "Harbor Charter School".to_owned(),
                cohost: "Millbrook Elementary".to_owned(),
                sponsor: "Rivermark Teacher Center".to_owned(),
                sponsor_number: "21345".to_owned(),
                signer: "Paula Quay".to_owned(),
                blanks: vec!["TEACH ID".to_owned(), "Last four digits asked for by the state form".to_owned()],
                ..Facts::default()
            },
            issued_at: "2026-11-19T17:00:00Z".parse().unwrap(),
            replaced_at: None,
            revoked_at: None,
            reason: None,
        }
    }

    const LINK: &str =
        "https://a-quite-long-name-of-an-installation.rivermark-schools.example/certificates/7K2M-94QX-HC0D?version=1";

    /// Written for the tools that look at it by hand: `qpdf --check`, `pdfinfo`, `pdftotext`.
    fn kept(name: &str, bytes: &[u8]) {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/certificates");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), bytes).unwrap();
    }

    #[test]
    fn a_certificate_passes_the_rules_of_tagged_documents() {
        // The library refuses to write what PDF/UA-1 forbids, so that it was written is the test.
        let bytes = certificate(
            &sample(
                "Zo\u{eb} \u{141}ukasz Nguy\u{1ec5}n \u{391}\u{3b8}\u{3b7}\u{3bd}\u{3ac} \u{418}\u{432}\u{430}\u{43d}",
                1,
            ),
            LINK,
        )
        .unwrap();
        assert!(bytes.starts_with(b"%PDF-1.7") && bytes.len() < 120_000, "{}", bytes.len());
        kept("latin.pdf", &bytes);
        let bytes = certificate(&sample("\u{738b}\u{5c0f}\u{660e} O\u{2019}Neil", 80), LINK).unwrap();
        kept("long.pdf", &bytes);
    }

    #[test]
    fn a_letter_that_the_font_lacks_is_no_blank() {
        let mut sheet = Sheet::new().unwrap();
        sheet.write(&sample("\u{738b}\u{5c0f}\u{660e} \u{5d0}\u{5d1}", 1), LINK);
        assert!(sheet.replaced);
        let piece = sheet.pieces.iter().find(|piece| piece.text.contains("Wang")).unwrap();
        assert_eq!(piece.actual.as_deref(), Some("\u{738b}\u{5c0f}\u{660e} \u{5d0}\u{5d1}"));
        assert!(sheet.pieces.iter().any(|piece| piece.text.contains("does not have")));
        let mut plain = Sheet::new().unwrap();
        plain.write(&sample("Zo\u{eb} \u{141}ukasz", 1), LINK);
        assert!(!plain.replaced && plain.pieces.iter().all(|piece| piece.actual.is_none()));
    }

    #[test]
    fn no_line_leaves_the_page() {
        let mut sheet = Sheet::new().unwrap();
        let mut long = sample(&"Wolfeschlegelsteinhausenbergerdorff".repeat(4), 60);
        long.facts.place = "a".repeat(300);
        sheet.write(&long, LINK);
        assert!(sheet.page >= 1);
        for piece in &sheet.pieces {
            let kind = if piece.weight == Weight::Bold { &sheet.bold } else { &sheet.regular };
            assert!(piece.x + kind.width(&piece.text, piece.size) <= PAGE.0 - MARGIN + 0.5, "{}", piece.text);
            assert!(piece.y <= PAGE.1 - MARGIN + 0.5, "{}", piece.text);
        }
    }

    #[test]
    fn minutes_are_written_as_people_say_them() {
        for (minutes, words) in [(0, "0 minutes"), (1, "1 minute"), (60, "1 hour"), (200, "3 hours 20 minutes")] {
            assert_eq!(duration(minutes), words);
        }
    }
}
