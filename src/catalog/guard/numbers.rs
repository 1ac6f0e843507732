//! Numbers that name somebody: addresses, phone numbers, birth dates, the number of a student.

use super::words::Words;

type Span = (usize, usize);

/// E-mail addresses, also those that are written around: "name at school dot org".
pub(super) fn emails(words: &Words<'_>) -> Vec<Span> {
    let text = words.text;
    let mut found = Vec::new();
    for (at, _) in text.match_indices('@') {
        let name = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
        let from = text[..at]
            .rfind(|c| !name(c))
            .map_or(0, |before| before + text[before..].chars().next().map_or(1, char::len_utf8));
        let domain: usize = text[at + 1..]
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
            .map(char::len_utf8)
            .sum();
        let domain = text[at + 1..at + 1 + domain].trim_end_matches(['.', '-']);
        if from < at && domain.rsplit_once('.').is_some_and(|(_, end)| end.len() >= 2) {
            found.push((from, at + 1 + domain.len()));
        }
    }
    for (i, word) in words.list.iter().enumerate() {
        let ends = ["org", "com", "net", "edu", "gov", "us"];
        if word.lower == "at" && i > 0 && words.near(i, 2) == "dot" && ends.contains(&words.near(i, 3)) {
            found.push((words.list[i - 1].from, words.list[i + 3].to));
        }
    }
    found
}

/// Phone numbers of the United States: 518-555-0142, (518) 555-0142, 518.555.0142, +1 518 555 0142, 555-0142.
pub(super) fn phones(words: &Words<'_>) -> Vec<Span> {
    let text = words.text;
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let c = rest.chars().next().unwrap_or(' ');
        let before = text[..at].chars().next_back();
        let free = !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '$'));
        if !(free && (c.is_ascii_digit() || c == '(' || c == '+')) {
            at += c.len_utf8();
            continue;
        }
        let run: usize = rest
            .chars()
            .take_while(|c| {
                c.is_ascii_digit() || matches!(c, '(' | ')' | '+' | '.' | '-' | ' ' | '\u{2011}' | '\u{2013}')
            })
            .map(char::len_utf8)
            .sum();
        let piece = rest[..run].trim_end_matches(|c: char| !c.is_ascii_digit());
        let groups: Vec<usize> =
            piece.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).map(str::len).collect();
        let seven = groups == [3, 4] && (piece.contains('-') || piece.contains('.')) && !piece.contains(' ');
        let spoken = groups == [10] && {
            let index = words.list.iter().position(|word| word.from >= at).unwrap_or(0);
            let (low, high) = (index.saturating_sub(5), (index + 1).min(words.list.len()));
            words.list[low..high].iter().any(|w| CALLS.contains(&w.lower.as_str()))
        };
        let grown = matches!(groups.as_slice(), [3, 3, 4] | [1, 3, 3, 4] | [1, 10] | [3, 7] | [6, 4]);
        let next = text[at + piece.len()..].chars().next();
        if (seven || grown || spoken) && !next.is_some_and(char::is_alphanumeric) {
            found.push((at, at + piece.len()));
        }
        at += piece.len().max(c.len_utf8());
    }
    found
}

const CALLS: &[&str] =
    &["call", "calls", "phone", "text", "texts", "cell", "tel", "mobile", "home", "number", "reach", "dial", "contact"];

const MONTHS: &[&str] = &[
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
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
];

const A_CHILD: &[&str] = &["he", "she", "student", "boy", "girl", "child", "son", "daughter", "who", "his", "her"];

/// Words about birth with a date near them.
pub(super) fn birth_dates(words: &Words<'_>) -> Vec<Span> {
    let mut found = Vec::new();
    for (i, word) in words.list.iter().enumerate() {
        let told = match word.lower.as_str() {
            "born" | "dob" | "birthdate" | "birthday" | "birthdays" | "birthdates" | "d.o.b" => true,
            "birth" => {
                ["date", "day"].contains(&words.near(i, 1)) || words.near(i, -2) == "date" || words.near(i, -1) == "of"
            }
            "bday" | "b-day" => true,
            "b" => words.near(i, -2) == "d" && words.near(i, -1) == "o",
            _ => false,
        };
        if !told {
            continue;
        }
        let until = (i + 8).min(words.list.len());
        // A program is born in a year too: a year alone tells of a child only beside one.
        let year_alone = |at: usize| {
            words.list[at].lower.len() == 4
                && !MONTHS.contains(&words.near(at, -1))
                && words.list[at].lower.bytes().all(|b| b.is_ascii_digit())
        };
        let (first, last) = words.sentence(i);
        let child = words.list[first..last].iter().any(|w| A_CHILD.contains(&w.lower.as_str()))
            || i >= 2
                && words.list[i - 2].capital
                && ["was", "is"].contains(&words.near(i, -1))
                && !words.list[i - 2].first;
        let told = |at: &usize| is_date(words, *at) && (child || word.lower != "born" || !year_alone(*at));
        if let Some(at) = (i + 1..until).find(told) {
            // To the end of the date.
            let mut end = at;
            while end + 1 < until && words.list[end + 1].lower.starts_with(|c: char| c.is_ascii_digit()) {
                end += 1;
            }
            found.push((word.from, words.list[end].to));
        } else if i > 0 {
            // "May 3 birthday", "3/14/2015 (birthday)".
            let low = i.saturating_sub(4);
            let before = (low..i).find(|at| is_date(words, *at) && words.list[*at].lower.len() > 2);
            if let Some(at) = before
                && (at + 1..=i).all(|k| !words.list[k].first)
            {
                found.push((words.list[at].from, word.to));
            }
        }
    }
    found
}

