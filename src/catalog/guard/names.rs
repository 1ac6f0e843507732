//! Names of students. A name alone is no student: practices name authors, schools and colleagues. What makes it one is what stands
//! beside it: a grade, an age, a parent, a fact of a child's file.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::words::{TITLES, Words};

/// Given names that are no ordinary words too, of many peoples of the United States.
static NAMES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("given_names.txt").split_whitespace().collect());

/// Roles of grown-ups: the name after one is not a child's.
const GROWN_UP: &[&str] = &[
    "principal",
    "teacher",
    "coach",
    "director",
    "counselor",
    "nurse",
    "librarian",
    "superintendent",
    "dean",
    "mayor",
    "professor",
    "author",
    "researcher",
    "consultant",
    "president",
    "chancellor",
    "psychologist",
    "secretary",
    "coordinator",
    "specialist",
    "interventionist",
    "paraprofessional",
    "aide",
    "colleague",
    "facilitator",
    "trainer",
    "by",
    "illustrator",
    "poet",
    "scientist",
    "senator",
    "governor",
    "artist",
    "activist",
    "mathematician",
    "novelist",
    "founder",
    "liaison",
    "custodian",
    "mentor",
    "leader",
    "chair",
];

/// What follows a name that is a place's or a thing's.
const THING: &[&str] = &[
    "school",
    "schools",
    "elementary",
    "middle",
    "high",
    "academy",
    "charter",
    "prep",
    "preparatory",
    "collegiate",
    "street",
    "avenue",
    "road",
    "park",
    "program",
    "method",
    "model",
    "foundation",
    "center",
    "university",
    "college",
    "institute",
    "library",
    "county",
    "city",
    "reading",
    "math",
    "phonics",
    "curriculum",
    "project",
    "act",
    "award",
    "awards",
    "day",
    "month",
    "system",
    "test",
    "tests",
    "assessment",
    "assessments",
    "scale",
    "taxonomy",
    "theory",
    "framework",
    "protocol",
    "strategy",
    "approach",
    "et",
    "museum",
    "hall",
    "house",
    "building",
    "campus",
    "network",
    "charts",
    "chart",
    "diagram",
    "circles",
    "press",
    "publishing",
    "books",
    "square",
    "bridge",
    "river",
    "neighborhood",
    "heights",
    "island",
    "hill",
    "language",
    "workshop",
    "kit",
    "cards",
    "squares",
    "scores",
    "levels",
    "inventory",
    "scholarship",
    "fellows",
    "wrote",
    "argues",
    "argue",
    "found",
    "developed",
    "describes",
    "recommends",
    "calls",
    "published",
    "writes",
    "suggests",
];

