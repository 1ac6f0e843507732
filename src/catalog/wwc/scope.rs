//! What an intervention is about and for whom, as far as the file says so.
//!
//! Two tables, one by review protocol and one by outcome domain, hold only what the name itself says:
//! "Algebra" is algebra readiness, "General Mathematics Achievement" is math and no topic. Grades come from
//! the flags of the students studied; without any flag, from a protocol whose whole span is one grade band.
//! A student group comes from a protocol that reviews nothing else, or from studies of that group alone.

use super::report::Report;
use crate::platform::vocabulary::{GradeBand, Topic};

/// Columns of the way it was delivered, and the setting each stands for.
pub(super) const DELIVERY: &[(&str, &str)] = &[
    ("Delivery_Method_Whole_Class", "whole_class"),
    ("Delivery_Method_Small_Group", "small_group"),
    ("Delivery_Method_Individual", "one_to_one"),
    ("Delivery_Method_School", "schoolwide"),
];

/// A protocol or domain, and what it stands for.
struct Entry {
    name: &'static str,
    subject: &'static str,
    topic: &'static str,
    student_group: &'static str,
    grade_band: &'static str,
}

const fn entry(
    name: &'static str,
    subject: &'static str,
    topic: &'static str,
    student_group: &'static str,
    grade_band: &'static str,
) -> Entry {
    Entry { name, subject, topic, student_group, grade_band }
}

#[rustfmt::skip]
const PROTOCOLS: &[Entry] = &[
    //     name                                             subject         topic                student group grade band
    entry("Beginning Reading",                              "ela_literacy", "early_reading",     "",           ""),
    entry("Adolescent Literacy",                            "ela_literacy", "",                  "",           ""),
    entry("Early Childhood Education",                      "",             "",                  "",           "prek"),
    entry("Early Childhood Education for Children with Disabilities", "",   "",                  "swd",        "prek"),
    entry("Elementary School Mathematics",                  "math",         "",                  "",           ""),
    entry("Primary Mathematics",                            "math",         "",                  "",           ""),
    entry("Middle School Math",                             "math",         "",                  "",           "g6_8"),
    entry("Secondary Mathematics",                          "math",         "",                  "",           ""),
    entry("High School Mathematics",                        "math",         "",                  "",           "g9_12"),
    entry("Science",                                        "science",      "",                  "",           ""),
    entry("English Language Learners",                      "",             "mll_support",       "mll",        ""),
    entry("Students with a Specific Learning Disability",   "",             "",                  "swd",        ""),
    entry("Children and Students with an Autism Spectrum Disorder", "",     "",                  "swd",        ""),
    entry("Children and Students with Intellectual Disability", "",         "",                  "swd",        ""),
    entry("Character Education",                            "",             "sel",               "",           ""),
    entry("Dropout Prevention",                             "",             "reengagement",      "",           ""),
    entry("Transition to College",                          "",             "college_career",    "",           ""),
    entry("Supporting Postsecondary Success",               "",             "college_career",    "",           ""),
    entry("Developmental Education",                        "",             "college_career",    "",           ""),
];

#[rustfmt::skip]
const DOMAINS: &[Entry] = &[
    entry("Alphabetics",                       "ela_literacy",         "early_reading",         "", ""),
    entry("Phonological processing",           "ela_literacy",         "early_reading",         "", ""),
    entry("Print knowledge",                   "ela_literacy",         "early_reading",         "", ""),
    entry("Early reading/writing",             "ela_literacy",         "early_reading",         "", ""),
    entry("Comprehension",                     "ela_literacy",         "reading_comprehension", "", ""),
    entry("Writing achievement",               "ela_literacy",         "writing",               "", ""),
    entry("Reading fluency",                   "ela_literacy",         "",                      "", ""),
    entry("Reading achievement",               "ela_literacy",         "",                      "", ""),
    entry("Literacy achievement",              "ela_literacy",         "",                      "", ""),
    entry("English language arts achievement", "ela_literacy",         "",                      "", ""),
    entry("English language development",      "language_development", "mll_support",           "", ""),
    entry("English language proficiency",      "language_development", "mll_support",           "", ""),
    entry("General Mathematics Achievement",   "math",                 "",                      "", ""),
    entry("Geometry",                          "math",                 "",                      "", ""),
    entry("Geometry and Measurement",          "math",                 "",                      "", ""),
    entry("Number and Operations",             "math",                 "math_fluency",          "", ""),
    entry("Algebra",                           "math",                 "algebra_readiness",     "", ""),
    entry("Science achievement",               "science",              "",                      "", ""),
    entry("Social studies achievement",        "social_studies",       "",                      "", ""),
    entry("Social-emotional development",      "",                     "sel",                   "", ""),
    entry("Social outcomes",                   "",                     "sel",                   "", ""),
    entry("Emotional/internal behavior",       "",                     "sel",                   "", ""),
    entry("School attendance",                 "",                     "attendance",            "", ""),
    entry("Attendance (high school)",          "",                     "attendance",            "", ""),
    entry("School engagement",                 "",                     "student_engagement",    "", ""),
    entry("Staying in school",                 "",                     "reengagement",          "", ""),
    entry("Completing school",                 "",                     "reengagement",          "", ""),
    entry("College readiness",                 "",                     "college_career",        "", ""),
    entry("Access and enrollment",             "",                     "college_career",        "", ""),
];

/// Groups that a study is about when all its students belong to them.
const WHOLE_SAMPLE: &[(&str, &str)] = &[
    ("English learners", "mll"),
    ("free or reduced-price lunch", "low_income"),
    ("students with disabilities", "swd"),
];

