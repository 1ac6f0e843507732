//! The numbers of a highlight. They are counted when they are read, each with its date and definition; a typed one carries its source,
//! and none is typed that the program counts itself (M-2).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::highlight::Highlight;
use crate::catalog::adoption::used_by;
use crate::platform::{Cx, FieldErrors, Result};
use crate::report::{self, Metric, Scope};
use crate::sessions::outreach::{self, Held};

/// Most numbers of a highlight.
pub const MOST: usize = 3;
/// Longest typed value and its words.
const VALUE: usize = 20;
const LABEL: usize = 120;
/// Longest source and its address.
const SOURCE: usize = 200;
const LINK: usize = 500;
/// Fewer people than this are not counted out loud.
const ENOUGH: u64 = 5;

/// A number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Number {
    /// Who came to its session.
    SessionPeople,
    /// The hours they were there, added up.
    SessionHours,
    /// Schools that use its practice.
    PracticeSchools,
    /// A number of the city's report.
    Metric {
        /// Which one.
        code: String,
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
        /// Only of the highlight's neighborhood.
        neighborhood: bool,
        /// Only of its schools.
        schools: bool,
    },
    /// A number from elsewhere.
    Typed {
        /// "1,250".
        value: String,
        /// What it counts.
        label: String,
        /// Where it comes from.
        source: String,
        /// Its address: https.
        link: String,
    },
}

impl Number {
    /// As the database keeps it.
    pub fn json(&self) -> serde_json::Value {
        // Texts, days and truths: this cannot fail.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// What a form calls it.
    pub fn choice(&self) -> String {
        match self {
            Self::SessionPeople => SESSION_PEOPLE.to_owned(),
            Self::SessionHours => SESSION_HOURS.to_owned(),
            Self::PracticeSchools => PRACTICE_SCHOOLS.to_owned(),
            Self::Metric { code, .. } => format!("{METRIC}{code}"),
            Self::Typed { .. } => TYPED.to_owned(),
        }
    }

    /// As a form shows it again.
    pub fn typed(&self) -> Typed {
        let mut typed = Typed { kind: self.choice(), ..Typed::default() };
        match self {
            Self::Metric { from, to, neighborhood, schools, .. } => {
                (typed.from, typed.to) = (from.to_string(), to.to_string());
                (typed.neighborhood, typed.schools) = (*neighborhood, *schools);
            }
            Self::Typed { value, label, source, link } => {
                (typed.value, typed.label) = (value.clone(), label.clone());
                (typed.source, typed.link) = (source.clone(), link.clone());
            }
            Self::SessionPeople | Self::SessionHours | Self::PracticeSchools => {}
        }
        typed
    }
}

const SESSION_PEOPLE: &str = "session_people";
const SESSION_HOURS: &str = "session_hours";
const PRACTICE_SCHOOLS: &str = "practice_schools";
const METRIC: &str = "metric:";
const TYPED: &str = "typed";

/// What a form offers: codes and words.
pub fn choices() -> Vec<(String, String)> {
    let mut all = vec![
        (SESSION_PEOPLE.to_owned(), "People who came to the session".to_owned()),
        (SESSION_HOURS.to_owned(), "Educator hours at the session".to_owned()),
        (PRACTICE_SCHOOLS.to_owned(), "Schools that use the practice".to_owned()),
    ];
    all.extend(
        Metric::ALL.iter().map(|one| (format!("{METRIC}{}", one.code()), format!("City report: {}", one.label()))),
    );
    all.push((TYPED.to_owned(), "A number from elsewhere, with its source".to_owned()));
    all
}

fn metric(code: &str) -> Option<Metric> {
    Metric::ALL.iter().copied().find(|one| one.code() == code)
}

/// A number as somebody typed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// A code of [`choices`]; empty for none.
    pub kind: String,
    /// First day, of a number of the report.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Only of the highlight's neighborhood.
    pub neighborhood: bool,
    /// Only of its schools.
    pub schools: bool,
    /// A typed value.
    pub value: String,
    /// What it counts.
    pub label: String,
    /// Where it comes from.
    pub source: String,
    /// Its address.
    pub link: String,
}