/// Capital words that are no names, where somebody might take them for one.
const NO_NAME: &[&str] = &[
    "i",
    "i'm",
    "i'd",
    "i've",
    "i'll",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mondays",
    "tuesdays",
    "wednesdays",
    "thursdays",
    "fridays",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "english",
    "spanish",
    "french",
    "mandarin",
    "chinese",
    "arabic",
    "haitian",
    "creole",
    "bengali",
    "russian",
    "somali",
    "vietnamese",
    "portuguese",
    "latin",
    "math",
    "science",
    "history",
    "art",
    "music",
    "reading",
    "writing",
    "algebra",
    "geometry",
    "biology",
    "chemistry",
    "physics",
    "government",
    "economics",
    "council",
    "support",
    "services",
    "team",
    "voice",
    "survey",
    "government's",
    "success",
    "handbook",
    "portal",
    "advisory",
    "council's",
    "union",
    "study",
    "study's",
    "information",
    "conference",
    "conferences",
    "led",
    "google",
    "zoom",
    "excel",
    "sheets",
    "chromebook",
    "chromebooks",
    "ipad",
    "ipads",
    "microsoft",
    "teams",
    "canvas",
    "schoology",
    "powerschool",
    "clever",
    "khan",
    "zearn",
    "lexia",
    "dibels",
    "wida",
    "fastbridge",
    "title",
    "tier",
    "grade",
    "grades",
    "room",
    "district",
    "charter",
    "school",
    "elementary",
    "middle",
    "high",
    "academy",
    "state",
    "federal",
    "city",
    "american",
    "african",
    "hispanic",
    "latino",
    "latina",
    "asian",
    "black",
    "white",
    "native",
    "indigenous",
    "christmas",
    "thanksgiving",
    "ramadan",
    "eid",
    "hanukkah",
    "diwali",
    "halloween",
    "easter",
    "covid",
    "covid-19",
    "internet",
    "wi-fi",
    "regents",
    "common",
    "core",
    "next",
    "generation",
    "new",
    "york",
    "north",
    "south",
    "east",
    "west",
    "texas",
    "california",
    "illinois",
    "jersey",
    "boston",
    "chicago",
    "brooklyn",
    "bronx",
    "queens",
    "manhattan",
    "houston",
    "denver",
    "the",
    "a",
    "an",
    "and",
    "or",
    "but",
    "if",
    "when",
    "while",
    "as",
    "at",
    "in",
    "on",
    "of",
    "for",
    "to",
    "with",
    "by",
    "each",
    "every",
    "all",
    "some",
    "most",
    "many",
    "our",
    "we",
    "they",
    "he",
    "she",
    "it",
    "his",
    "her",
    "their",
    "my",
    "your",
    "this",
    "that",
    "these",
    "those",
    "there",
    "then",
    "after",
    "before",
    "during",
    "because",
    "since",
    "so",
    "not",
    "no",
    "yes",
    "one",
    "two",
    "three",
    "everyone",
    "everybody",
    "nobody",
    "someone",
    "anyone",
    "who",
    "what",
    "why",
    "how",
    "where",
    "which",
    "students",
    "student",
    "teachers",
    "teacher",
    "parents",
    "parent",
    "families",
    "family",
    "staff",
    "principal",
    "counselor",
    "scholars",
    "freshmen",
    "seniors",
    "juniors",
    "sophomores",
];

const CHILD: &[&str] = &[
    "student",
    "boy",
    "girl",
    "kid",
    "child",
    "pupil",
    "grader",
    "freshman",
    "sophomore",
    "newcomer",
    "learner",
    "kindergartner",
    "kindergartener",
    "preschooler",
    "teen",
    "teenager",
    "scholar",
    "classmate",
    "tutee",
    "mentee",
    "first-grader",
    "second-grader",
    "third-grader",
    "fourth-grader",
    "fifth-grader",
    "sixth-grader",
    "seventh-grader",
    "eighth-grader",
    "ninth-grader",
    "tenth-grader",
    "eleventh-grader",
    "twelfth-grader",
    "son",
    "daughter",
    "nephew",
    "niece",
    "grandson",
    "granddaughter",
    "toddler",
    "sibling",
    "transfer",
    "reader",
];

const GRADER: &[&str] = &[
    "grader",
    "graders",
    "kindergartner",
    "kindergartener",
    "freshman",
    "sophomore",
    "preschooler",
    "first-grader",
    "second-grader",
    "third-grader",
    "fourth-grader",
    "fifth-grader",
    "sixth-grader",
    "seventh-grader",
    "eighth-grader",
    "ninth-grader",
    "tenth-grader",
    "eleventh-grader",
    "twelfth-grader",
    "year-old",
    "years-old",
    "newcomer",
    "first-grade",
    "second-grade",
    "third-grade",
    "fourth-grade",
    "fifth-grade",
    "sixth-grade",
    "seventh-grade",
    "eighth-grade",
    "ninth-grade",
    "tenth-grade",
    "eleventh-grade",
    "twelfth-grade",
    "homeroom",
    "kindergarten",
    "pre-k",
];

