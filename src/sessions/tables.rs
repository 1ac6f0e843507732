//! Who sits with whom (J-10): each sector at each table, no more than two of one school, tables of the same size.
//!
//! People are put into one line, sector after sector and in it school after school, and dealt to the tables in turn like
//! cards. People who stand together in that line go to different tables as long as there are tables: so a sector of at least
//! as many people as there are tables is at each of them, a school is at a table at most one time more than at another, and
//! so are the sizes. No other way does better by any of the three.

use std::collections::BTreeMap;

/// Somebody who takes a chair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// Their name.
    pub name: String,
    /// Name of their school.
    pub school: String,
    /// Name of its sector; empty where nobody states it.
    pub sector: String,
}

/// Who sits where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The tables, the first first.
    pub tables: Vec<Vec<Guest>>,
    /// What could not be kept, a sentence each.
    pub not_kept: Vec<String>,
}

/// At most so many of one school at a table.
const OF_ONE_SCHOOL: usize = 2;

/// The sizes a table may have.
pub const SIZES: std::ops::RangeInclusive<usize> = 2..=20;

/// Deals people to tables of at most `size` chairs.
pub fn plan(mut guests: Vec<Guest>, size: usize) -> Plan {
    if guests.is_empty() {
        return Plan::default();
    }
    let number = guests.len().div_ceil(size.clamp(*SIZES.start(), *SIZES.end()));
    // Whose sector nobody states comes last; they may sit anywhere.
    guests
        .sort_by_key(|guest| (guest.sector.is_empty(), guest.sector.clone(), guest.school.clone(), guest.name.clone()));
    let mut tables = vec![Vec::new(); number];
    for (at, guest) in guests.into_iter().enumerate() {
        if let Some(table) = tables.get_mut(at % number) {
            table.push(guest);
        }
    }
    let not_kept = check(&tables);
    Plan { tables, not_kept }
}

/// What a plan does not keep: looked up in the plan itself, whoever made it.
fn check(tables: &[Vec<Guest>]) -> Vec<String> {
    let mut sectors: BTreeMap<&str, usize> = BTreeMap::new();
    let mut schools: BTreeMap<&str, usize> = BTreeMap::new();
    for table in tables {
        let at = |of: fn(&Guest) -> &str| {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            table.iter().for_each(|guest| *counts.entry(of(guest)).or_default() += 1);
            counts
        };
        for sector in at(|guest| &guest.sector).into_keys().filter(|sector| !sector.is_empty()) {
            *sectors.entry(sector).or_default() += 1;
        }
        for (school, count) in at(|guest| &guest.school) {
            let most = schools.entry(school).or_default();
            *most = count.max(*most);
        }
    }
    let mut said = Vec::new();
    if sectors.len() < 2 {
        said.push("Everybody here is of one sector, so no table can be mixed.".to_owned());
    } else {
        for (sector, at) in sectors.iter().filter(|(_, at)| **at < tables.len()) {
            said.push(format!(
                "There are too few people of the sector {sector} for {} tables: they sit at {at}. Larger tables would help.",
                tables.len()
            ));
        }
    }
    for (school, most) in schools.into_iter().filter(|(_, most)| *most > OF_ONE_SCHOOL) {
        said.push(format!(
            "So many people come from {school} that up to {most} of them share a table. Smaller tables would help."
        ));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guests(schools: &[(&str, &str, usize)]) -> Vec<Guest> {
        let guest = |school: &str, sector: &str, n: usize| Guest {
            name: format!("{school} {n}"),
            school: school.to_owned(),
            sector: sector.to_owned(),
        };
        schools.iter().flat_map(|(school, sector, count)| (0..*count).map(move |n| guest(school, sector, n))).collect()
    }

    fn sizes(plan: &Plan) -> Vec<usize> {
        plan.tables.iter().map(Vec::len).collect()
    }

    #[test]
    fn every_table_is_mixed_and_of_the_same_size() {
        let people = guests(&[
            ("Harbor", "Charter", 6),
            ("Quill", "Charter", 5),
            ("Mill", "District", 7),
            ("Weir", "District", 2),
        ]);
        let plan = plan(people.clone(), 6);
        assert_eq!(sizes(&plan), [5, 5, 5, 5]);
        assert_eq!(plan.not_kept, Vec::<String>::new());
        for table in &plan.tables {
            for sector in ["Charter", "District"] {
                assert!(table.iter().any(|guest| guest.sector == sector), "{sector}: {table:?}");
            }
            for school in ["Harbor", "Quill", "Mill", "Weir"] {
                assert!(table.iter().filter(|guest| guest.school == school).count() <= 2, "{school}: {table:?}");
            }
        }
        let mut seated: Vec<Guest> = plan.tables.into_iter().flatten().collect();
        let mut all = people;
        seated.sort_by(|a, b| a.name.cmp(&b.name));
        all.sort_by(|a, b| a.name.cmp(&b.name));
        assert_eq!(seated, all, "everybody has one chair");
    }

    #[test]
    fn what_cannot_be_kept_is_said() {
        let few = plan(guests(&[("Harbor", "Charter", 1), ("Mill", "District", 4), ("Weir", "District", 4)]), 4);
        assert_eq!(sizes(&few), [3, 3, 3]);
        assert_eq!(
            few.not_kept,
            ["There are too few people of the sector Charter for 3 tables: they sit at 1. Larger tables would help."]
        );
        let many = plan(guests(&[("Harbor", "Charter", 7), ("Mill", "District", 2)]), 6);
        assert!(many.not_kept.iter().any(|said| said.contains("Harbor that up to 4")), "{:?}", many.not_kept);
        let alone = plan(guests(&[("Harbor", "Charter", 4)]), 2);
        assert_eq!(alone.not_kept, ["Everybody here is of one sector, so no table can be mixed."]);
        assert_eq!(plan(Vec::new(), 6), Plan::default());
    }

    #[test]
    fn wherever_it_can_be_kept_it_is() {
        let mut kept = 0;
        for charter in 0..9 {
            for district in 0..9 {
                for unknown in 0..4 {
                    for size in 2..8 {
                        let people = guests(&[
                            ("Harbor", "Charter", charter),
                            ("Mill", "District", district),
                            ("Weir", "District", 3),
                            ("Nobody's", "", unknown),
                        ]);
                        let number = people.len().div_ceil(size);
                        let possible = charter >= number && district + 3 >= number;
                        let crowded = charter.max(district).max(unknown).max(3) > 2 * number;
                        let plan = plan(people, size);
                        assert_eq!(plan.not_kept.is_empty(), possible && !crowded, "{plan:?}");
                        let sizes = sizes(&plan);
                        assert!(sizes.iter().max() <= sizes.iter().min().map(|min| min + 1).as_ref(), "{sizes:?}");
                        kept += usize::from(plan.not_kept.is_empty());
                    }
                }
            }
        }
        assert!(kept > 100, "{kept}");
    }
}
