//! Credit: rules that are data (J-12), and what somebody earned by them. Programs differ by state; nothing here knows one.
//! Types and rules are here, without I/O; `programs` keeps the programs, `offered` what a session gives.

mod offered;
mod products;
mod programs;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::offered::{NewCredit, of_session, of_session_in, of_sessions, offer_of, set_for_session};
pub use self::products::{ProductLine, Products, product_lines, products_in, set_products};
pub use self::programs::{
    Example, NewProgram, add_program, change_program, enter, examples, program, programs, set_current,
};
use super::session::Session;
use crate::platform::ids::typed_id;

typed_id!(
    /// A credit program.
    ProgramId
);

/// A program by which hours of a session count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its id.
    pub id: ProgramId,
    /// Its short name in files and addresses: `ny_ctle`. Never changes.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its rules.
    pub rules: Rules,
    /// Whether it can be chosen for new sessions.
    pub current: bool,
}

/// What a program asks for and gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// What it counts in: "CTLE hours", "PDPs".
    pub unit: String,
    /// Minutes of instruction in one unit: 60.
    pub unit_minutes: u32,
    /// Units are counted in steps of so many hundredths, always rounded down: 100 whole units, 25 quarters, 1 as it is.
    pub step: u32,
    /// Below so many hundredths of a unit nothing is earned: on one topic, over the whole session or series.
    pub minimum: u32,
    /// What units are split into; empty: not split.
    pub categories: Vec<Category>,
    /// What the certificate says beside what all say (J-13): "IEIN", "TEACH ID". The person fills it in on paper; nothing of
    /// it is kept.
    pub blanks: Vec<String>,
    /// So many years the sponsor keeps the record.
    pub retention_years: u32,
    /// Who may sponsor, in words.
    pub sponsors: String,
    /// Who needs it, in words; and who does not.
    pub needed_by: String,
    /// Codes of the sectors whose staff need not have it: nothing asks them for it.
    pub not_needed_by: Vec<String>,
    /// Whether the person must hand in a product before anything is earned.
    pub product: bool,
}

/// One part of a program's units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// `content`.
    pub code: String,
    /// "Content".
    pub label: String,
}

/// What a session gives by a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionCredit {
    /// The program.
    pub program: Program,
    /// Share of the time by code of the category, in percent; together 100, or empty where the program has none.
    pub categories: BTreeMap<String, u32>,
    /// Who sponsors it; need not be the host.
    pub sponsor_name: String,
    /// The sponsor's number with the state.
    pub sponsor_number: Option<String>,
    /// Who signs.
    pub signer: String,
}

/// What somebody earned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Award {
    /// Hundredths of a unit.
    pub units: u32,
    /// The same by code of the category; together as much as `units`.
    pub categories: BTreeMap<String, u32>,
}

/// What so many minutes of being there earn; `None` where it is less than the program's minimum or step. Always rounded down:
/// a state's auditor counts minutes. The parts by category add up to the whole exactly.
pub fn award(credit: &SessionCredit, minutes: i64) -> Option<Award> {
    let rules = &credit.program.rules;
    let minutes = u64::try_from(minutes).ok()?;
    let exact = (minutes * 100).checked_div(u64::from(rules.unit_minutes))?;
    let step = u64::from(rules.step.max(1));
    let units = exact - exact % step;
    if units == 0 || units < u64::from(rules.minimum) {
        return None;
    }
    Some(Award { units: u32::try_from(units).ok()?, categories: split(credit, units) })
}

/// Splits units by the shares of the categories: each rounded down, and what is left over goes to the largest remainders;
/// equal ones in the order of the program.
fn split(credit: &SessionCredit, units: u64) -> BTreeMap<String, u32> {
    if credit.categories.values().sum::<u32>() != 100 {
        return BTreeMap::new();
    }
    let place = |code: &str| credit.program.rules.categories.iter().position(|category| category.code == code);
    let mut parts: Vec<(&String, u64, u64)> = credit
        .categories
        .iter()
        .filter(|(_, share)| **share > 0)
        .map(|(code, share)| (code, units * u64::from(*share) / 100, units * u64::from(*share) % 100))
        .collect();
    let left = units - parts.iter().map(|(_, whole, _)| whole).sum::<u64>();
    parts.sort_by_key(|(code, _, rest)| (std::cmp::Reverse(*rest), place(code).unwrap_or(usize::MAX)));
    let one_more = usize::try_from(left).unwrap_or_default();
    parts.iter_mut().take(one_more).for_each(|(_, whole, _)| *whole += 1);
    parts.into_iter().map(|(code, whole, _)| (code.clone(), u32::try_from(whole).unwrap_or(u32::MAX))).collect()
}