/// What belongs to a child: after "Jayden's".
const BELONGS: &[&str] = &[
    "mom",
    "mother",
    "dad",
    "father",
    "parents",
    "parent",
    "grandmother",
    "grandma",
    "grandfather",
    "grandparents",
    "guardian",
    "guardians",
    "aunt",
    "uncle",
    "brother",
    "sister",
    "siblings",
    "family",
    "stepfather",
    "stepmother",
    "iep",
    "504",
    "behavior",
    "diagnosis",
    "attendance",
    "absences",
    "score",
    "scores",
    "suspension",
    "suspensions",
    "medication",
    "seizures",
    "custody",
    "tantrums",
    "meltdowns",
    "outbursts",
    "desk",
    "backpack",
    "caseworker",
    "foster",
    "report",
    "grades",
    "grade",
    "lexile",
    "fluency",
    "disability",
    "autism",
    "adhd",
    "dyslexia",
    "anxiety",
    "transcript",
    "evaluation",
    "counselor",
    "teacher",
    "teachers",
    "probation",
    "immigration",
    "homework",
    "tardies",
    "detention",
    "running",
    "triennial",
    "speech",
    "allergy",
    "asthma",
    "plan",
    "file",
    "folder",
    "reading",
    "benchmark",
];

/// Who belongs to nobody but a child, where a sentence begins with "Zyaire's".
const FAMILY: &[&str] = &[
    "mom",
    "mother",
    "dad",
    "father",
    "grandmother",
    "grandma",
    "grandfather",
    "guardian",
    "aunt",
    "uncle",
    "stepfather",
    "stepmother",
    "iep",
    "caseworker",
];

/// What is told of children, at any place in the sentence of a given name.
const TOLD: &[&str] = &[
    "student",
    "boy",
    "girl",
    "kid",
    "child",
    "pupil",
    "classmate",
    "classmates",
    "iep",
    "504",
    "mom",
    "mother",
    "dad",
    "father",
    "grandma",
    "grandmother",
    "guardian",
    "foster",
    "suspended",
    "suspension",
    "expelled",
    "retained",
    "detention",
    "detentions",
    "tardy",
    "absent",
    "absences",
    "truant",
    "diagnosed",
    "diagnosis",
    "autism",
    "autistic",
    "adhd",
    "dyslexia",
    "dyslexic",
    "asthma",
    "seizure",
    "seizures",
    "anxiety",
    "depression",
    "nonverbal",
    "scored",
    "lexile",
    "wpm",
    "homeless",
    "shelter",
    "evicted",
    "custody",
    "bullied",
    "arrested",
    "pregnant",
    "undocumented",
    "asylum",
    "deported",
    "recess",
    "tantrum",
    "tantrums",
    "meltdown",
    "meltdowns",
    "outburst",
    "outbursts",
    "eloped",
    "cried",
    "bit",
    "fight",
    "fights",
    "he",
    "she",
    "his",
    "her",
    "him",
    "hers",
    "he's",
    "she's",
    "homework",
    "transferred",
    "enrolled",
    "decode",
    "decoding",
    "evaluated",
    "referral",
    "referrals",
    "counseling",
    "medication",
    "wheelchair",
    "speech",
    "paraprofessional",
    "caseworker",
    "parents",
    "reads",
    "tier",
    "failing",
    "failed",
    "repeating",
    "gpa",
    "bus",
    "expulsion",
    "missed",
    "skipped",
    "slept",
    "refused",
    "refuses",
    "threw",
    "hid",
    "stole",
    "stutters",
    "stutter",
    "shy",
    "graduated",
    "cries",
    "mentor",
    "tutor",
    "tutored",
    "tests",
    "truancy",
    "concussion",
    "allergic",
    "glasses",
    "struggled",
    "struggles",
    "fights",
    "runaway",
    "smiled",
    "bolted",
    "bolts",
    "sleeps",
    "whispers",
    "cousin",
    "probation",
    "hearing",
    "brothers",
    "twins",
    "evicted",
    "stepdad",
];