/// Whether a day of a life begins here: a month with a number, 5/3/2014, 2014-05-03, a year that a student may be born in.
fn is_date(words: &Words<'_>, at: usize) -> bool {
    let word = &words.list[at];
    let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let month = MONTHS.contains(&word.lower.as_str())
        && (digit(words.near(at, 1))
            || digit(words.near(at, -1))
            || words.near(at, -1) == "of" && digit(words.near(at, -2)));
    let year = word.lower.len() == 4 && word.lower.parse::<u16>().is_ok_and(|year| (2000..2035).contains(&year));
    let dashed = word.lower.matches('-').count() == 2 && word.lower.split('-').all(digit);
    let slashed = word.after.starts_with('/') && digit(&word.lower) && digit(words.near(at, 1));
    let dotted = word.after == "."
        && digit(&word.lower)
        && words.list.get(at + 1).is_some_and(|next| digit(&next.lower) && next.from == word.to + 1);
    month || year || dashed || slashed || dotted
}

/// Numbers of a student: after words that announce one, or in the form of a Social Security number.
pub(super) fn ids(words: &Words<'_>) -> Vec<Span> {
    let mut found = Vec::new();
    for (i, word) in words.list.iter().enumerate() {
        let parts: Vec<&str> = word.lower.split('-').collect();
        let social = parts.len() == 3
            && parts.iter().map(|part| part.len()).eq([3, 2, 4])
            && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit() || b == b'x'));
        if social {
            found.push((word.from, word.to));
            continue;
        }
        let announced = match word.lower.as_str() {
            "osis" | "ssn" | "ssid" | "sasid" | "suid" | "studentid" | "lasid" | "pin" => true,
            "id" | "ids" => true,
            "number" | "no" | "num" => {
                let before = words.near(i, -1);
                [
                    "student",
                    "id",
                    "student's",
                    "lunch",
                    "case",
                    "state",
                    "security",
                    "identification",
                    "file",
                    "record",
                    "locker",
                    "badge",
                ]
                .contains(&before)
            }
            "identifier" | "identification" => true,
            "security" => words.near(i, -1) == "social",
            "student" | "pupil" | "students" => word.after.contains('#'),
            _ => false,
        };
        if !announced {
            continue;
        }
        let until = (i + 6).min(words.list.len());
        let number = |at: &usize| {
            let text = &words.list[*at].lower;
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            let year = text.len() == 4 && (text.starts_with("19") || text.starts_with("20"));
            digits >= 4
                && digits * 2 >= text.len()
                && !year
                && text.split('-').all(|part| !part.is_empty())
                && !(text.len() == 9 && text.as_bytes()[4] == b'-')
        };
        if let Some(at) = (i + 1..until).find(number) {
            let student = ["student", "student's", "state", "lunch", "pupil", "school"].contains(&words.near(i, -1));
            let from = if student && i > 0 { words.list[i - 1].from } else { word.from };
            found.push((from, words.list[at].to));
        }
    }
    // "student 20418837", "#20418837 (grade 4)".
    for (i, word) in words.list.iter().enumerate() {
        let long = (6..=12).contains(&word.lower.len()) && word.lower.bytes().all(|b| b.is_ascii_digit());
        let (from, to) = words.sentence(i);
        let cue = |w: &super::words::Word| {
            ["student", "pupil", "grader", "learner", "osis", "roster", "transcript"]
                .contains(&w.lower.trim_end_matches("'s"))
        };
        if long && words.list[from.max(i.saturating_sub(5))..to.min(i + 6)].iter().any(cue) {
            found.push((word.from, word.to));
        }
    }
    found
}