/// Reads the numbers of a form. Fields are `number_1_value` and so on.
pub fn parse(typed: &[Typed], has: Has, errors: &mut FieldErrors) -> Vec<Number> {
    let mut numbers = Vec::new();
    for (at, one) in typed.iter().enumerate().filter(|(_, one)| !one.kind.is_empty()) {
        let field = |name: &str| format!("number_{}_{name}", at + 1);
        let mut refuse = |name: &str, message: &str| errors.add(field(name), message);
        let number = match one.kind.as_str() {
            SESSION_PEOPLE | SESSION_HOURS if !has.session => {
                refuse("kind", "This is counted of a joint session; name the session first.");
                continue;
            }
            SESSION_PEOPLE => Number::SessionPeople,
            SESSION_HOURS => Number::SessionHours,
            PRACTICE_SCHOOLS if !has.practice => {
                refuse("kind", "This is counted of a practice; name the practice first.");
                continue;
            }
            PRACTICE_SCHOOLS => Number::PracticeSchools,
            TYPED => match by_hand(one, &mut refuse) {
                Some(number) => number,
                None => continue,
            },
            other => {
                let Some(known) = other.strip_prefix(METRIC).and_then(metric) else {
                    refuse("kind", "Choose one of the list.");
                    continue;
                };
                let day = |text: &str| text.trim().parse::<NaiveDate>().ok();
                match (day(&one.from), day(&one.to)) {
                    (Some(from), Some(to)) if from <= to => Number::Metric {
                        code: known.code().to_owned(),
                        from,
                        to,
                        neighborhood: one.neighborhood && has.neighborhood,
                        schools: one.schools,
                    },
                    _ => {
                        refuse("from", "Give the first and the last day that are counted.");
                        continue;
                    }
                }
            }
        };
        if numbers.contains(&number) {
            refuse("kind", "This number is there already.");
        } else {
            numbers.push(number);
        }
    }
    if numbers.len() > MOST {
        errors.add("numbers", format!("Choose {MOST} numbers at most."));
    }
    numbers
}

/// What a highlight has that numbers count.
#[derive(Clone, Copy, Debug, Default)]
pub struct Has {
    /// A session.
    pub session: bool,
    /// A practice.
    pub practice: bool,
    /// A neighborhood.
    pub neighborhood: bool,
}

fn by_hand(one: &Typed, refuse: &mut impl FnMut(&str, &str)) -> Option<Number> {
    let (value, label) = (one.value.trim(), one.label.trim());
    let (source, link) = (one.source.trim(), one.link.trim());
    let mut fine = true;
    let mut wrong = |name: &str, message: &str| {
        refuse(name, message);
        fine = false;
    };
    let plain =
        |text: &str, most: usize| (1..=most).contains(&text.chars().count()) && !text.contains(char::is_control);
    if !plain(value, VALUE) || !value.contains(|c: char| c.is_ascii_digit()) {
        wrong("value", "Give the number itself, like 1,250 or 40%.");
    }
    if !plain(label, LABEL) {
        wrong("label", "Say what it counts.");
    } else if let Some(counted) = counted(label) {
        let sentence = format!("The program counts this itself: choose \u{201c}{counted}\u{201d} of the list.");
        wrong("label", &sentence);
    }
    if !plain(source, SOURCE) {
        wrong("source", "Say where it comes from: a report, a study, an office.");
    }
    if !is_public(link) {
        wrong("link", "Give the source's address; it begins with https:// and holds no password.");
    }
    fine.then(|| Number::Typed {
        value: value.to_owned(),
        label: label.to_owned(),
        source: source.to_owned(),
        link: link.to_owned(),
    })
}

/// Whether an address is one of the open web: https, a host with a dot, no name or password before it.
fn is_public(link: &str) -> bool {
    let Some(rest) = link.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = !link.contains(|c: char| c.is_control() || c.is_whitespace() || "\"<>\\`".contains(c));
    plain && link.len() <= LINK && host.contains('.') && !host.contains('@')
}