const FILE: &[&str] = &[
    "suspended",
    "expelled",
    "retained",
    "diagnosed",
    "absent",
    "homeless",
    "evaluated",
    "referred",
    "arrested",
    "bullied",
    "undocumented",
    "adopted",
    "pregnant",
    "hospitalized",
    "placed",
    "autistic",
    "nonverbal",
    "dyslexic",
    "tardy",
    "failing",
    "truant",
    "deaf",
    "blind",
    "held",
    "caught",
    "removed",
    "reading",
    "classified",
    "iep",
    "504",
    "adhd",
    "autism",
    "dyslexia",
    "seizures",
    "asthma",
    "tourette's",
    "anxiety",
    "depression",
    "epilepsy",
    "diabetes",
    "ptsd",
    "cerebral",
    "speech",
    "tantrums",
    "meltdowns",
    "outbursts",
    "detention",
    "tourette",
];

/// What stands before somebody whom a sentence goes on about.
const LEADS: &[&str] = &[
    "with", "for", "when", "until", "asked", "moved", "gave", "told", "let", "after", "because", "that", "before",
    "once", "sent", "saw", "and", "called", "placed", "found",
];

/// People whom lessons are about or by.
const KNOWN: &[(&str, &str)] = &[
    ("rosa", "parks"),
    ("martin", "luther"),
    ("cesar", "chavez"),
    ("maya", "angelou"),
    ("helen", "keller"),
    ("albert", "einstein"),
    ("lucy", "calkins"),
    ("robert", "marzano"),
    ("john", "hattie"),
    ("carol", "dweck"),
    ("maria", "montessori"),
    ("harry", "wong"),
    ("harry", "potter"),
    ("paulo", "freire"),
    ("anita", "archer"),
    ("jennifer", "serravallo"),
    ("george", "washington"),
    ("abraham", "lincoln"),
    ("frederick", "douglass"),
    ("nelson", "mandela"),
    ("anne", "frank"),
    ("william", "shakespeare"),
    ("jim", "knight"),
    ("benjamin", "bloom"),
    ("ruth", "bader"),
    ("amelia", "earhart"),
    ("jane", "goodall"),
    ("thomas", "jefferson"),
    ("james", "baldwin"),
    ("sandra", "cisneros"),
    ("malcolm", "x"),
];

pub(super) fn students(words: &Words<'_>) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut i = 0;
    while i < words.list.len() {
        let end = extent(words, i);
        if let Some(end) = end
            && !grown_up(words, i, end)
            && is_student(words, i, end)
        {
            let last = &words.list[end];
            let possessive = last.lower.strip_suffix("'s").map_or(last.to, |stem| last.from + stem.len());
            // The length in small letters may differ from that of the text.
            let to = if words.text.is_char_boundary(possessive) { possessive } else { last.to };
            found.push((words.list[i].from, to));
        }
        i = end.map_or(i, |end| end) + 1;
    }
    found.extend(initials(words));
    found
}

/// The last word of what looks like a name that begins here.
fn extent(words: &Words<'_>, at: usize) -> Option<usize> {
    // A sentence begins with a capital letter: "Ask Malik's parents".
    let opens = words.list[at].first && !given(words, at) && at + 1 < words.list.len() && given(words, at + 1);
    if !named(words, at) || opens && words.list[at].after.is_empty() && words.list[at + 1].capital {
        return None;
    }
    let mut end = at;
    // A surname or an initial.
    while end < at + 2 && end + 1 < words.list.len() {
        let next = &words.list[end + 1];
        let apart = !words.list[end].after.is_empty() && words.list[end].after != ".";
        let initial = next.capital && next.to - next.from == 1 && !next.first;
        let owned = words.list[end].lower.ends_with("'s");
        if apart || owned || next.first || !(named(words, end + 1) || initial) {
            break;
        }
        end += 1;
    }
    Some(end)
}

fn stem(word: &str) -> &str {
    word.strip_suffix("'s").or_else(|| word.strip_suffix('\'')).unwrap_or(word)
}

fn named(words: &Words<'_>, at: usize) -> bool {
    let word = &words.list[at];
    let text = &words.text[word.from..word.to];
    let stem = stem(&word.lower);
    word.capital
        && stem.chars().count() >= 2
        && text.chars().skip(1).any(char::is_lowercase)
        && !text.contains(|c: char| c.is_ascii_digit())
        && !NO_NAME.contains(&stem)
        && !NO_NAME.contains(&word.lower.as_str())
}