/// Minutes of a session for whoever is there all the time.
pub fn minutes_of_all(session: &Session) -> i64 {
    session.meetings.iter().map(|meeting| (meeting.ends_at - meeting.starts_at).num_seconds()).sum::<i64>() / 60
}

/// Hundredths as people write them: "3", "2.5", "0.25".
pub fn hundredths(units: u32) -> String {
    let (whole, rest) = (units / 100, units % 100);
    match rest {
        0 => whole.to_string(),
        rest if rest % 10 == 0 => format!("{whole}.{}", rest / 10),
        rest => format!("{whole}.{rest:02}"),
    }
}

impl SessionCredit {
    /// The award in words: "3 CTLE hours (1.5 Content, 1.5 Pedagogy)".
    pub fn words(&self, award: &Award) -> String {
        let whole = format!("{} {}", hundredths(award.units), self.program.rules.unit);
        let known = &self.program.rules.categories;
        let mut parts: Vec<(usize, String)> = award
            .categories
            .iter()
            .map(|(code, units)| {
                let at = known.iter().position(|category| category.code == *code);
                let label = at.map_or(code.as_str(), |at| known[at].label.as_str());
                (at.unwrap_or(usize::MAX), format!("{} {label}", hundredths(*units)))
            })
            .collect();
        parts.sort();
        let parts: Vec<String> = parts.into_iter().map(|(_, words)| words).collect();
        if parts.is_empty() { whole } else { format!("{whole} ({})", parts.join(", ")) }
    }

    /// Whether the staff of a sector need not have it: nothing asks them for it, and nothing keeps it from them.
    pub fn is_needless_for(&self, sector: &str) -> bool {
        self.program.rules.not_needed_by.iter().any(|code| code == sector)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credit(rules: Rules, shares: &[(&str, u32)]) -> SessionCredit {
        SessionCredit {
            program: Program { id: ProgramId::fresh(), code: "x".into(), name: "X".into(), rules, current: true },
            categories: shares.iter().map(|(code, share)| ((*code).to_owned(), *share)).collect(),
            sponsor_name: "Rivermark Teacher Center".into(),
            sponsor_number: None,
            signer: "Ada Quill".into(),
        }
    }

    fn rules(unit_minutes: u32, step: u32, minimum: u32) -> Rules {
        Rules { unit: "hours".into(), unit_minutes, step, minimum, ..Rules::default() }
    }

    fn units(credit: &SessionCredit, minutes: i64) -> Option<u32> {
        award(credit, minutes).map(|award| award.units)
    }

    #[test]
    fn programs_count_the_same_minutes_each_in_its_way() {
        let whole = credit(rules(60, 100, 100), &[]);
        assert_eq!([59, 60, 179, 180].map(|m| units(&whole, m)), [None, Some(100), Some(200), Some(300)]);
        let quarters = credit(rules(60, 25, 0), &[]);
        assert_eq!([14, 15, 100, 179].map(|m| units(&quarters, m)), [None, Some(25), Some(150), Some(275)]);
        let ten = credit(rules(60, 100, 1000), &[]);
        assert_eq!([599, 600, 719].map(|m| units(&ten, m)), [None, Some(1000), Some(1100)]);
        let exact = credit(rules(50, 1, 0), &[]);
        assert_eq!([0, 1, 100].map(|m| units(&exact, m)), [None, Some(2), Some(200)]);
        // Rules that say nothing give nothing, and nothing is less than no time.
        assert_eq!(units(&credit(Rules::default(), &[]), 600), None);
        assert_eq!(units(&whole, -60), None);
    }

    #[test]
    fn categories_add_up_exactly() {
        let category = |code: &str| Category { code: code.into(), label: code.to_uppercase() };
        let rules = Rules { categories: ["b", "a", "c"].map(category).into(), ..rules(60, 1, 0) };
        let thirds = credit(rules.clone(), &[("a", 33), ("b", 33), ("c", 34)]);
        for minutes in 1..600 {
            let award = award(&thirds, minutes).unwrap();
            assert_eq!(award.categories.values().sum::<u32>(), award.units, "{minutes}");
        }
        let made = award(&thirds, 60).unwrap();
        assert_eq!(made.categories.values().copied().collect::<Vec<_>>(), [33, 33, 34]);
        assert_eq!(thirds.words(&made), "1 hours (0.33 B, 0.33 A, 0.34 C)");
        // 0.5 and 0.5 of one hundredth: the program's order decides.
        let halves = credit(rules, &[("a", 50), ("b", 50)]);
        let odd = Award { units: 1, categories: split(&halves, 1) };
        assert_eq!(odd.categories, BTreeMap::from([("a".to_owned(), 0), ("b".to_owned(), 1)]));
    }

    #[test]
    fn hundredths_are_written_as_people_do() {
        assert_eq!([300, 250, 25, 5, 0].map(hundredths), ["3", "2.5", "0.25", "0.05", "0"]);
    }
}