/// What of the program counts what these words say, where something does.
fn counted(label: &str) -> Option<&'static str> {
    let label = label.to_lowercase();
    let words: Vec<&str> = label.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let any = |stems: &[&str]| words.iter().any(|word| stems.iter().any(|stem| word.starts_with(stem)));
    let people =
        any(&["teacher", "educator", "people", "person", "staff", "principal", "participant", "attend", "colleague"]);
    if any(&["hour"]) && (people || any(&["session", "training", "professional", "learning", "workshop"])) {
        Some("Educator hours")
    } else if any(&["seat"]) {
        Some("Seats offered and filled")
    } else if people && any(&["came", "attend", "join", "participa", "reach", "trained", "took", "present"]) {
        Some("People reached")
    } else if any(&["session", "workshop"]) {
        Some("Sessions held")
    } else if any(&["adopt"]) || (any(&["school"]) && any(&["use", "using", "took"])) {
        Some("Schools that use the practice")
    } else if any(&["practice"]) {
        Some("Practices shared")
    } else if any(&["commitment"]) {
        Some("Commitments by status")
    } else if any(&["school"]) && any(&["activ", "member", "part", "involved"]) {
        Some("Active schools")
    } else {
        None
    }
}

/// A number as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// "14", "3 of 12", "not enough data: fewer than 5 people".
    pub value: String,
    /// What it counts.
    pub label: String,
    /// How it is counted.
    pub definition: String,
    /// "As of October 14, 2026", "From September 1, 2026 to October 14, 2026"; empty for a typed one.
    pub dated: String,
    /// A typed number's source, with its address.
    pub source: Option<(String, String)>,
    /// Whether the program counted it.
    pub is_live: bool,
}

/// The numbers of a highlight as they are now. At most nine statements, and those of one report where a number is of the city.
pub async fn read(cx: &Cx, highlight: &Highlight) -> Result<Vec<Shown>> {
    let of_session = |one: &Number| matches!(one, Number::SessionPeople | Number::SessionHours);
    let held = match highlight.session.filter(|_| highlight.numbers.iter().any(of_session)) {
        Some(id) => outreach::held(cx, &[id]).await?.remove(&id),
        None => None,
    };
    // The city is read once, however many of its numbers are shown.
    let of_city = highlight.numbers.iter().any(|one| matches!(one, Number::Metric { .. }));
    let city = if of_city { Some(report::numbers(cx, &highlight.city).await?) } else { None };
    let today = day(highlight.zone.local(cx.now()).date());
    let mut shown = Vec::new();
    for number in &highlight.numbers {
        shown.push(match number {
            Number::SessionPeople => people(held.as_ref(), &today),
            Number::SessionHours => hours(held.as_ref(), &today),
            Number::PracticeSchools => {
                let used = match highlight.practice {
                    Some(id) => used_by(cx, &[id]).await?.remove(&id).unwrap_or_default(),
                    None => std::collections::BTreeMap::new(),
                };
                let (schools, sectors) = (used.values().sum::<u64>(), used.len());
                Shown {
                    value: schools.to_string(),
                    label: match (schools, sectors) {
                        (1, _) => "school uses the practice".to_owned(),
                        (_, 0 | 1) => "schools use the practice".to_owned(),
                        (_, many) => format!("schools of {many} sectors use the practice"),
                    },
                    definition: "Schools that said they pilot the practice or use it, and did not stop.".to_owned(),
                    dated: format!("As of {today}"),
                    is_live: true,
                    ..Shown::default()
                }
            }
            Number::Metric { code, from, to, neighborhood, schools } => {
                let (Some(metric), Some(city)) = (metric(code), &city) else { continue };
                let scope = Scope {
                    city: highlight.city.clone(),
                    from: *from,
                    to: *to,
                    neighborhood: highlight.neighborhood.clone().filter(|_| *neighborhood),
                    schools: highlight.schools.iter().map(|one| one.school).filter(|_| *schools).collect(),
                };
                let figure = city.figure(metric, &scope);
                let within = match (neighborhood, schools) {
                    (_, true) => " of these schools",
                    (true, false) => " of this neighborhood",
                    (false, false) => "",
                };
                Shown {
                    value: figure.words(),
                    label: format!("{}{within}", metric.label()),
                    definition: metric.definition().counts.to_owned(),
                    dated: format!("From {} to {}", day(figure.from), day(figure.to)),
                    is_live: true,
                    ..Shown::default()
                }
            }
            Number::Typed { value, label, source, link } => Shown {
                value: value.clone(),
                label: label.clone(),
                source: Some((source.clone(), link.clone())),
                ..Shown::default()
            },
        });
    }
    Ok(shown)
}

