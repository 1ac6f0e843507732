//! Credit: rules that are data (J-12), and what somebody earned by them. Programs differ by state; nothing here knows one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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

/// What so many minutes of being there earn; `None` where it is less than the program's minimum or step.
pub fn award(_credit: &SessionCredit, _minutes: i64) -> Option<Award> {
    None
}