fn given(words: &Words<'_>, at: usize) -> bool {
    NAMES.contains(stem(words.at(Some(at))))
}

fn grown_up(words: &Words<'_>, at: usize, end: usize) -> bool {
    let before = words.near(at, -1);
    let pair = (stem(words.at(Some(at))), stem(words.at(at.checked_add(1))));
    let after = words.near(end, 1);
    let mut titled =
        TITLES.contains(&before) || GROWN_UP.contains(&before) || before == "the" && !CHILD.contains(&after);
    // "Dr. J. Smith", "the Wilson and Barton methods".
    titled |= words.list[at..=end].iter().any(|word| THING.contains(&stem(&word.lower)) && word.capital);
    titled
        || KNOWN.contains(&pair)
        || THING.contains(&after)
            && (words.list.get(end + 1).is_some_and(|w| w.capital) || !BELONGS.contains(&after))
            && words.list[end].after.is_empty()
}

fn is_student(words: &Words<'_>, at: usize, end: usize) -> bool {
    let given = given(words, at);
    let first = words.list[at].first;
    let owned = words.list[end].lower.ends_with("'s") || words.list[end].lower.ends_with('\'');
    let before = words.near(at, -1);
    let (from, to) = words.sentence(at);
    // A boy named Jayden; my student, Amira; a newcomer like Luis.
    if ["named", "called", "nicknamed"].contains(&before) {
        let low = at.saturating_sub(6).max(from);
        if words.list[low..at]
            .iter()
            .any(|word| CHILD.contains(&word.lower.as_str()) || GRADER.contains(&word.lower.as_str()))
        {
            return true;
        }
    }
    // One of our learners, Binta.
    let one_of =
        given && !first && words.list[at - 1].after.starts_with(',') && CHILD.contains(&before.trim_end_matches('s'));
    if one_of && (2..=5).any(|by| words.near(at, -by) == "one") {
        return true;
    }
    let as_example = before == "like" || before == "as" && words.near(at, -2) == "such";
    let head = if before == "like" {
        words.near(at, -2)
    } else if as_example {
        words.near(at, -3)
    } else {
        before
    };
    if (CHILD.contains(&head)
        || as_example && given && (head.ends_with('s') && CHILD.contains(&head.trim_end_matches('s'))))
        && at > 0
        && !words.list[at - 1].capital
        && !first
    {
        return given || !as_example && head != "transfer" && head != "reader";
    }
    let somebody = given || !first && !words.list[at].lower.ends_with('s') || !first && owned;
    if owned && BELONGS.contains(&words.near(end, 1)) && (given || !first) {
        return true;
    }
    if owned && given && ["third", "fourth", "fifth", "first", "second"].contains(&words.near(end, 1)) {
        return true;
    }
    let aside = words.list[end].after.starts_with(',') && !words.list[at].lower.ends_with("ly");
    if (somebody || aside) && aged(words, end) {
        return true;
    }
    if owned && FAMILY.contains(&words.near(end, 1)) {
        return true;
    }
    if (given || !first) && told_of(words, end) {
        return true;
    }
    if !given {
        // "The tutor sat with Musa until he finished": a single capital word after such a word, and the sentence goes on about one person.
        let alone = at == end && !first && !owned && LEADS.contains(&before);
        return alone && (end + 1..to).any(|k| ["he", "she"].contains(&words.at(Some(k))));
    }
    // A given name, with anything in the sentence that is told of children.
    let told = |word: &super::words::Word| {
        CHILD.contains(&word.lower.as_str()) && !["transfer", "reader", "scholar"].contains(&word.lower.as_str())
            || TOLD.contains(&word.lower.as_str())
            || GRADER.contains(&word.lower.as_str()) && word.lower != "graders"
    };
    let sentence = &words.list[from..to];
    let graded = (from..to).any(|k| {
        let next = words.near(k, 1);
        let ordinal = [
            "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
            "twelfth", "1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th", "11th", "12th",
        ];
        ["grade", "grades"].contains(&words.at(Some(k)))
            && (next.parse::<u8>().is_ok() || ordinal.contains(&words.near(k, -1)))
            || words.at(Some(k)) == "room" && next.starts_with(|c: char| c.is_ascii_digit())
            || ["my", "our"].contains(&words.at(Some(k))) && ["class", "homeroom"].contains(&next)
    });
    sentence.iter().any(told) || graded || next_sentence_tells(words, to)
}