/// Codes for the fields of a draft.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Scope {
    pub topics: Vec<String>,
    pub grade_bands: Vec<String>,
    pub subjects: Vec<String>,
    pub student_groups: Vec<String>,
    pub settings: Vec<String>,
}

/// What the reports of one intervention say together. A record has three topics; those that more rows speak
/// of come first.
pub(super) fn of(reports: &[Report]) -> Scope {
    let find = |table: &'static [Entry], name: &str| table.iter().find(|entry| entry.name == name);
    let entries: Vec<&Entry> = reports
        .iter()
        .flat_map(|report| [find(PROTOCOLS, &report.protocol), find(DOMAINS, &report.domain)])
        .flatten()
        .collect();
    let mut topics = distinct(entries.iter().map(|entry| entry.topic));
    topics.sort_by_key(|topic| std::cmp::Reverse(entries.iter().filter(|entry| entry.topic == topic).count()));
    topics.truncate(3);
    let mut bands: Vec<GradeBand> = Vec::new();
    let flagged = reports.iter().flat_map(|report| &report.grades).filter_map(|grade| GradeBand::of_grade(grade));
    let named = entries.iter().filter_map(|entry| GradeBand::parse(entry.grade_band).ok());
    let any_flag = reports.iter().any(|report| !report.grades.is_empty() || report.postsecondary);
    if any_flag {
        bands.extend(flagged)
    } else {
        bands.extend(named)
    }
    bands.sort_unstable();
    bands.dedup();
    let whole = |(words, group): &(&str, &'static str)| {
        let mut shares = reports.iter().flat_map(|report| &report.shares).filter(|(of, _)| of == words).peekable();
        (shares.peek().is_some() && shares.all(|(_, share)| *share == 100.0)).then_some(*group)
    };
    let groups = entries.iter().map(|entry| entry.student_group).chain(WHOLE_SAMPLE.iter().filter_map(whole));
    Scope {
        topics: topics.into_iter().filter(|topic| Topic::parse(topic).is_ok()).collect(),
        grade_bands: bands.iter().map(ToString::to_string).collect(),
        subjects: distinct(entries.iter().map(|entry| entry.subject)),
        student_groups: distinct(groups),
        settings: distinct(reports.iter().flat_map(|report| report.settings.iter().copied())),
    }
}

/// The name of an outcome domain, one space between words: the file has "Communication/ Language".
pub(super) fn domain(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").replace("/ ", "/")
}

/// A title out of a name: without trade marks and, if it is longer than a title may be, without what stands
/// in parentheses; then cut at a word.
pub(super) fn title(name: &str) -> String {
    let plain: String = name.chars().filter(|c| !matches!(c, '®' | '©' | '™')).collect();
    let tidy = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let title = tidy(&plain);
    if fits(&title) {
        return title;
    }
    let mut depth = 0_u32;
    let outside: String = title
        .chars()
        .filter(|c| {
            depth += u32::from(*c == '(');
            let keep = depth == 0;
            depth = depth.saturating_sub(u32::from(*c == ')'));
            keep
        })
        .collect();
    let mut cut = tidy(&outside).replace(" :", ":");
    while !fits(&cut) {
        let shorter =
            cut.trim_end_matches('…').rsplit_once(' ').map(|(first, _)| first.trim_end_matches([',', ':', '-']));
        match shorter {
            Some(first) => cut = format!("{first}…"),
            None => cut = cut.chars().take(super::super::parse::TITLE - 1).chain(['…']).collect(),
        }
    }
    cut
}

fn fits(title: &str) -> bool {
    title.chars().count() <= super::super::parse::TITLE
}

fn distinct<'a>(codes: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for code in codes.filter(|code| !code.is_empty()) {
        if !kept.iter().any(|other| other == code) {
            kept.push(code.to_owned());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::vocabulary::{Setting, StudentGroup, Subject};

    #[test]
    fn the_tables_hold_known_codes() {
        for entry in PROTOCOLS.iter().chain(DOMAINS) {
            assert!(entry.subject.is_empty() || Subject::parse(entry.subject).is_ok(), "{}", entry.name);
            assert!(entry.topic.is_empty() || Topic::parse(entry.topic).is_ok(), "{}", entry.name);
            assert!(
                entry.student_group.is_empty() || StudentGroup::parse(entry.student_group).is_ok(),
                "{}",
                entry.name
            );
            assert!(entry.grade_band.is_empty() || GradeBand::parse(entry.grade_band).is_ok(), "{}", entry.name);
        }
        assert!(DELIVERY.iter().all(|(_, code)| Setting::parse(code).is_ok()));
        assert!(WHOLE_SAMPLE.iter().all(|(_, code)| StudentGroup::parse(code).is_ok()));
    }

    #[test]
    fn titles_are_readable_and_fit() {
        for (name, expected) in [
            ("Pause, Prompt, & Praise ©", "Pause, Prompt, & Praise"),
            (
                "Great Explorations in Math and Science® (GEMS®) Space\u{a0}Science Sequence",
                "Great Explorations in Math and Science (GEMS) Space Science Sequence",
            ),
            (
                "Vocabulary Improvement Program for English Language Learners and Their Classmates (VIP)",
                "Vocabulary Improvement Program for English Language Learners and Their…",
            ),
            (
                "University of Chicago School Mathematics Project (UCSMP) Functions, Statistics, and Trigonometry",
                "University of Chicago School Mathematics Project Functions, Statistics, and…",
            ),
            (
                "Middle Grades Math (textbook series, published by a house with a very long name indeed)",
                "Middle Grades Math",
            ),
        ] {
            assert_eq!(title(name), expected);
        }
        assert!(fits(&title(&"x".repeat(300))));
        assert!(fits(&title(&"((((".repeat(100))));
    }
}
