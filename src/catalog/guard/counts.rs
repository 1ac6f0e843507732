//! Counts of fewer than ten students. How many sit together is no count of anybody: "groups of 3 students" is how a lesson runs, "3
//! students were suspended" is three children.

use super::words::Words;

const CHILDREN: &[&str] = &[
    "student",
    "students",
    "child",
    "children",
    "pupil",
    "pupils",
    "kid",
    "kids",
    "learner",
    "learners",
    "scholar",
    "scholars",
    "boy",
    "boys",
    "girl",
    "girls",
    "freshman",
    "freshmen",
    "sophomore",
    "sophomores",
    "grader",
    "graders",
    "kindergartner",
    "kindergartners",
    "kindergartener",
    "kindergarteners",
    "senior",
    "seniors",
    "junior",
    "juniors",
    "ell",
    "ells",
    "reader",
    "readers",
    "newcomer",
    "newcomers",
    "teen",
    "teens",
    "teenager",
    "teenagers",
    "sibling",
    "siblings",
];

const NUMBERS: &[&str] = &["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/// Words that may stand between a number and the children.
const BETWEEN: &[&str] = &[
    "of",
    "our",
    "the",
    "my",
    "these",
    "those",
    "them",
    "new",
    "male",
    "female",
    "black",
    "white",
    "latino",
    "latina",
    "latinx",
    "hispanic",
    "asian",
    "african",
    "american",
    "native",
    "homeless",
    "autistic",
    "gifted",
    "special",
    "education",
    "ed",
    "multilingual",
    "english",
    "learner",
    "language",
    "emergent",
    "bilingual",
    "undocumented",
    "foster",
    "immigrant",
    "refugee",
    "disabled",
    "transgender",
    "kindergarten",
    "first-grade",
    "second-grade",
    "third-grade",
    "fourth-grade",
    "fifth-grade",
    "sixth-grade",
    "seventh-grade",
    "eighth-grade",
    "ninth-grade",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "struggling",
    "chronically",
    "absent",
    "low-income",
    "iep",
    "grade",
    "high-needs",
    "returning",
    "transfer",
    "suspended",
    "expelled",
    "ell",
    "out",
    "remaining",
    "same",
    "other",
    "young",
    "older",
    "1st",
    "2nd",
    "3rd",
    "4th",
    "5th",
    "6th",
    "7th",
    "8th",
    "9th",
    "10th",
    "11th",
    "12th",
    "tenth",
    "eleventh",
    "twelfth",
    "different",
    "focus",
    "pregnant",
    "arrested",
    "retained",
    "referred",
    "diagnosed",
    "failing",
    "blind",
    "deaf",
    "disruptive",
    "quiet",
    "brand-new",
];

/// How a lesson is set up, not who was counted: before the number.
const SET_UP: &[&str] = &[
    "groups",
    "group",
    "pairs",
    "pair",
    "teams",
    "team",
    "trios",
    "tables",
    "table",
    "sets",
    "set",
    "per",
    "each",
    "every",
    "to",
    "or",
    "than",
    "most",
    "least",
    "maximum",
    "minimum",
    "grade",
    "grades",
    "tier",
    "level",
    "year",
    "week",
    "cohort",
    "station",
    "stations",
    "step",
    "period",
    "unit",
    "lesson",
    "chapter",
    "room",
    "and",
    "through",
    "page",
    "part",
    "day",
    "sector",
    "about",
    "choose",
    "pick",
    "call",
    "ask",
    "invite",
    "select",
    "for",
    "with",
    "between",
    "fewer",
    "only-when",
    "limit",
    "cap",
    "any",
    "circles",
    "circle",
    "ratio",
    "section",
    "version",
    "number",
    "phase",
    "round",
    "session",
    "goal",
    "rule",
    "zone",
];

/// The same, after the children.
const SET_UP_AFTER: &[&str] = &[
    "per", "each", "every", "max", "maximum", "minimum", "sit", "share", "work", "take", "can", "will", "may",
    "should", "rotate", "meet", "or",
];

/// What is told of children who were counted.
const TOLD: &[&str] = &[
    "was",
    "were",
    "had",
    "has",
    "have",
    "did",
    "didn't",
    "got",
    "made",
    "left",
    "went",
    "came",
    "moved",
    "missed",
    "passed",
    "failed",
    "scored",
    "improved",
    "met",
    "dropped",
    "repeated",
    "retained",
    "suspended",
    "expelled",
    "referred",
    "identified",
    "diagnosed",
    "qualified",
    "exited",
    "tested",
    "reached",
    "grew",
    "gained",
    "fell",
    "stayed",
    "struggled",
    "enrolled",
    "transferred",
    "returned",
    "received",
    "graduated",
    "became",
    "remained",
    "lost",
    "needed",
    "ran",
    "refused",
    "cried",
    "skipped",
    "iep",
    "ieps",
    "504",
    "autism",
    "adhd",
    "dyslexia",
    "homeless",
    "foster",
    "pregnant",
    "arrested",
    "undocumented",
    "only",
    "just",
    "are",
    "is",
    "took",
    "showed",
    "joined",
    "began",
    "started",
];

/// What a number stands behind where it names a thing: "year 2".
const LABELS: &[&str] = &[
    "group", "year", "week", "cohort", "unit", "lesson", "round", "session", "day", "phase", "class", "period",
    "section",
];

/// What makes it one of several instead.
const WHICH: &[&str] = &[
    "last", "this", "that", "first", "second", "third", "next", "same", "whole", "final", "pilot", "control", "the",
    "one",
];

/// Counts of fewer than ten students, each with the children it counts.
pub(super) fn small(words: &Words<'_>) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (i, word) in words.list.iter().enumerate() {
        let digits = word.lower.parse::<u32>().is_ok_and(|n| n < 10);
        let spelled = NUMBERS.iter().position(|n| *n == word.lower);
        if !(digits || spelled.is_some()) || attached(words, i) {
            continue;
        }
        // n = 4
        if digits && words.near(i, -1) == "n" && words.list[i - 1].after.contains('=') {
            found.push((words.list[i - 1].from, word.to));
            continue;
        }
        let Some(noun) = noun_after(words, i) else { continue };
        let before = words.near(i, -1);
        // "Year 2 students" are named so, "last year 2 students" are counted; "one in five" is a share.
        let dated = LABELS.contains(&before) && WHICH.contains(&words.near(i, -2));
        if before == "in" && (NUMBERS.contains(&words.near(i, -2)) || words.near(i, -2).parse::<u32>().is_ok()) {
            continue;
        }
        let ratio = words.near(i, 1) == "of" || words.near(i, 1) == "out";
        let group_of = before == "of"
            && [
                "groups", "group", "pairs", "pair", "teams", "team", "sets", "set", "trios", "tables", "table",
                "circles", "circle", "clusters", "batches", "squads", "handful", "rows", "cohorts", "sections",
                "maximum", "minimum", "rounds", "classes",
            ]
            .contains(&words.near(i, -2).trim_start_matches("half-"));
        let (from, to) = words.sentence(i);
        // "Only 3 students" counts, "with up to 3 students" sets up.
        let told = words.list[from..to].iter().enumerate().any(|(k, w)| {
            let at = from + k;
            at != i && TOLD.contains(&w.lower.as_str()) && (at > noun || at + 3 > i)
        });
        let set_up = group_of
            || before == "of" && !ratio
            || SET_UP.contains(&before) && !dated
            || SET_UP_AFTER.contains(&words.near(noun, 1))
            || words.near(noun, 1) == "at" && ["a", "each", "every", "one"].contains(&words.near(noun, 2))
            || words.near(noun, 1) == "in" && ["a", "each", "every"].contains(&words.near(noun, 2))
            || words.near(noun, 1) == "a"
                && ["day", "week", "month", "table", "group", "time"].contains(&words.near(noun, 2));
        // "Have 2 students hand out the boards": an order, no count.
        let ordered = ["have", "let", "make", "get", "tell", "show", "give", "send", "watch", "help"].contains(&before)
            && (words.list[i - 1].first || ["to", "then", "and", "must", "should"].contains(&words.near(i, -2)));
        let set_up = set_up || ordered;
        let went_on = before == "and" && told && TOLD.contains(&words.near(noun, 1));
        let strict = ["for", "with", "and", "about", "ask", "call", "invite", "choose", "pick", "select", "between"]
            .contains(&before);
        let counted = match spelled {
            // "One student reads aloud" happens in each class.
            Some(1) => {
                let next = words.near(noun, 1);
                ratio && told
                    || told
                        && [
                            "was", "were", "had", "has", "who", "with", "got", "left", "moved", "missed", "failed",
                            "is",
                        ]
                        .contains(&next)
                        && hard(words, from, to)
            }
            Some(_) => told || ratio,
            None if word.lower == "1" => told,
            None => true,
        };
        if counted && (!set_up || went_on || strict && told && hard(words, from, to) || ratio && told && !group_of) {
            found.push((word.from, words.list[noun].to));
        }
    }
    found
}