fn people(held: Option<&Held>, today: &str) -> Shown {
    let label = |sectors: usize| match sectors {
        0 | 1 => "people came to the session".to_owned(),
        many => format!("people from {many} sectors came to the session"),
    };
    let definition = "People whose attendance was recorded, each once; shown from five people on.";
    of_held(held, today, definition, |held| {
        let sectors = held.came.keys().filter(|code| *code != crate::sessions::session::NO_SECTOR).count();
        (held.people().to_string(), label(sectors))
    })
}

fn hours(held: Option<&Held>, today: &str) -> Shown {
    let definition = "The time each person was there, added up and rounded down; shown from five people on.";
    of_held(held, today, definition, |held| ((held.minutes / 60).to_string(), "educator hours together".to_owned()))
}

fn of_held(held: Option<&Held>, today: &str, definition: &str, count: impl Fn(&Held) -> (String, String)) -> Shown {
    let (value, label) = match held {
        Some(held) if !held.is_locked => {
            ("not counted yet".to_owned(), "its attendance is still being corrected".to_owned())
        }
        Some(held) if held.people() >= ENOUGH => count(held),
        _ => (format!("not enough data: fewer than {ENOUGH} people"), count(&Held::default()).1),
    };
    Shown {
        value,
        label,
        definition: definition.to_owned(),
        dated: format!("As of {today}"),
        is_live: true,
        ..Shown::default()
    }
}

/// "October 14, 2026".
pub fn day(date: NaiveDate) -> String {
    date.format("%B %-d, %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_counts_is_not_typed() {
        for (label, name) in [
            ("teachers who attended", "People reached"),
            ("Joint sessions this year", "Sessions held"),
            ("hours of professional learning", "Educator hours"),
            ("schools using it now", "Schools that use the practice"),
            ("Practices shared", "Practices shared"),
            ("seats filled", "Seats offered and filled"),
        ] {
            assert_eq!(counted(label), Some(name), "{label}");
        }
        for label in ["dollars saved by sharing the gym", "miles between the buildings", "books given to families"] {
            assert_eq!(counted(label), None, "{label}");
        }
    }

    #[test]
    fn a_typed_number_needs_a_source_that_everybody_can_open() {
        let typed = |label: &str, link: &str| Typed {
            kind: TYPED.to_owned(),
            value: "1,250".to_owned(),
            label: label.to_owned(),
            source: "Budget office, 2026".to_owned(),
            link: link.to_owned(),
            ..Typed::default()
        };
        let refused = |one: Typed| {
            let mut errors = FieldErrors::default();
            parse(&[one], Has::default(), &mut errors);
            errors.iter().map(|error| error.field.clone()).collect::<Vec<_>>()
        };
        assert!(refused(typed("dollars saved", "https://rivermark.example/budget")).is_empty());
        for link in ["", "http://a.example", "https://me:secret@a.example/x", "https://a b.example", "javascript:x"] {
            assert_eq!(refused(typed("dollars saved", link)), ["number_1_link"], "{link}");
        }
        assert_eq!(refused(typed("sessions held", "https://a.example")), ["number_1_label"]);
    }
}