/// The next sentence goes on about him or her.
fn next_sentence_tells(words: &Words<'_>, to: usize) -> bool {
    let Some(next) = words.list.get(to) else { return false };
    ["he", "she", "his", "her"].contains(&next.lower.as_str())
}

/// "Jayden, 9," "Jayden (grade 4)", "Amira, a third grader", "Luis, who is in second grade", "Ana in grade 3".
fn aged(words: &Words<'_>, end: usize) -> bool {
    let after = words.list[end].after.as_str();
    let next = words.near(end, 1);
    let age = next.parse::<u8>().is_ok_and(|age| (4..=20).contains(&age));
    if (after.starts_with(',') || after.contains('('))
        && (age || next == "age" || next == "aged" || next == "grade" || next == "gr")
    {
        return true;
    }
    let ahead = |by: isize| words.near(end, by);
    let joined = after.starts_with([',', '(', '-', '\u{2014}', '\u{2013}'])
        || ["is", "was", "who", "in", "from", "as", "entered", "started", "began", "joined", "a"].contains(&next);
    if !joined {
        return false;
    }
    for by in 1..=6 {
        let word = ahead(by);
        if word.is_empty() {
            return false;
        }
        if GRADER.contains(&word) && word != "graders"
            || CHILD.contains(&word)
                && word != "transfer"
                && word != "reader"
                && by <= 5
                && ["a", "an", "our", "one", "my", "the", "is", "was"]
                    .iter()
                    .any(|article| (1..by).any(|k| ahead(k) == *article))
        {
            return true;
        }
        let ordinal = word.ends_with("th") || ["first", "second", "third", "1st", "2nd", "3rd"].contains(&word);
        if ordinal && ahead(by + 1) == "grade" || word == "grade" && ahead(by + 1).parse::<u8>().is_ok() {
            return true;
        }
        if word == "room" && ahead(by + 1).starts_with(|c: char| c.is_ascii_digit())
            || ["class", "homeroom"].contains(&word) && ["my", "our", "her", "his"].contains(&ahead(by - 1))
        {
            return true;
        }
        if word == "years" && ahead(by + 1) == "old" {
            return true;
        }
    }
    false
}

/// "Jayden has an IEP", "Amira was suspended twice", "Luis reads at a 2.4 level".
fn told_of(words: &Words<'_>, end: usize) -> bool {
    let verb = words.near(end, 1);
    if !words.list[end].after.is_empty() {
        return false;
    }
    if ["has", "had", "was", "is", "got", "gets", "received", "keeps", "been"].contains(&verb) {
        return (2..=6).any(|by| FILE.contains(&words.near(end, by)));
    }
    false
}

/// "our student J.R.", "a third grader, M.,".
fn initials(words: &Words<'_>) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (i, word) in words.list.iter().enumerate() {
        let letter = word.capital && word.to - word.from == 1 && word.after.starts_with('.');
        if !letter || word.first || !(CHILD.contains(&words.near(i, -1)) || GRADER.contains(&words.near(i, -1))) {
            continue;
        }
        let mut end = i;
        while words
            .list
            .get(end + 1)
            .is_some_and(|next| next.capital && next.to - next.from == 1 && next.from == words.list[end].to + 1)
        {
            end += 1;
        }
        // A sentence may end with "student A."; two letters or words that go on are somebody.
        let more = words.list.get(end + 1).is_some_and(|next| !next.first && !next.capital);
        if end > i || more && !words.list[i - 1].capital {
            found.push((word.from, words.list[end].to));
        }
    }
    found
}