/// Whether the sentence tells something of a child's file.
fn hard(words: &Words<'_>, from: usize, to: usize) -> bool {
    const HARD: &[&str] = &[
        "suspended",
        "suspensions",
        "expelled",
        "retained",
        "iep",
        "ieps",
        "504",
        "autism",
        "autistic",
        "adhd",
        "dyslexia",
        "homeless",
        "foster",
        "diagnosed",
        "arrested",
        "pregnant",
        "undocumented",
        "disability",
        "disabilities",
        "failed",
        "failing",
        "dropped",
        "absent",
        "evicted",
        "incarcerated",
        "deported",
        "hospitalized",
        "shelter",
        "custody",
        "held",
        "referred",
        "lost",
        "died",
        "trauma",
        "abused",
        "neglected",
        "repeated",
        "lunch",
    ];
    words.list[from..to].iter().any(|word| HARD.contains(&word.lower.as_str()))
}

/// Whether the digit belongs to something longer: 3-5, 3.5, 1:1, 3%, $5, K-2, 2nd.
fn attached(words: &Words<'_>, at: usize) -> bool {
    let word = &words.list[at];
    let touches = |c: Option<char>| {
        c.is_some_and(|c| matches!(c, ':' | '%' | '$' | '/' | '-' | '\u{2013}' | '\u{2014}' | '#' | '+'))
    };
    let next = words.text[word.to..].chars().next();
    let before = words.text[..word.from].chars().next_back();
    let decimal = next == Some('.') && words.text[word.to + 1..].starts_with(|c: char| c.is_ascii_digit())
        || matches!(before, Some('.' | ',')) && words.text[..word.from - 1].ends_with(|c: char| c.is_ascii_digit());
    let minus = before == Some('-') && words.text[..word.from - 1].ends_with(char::is_whitespace);
    touches(next) || touches(before) && !minus || decimal || (word.after.starts_with([')', ':', '.']) && word.first)
}

/// The children that a number counts, where it does.
fn noun_after(words: &Words<'_>, at: usize) -> Option<usize> {
    for by in 1..=5 {
        let next = words.near(at, by);
        if next.is_empty()
            || words.list[at..at + by.unsigned_abs()].iter().any(|w| w.after.contains([',', ';', ':', '.']))
        {
            return None;
        }
        let number = next.parse::<u32>().is_ok() || NUMBERS.contains(&next);
        let follows = words.near(at, by + 1);
        // "2 third grade students": go on to the last noun.
        if CHILDREN.contains(&next) && !(CHILDREN.contains(&follows) && follows != "students'") {
            let desk = [
                "teachers",
                "teacher",
                "teams",
                "desks",
                "voice",
                "voices",
                "led",
                "survey",
                "surveys",
                "rights",
                "council",
                "work",
                "work,",
                "leadership",
            ]
            .contains(&follows);
            return (!desk && !next.ends_with('\'')).then_some(at + by.unsigned_abs());
        }
        let ratio = number && words.near(at, by - 1) == "of";
        if !(BETWEEN.contains(&next) || CHILDREN.contains(&next) || ratio) {
            return None;
        }
    }
    None
}
