//! What is not shown, so that no number speaks of a few people: fewer than five, or of fewer than three schools. The one place
//! where that is decided, pure.
//!
//! Two numbers that are shown must not give a third by subtraction that would not be. Over time, [`chain`] chooses the month ends
//! at which a running number of a school year is shown: between two of them, every group that grew is large enough or did not
//! grow. So the difference of any two numbers shown is itself one that could be shown. Over a table, [`hide`] withholds more cells
//! until all that are withheld are large enough together. Why that is enough stands in `docs/COLLABORATIONS.md`.

use std::collections::{HashMap, HashSet};

/// Fewer people are not told of.
pub const PEOPLE: usize = 5;
/// Nor people, or shares, of fewer schools.
pub const SCHOOLS: usize = 3;

/// Somebody in a group, and where they work: numbers of the facts, no names.
pub type Member = (u32, u32);

/// A group of people: who, and of which schools.
#[derive(Clone, Debug, Default)]
pub struct Group {
    people: HashSet<u32>,
    schools: HashSet<u32>,
}

impl Group {
    /// Takes somebody in.
    pub fn add(&mut self, (person, school): Member) {
        self.people.insert(person);
        self.schools.insert(school);
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// Whether it may be told of: nobody is in it, or enough are.
    pub fn may_show(&self) -> bool {
        self.is_empty() || (self.people.len() >= PEOPLE && self.schools.len() >= SCHOOLS)
    }

    /// How many people.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    fn join(&mut self, other: &Self) {
        self.people.extend(&other.people);
        self.schools.extend(&other.schools);
    }
}

impl FromIterator<Member> for Group {
    fn from_iter<T: IntoIterator<Item = Member>>(members: T) -> Self {
        let mut group = Self::default();
        members.into_iter().for_each(|member| group.add(member));
        group
    }
}

/// At which month ends a running number is shown: `months[m]` are the groups that month `m + 1` adds to it, and the answer has a
/// place more: before the first month nothing is told and nothing withheld. `within` is the chain of the number it is a part of:
/// elsewhere that one would be told through it.
pub fn chain(months: &[Vec<Group>], within: Option<&[bool]>) -> Vec<bool> {
    let mut shown = vec![true];
    let mut since: Vec<Group> = Vec::new();
    for (month, groups) in months.iter().enumerate() {
        since.resize_with(groups.len().max(since.len()), Group::default);
        for (all, new) in since.iter_mut().zip(groups) {
            all.join(new);
        }
        let may = since.iter().all(Group::may_show) && within.is_none_or(|within| within.get(month + 1) == Some(&true));
        shown.push(may);
        if may {
            since.clear();
        }
    }
    shown
}

/// The same for a number that also falls. `groups` are the people it tells apart: each with a bit for every month at whose end they
/// were in the group, the lowest that of the first month. It is shown where it differs from each time it was shown before by nobody,
/// or by enough people. However many people there are, they are looked at once: those of the same months are one.
pub fn chain_of_states(groups: &[Vec<(Member, u16)>], months: usize) -> Vec<bool> {
    let groups: Vec<HashMap<u16, Few>> = groups
        .iter()
        .map(|members| {
            let mut by: HashMap<u16, Few> = HashMap::new();
            members.iter().for_each(|((_, school), months)| by.entry(*months).or_default().add(*school));
            by
        })
        .collect();
    let mut shown: Vec<bool> = vec![true];
    for month in 0..months {
        let differs = |before: Option<usize>| {
            groups.iter().all(|by| {
                let mut all = Few::default();
                for (mask, few) in by {
                    let then = before.is_some_and(|before| mask >> before & 1 == 1);
                    if then != (mask >> month & 1 == 1) {
                        all.join(few);
                    }
                }
                all.people == 0 || (all.people >= PEOPLE && all.schools.len() >= SCHOOLS)
            })
        };
        let may = (0..month).filter(|earlier| shown[earlier + 1]).map(Some).chain([None]).all(differs);
        shown.push(may);
    }
    shown
}

/// How many people, each once, and of which schools: no more of these than are enough.
#[derive(Debug, Default)]
struct Few {
    people: usize,
    schools: Vec<u32>,
}

impl Few {
    fn add(&mut self, school: u32) {
        self.people += 1;
        self.school(school);
    }

    fn school(&mut self, school: u32) {
        if self.schools.len() < SCHOOLS && !self.schools.contains(&school) {
            self.schools.push(school);
        }
    }

    fn join(&mut self, other: &Self) {
        self.people += other.people;
        other.schools.iter().for_each(|school| self.school(*school));
    }
}

/// Which cells of a table are withheld, whose sum is shown: those that may not be shown, and then the smallest of the others until
/// all that are withheld may be shown as one. `sizes` orders them; a cell with nobody in it stays.
pub fn hide(cells: &[Vec<Group>], withheld: &[bool]) -> Vec<bool> {
    let mut hidden: Vec<bool> = cells
        .iter()
        .enumerate()
        .map(|(at, cell)| withheld.get(at) == Some(&true) || !cell.iter().all(Group::may_show))
        .collect();
    while hidden.contains(&true) && !together(cells, &hidden) {
        let size = |cell: &Vec<Group>| cell.iter().map(Group::len).sum::<usize>();
        let open = (0..cells.len()).filter(|at| !hidden[*at] && size(&cells[*at]) > 0);
        let Some(least) = open.min_by_key(|at| (size(&cells[*at]), *at)) else {
            // Nothing is left to hide it behind: nobody may see the empty ones either, which would tell of the rest.
            return vec![true; cells.len()];
        };
        hidden[least] = true;
    }
    hidden
}

fn together(cells: &[Vec<Group>], hidden: &[bool]) -> bool {
    let mut all: Vec<Group> = Vec::new();
    for (cell, _) in cells.iter().zip(hidden).filter(|(_, hidden)| **hidden) {
        all.resize_with(cell.len().max(all.len()), Group::default);
        for (sum, group) in all.iter_mut().zip(cell) {
            sum.join(group);
        }
    }
    all.iter().all(Group::may_show)
}

/// Which counts of schools are withheld, of a table whose sums are shown: those of fewer than three, and the smallest of the others
/// until those withheld are three together and not one alone.
pub fn hide_few(schools: &[i64]) -> Vec<bool> {
    let least = i64::try_from(SCHOOLS).unwrap_or_default();
    let mut hidden: Vec<bool> = schools.iter().map(|n| (1..least).contains(n)).collect();
    loop {
        let (count, sum) =
            hidden.iter().zip(schools).filter(|(h, _)| **h).fold((0, 0), |(c, s), (_, n)| (c + 1, s + n));
        if count == 0 || (count > 1 && sum >= least) {
            return hidden;
        }
        let open = (0..schools.len()).filter(|at| !hidden[*at] && schools[*at] > 0);
        match open.min_by_key(|at| (schools[*at], *at)) {
            Some(next) => hidden[next] = true,
            None => return hidden,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// People from `from` on, each of another of so many schools.
    fn group(from: u32, people: u32, schools: u32) -> Group {
        (from..from + people).map(|person| (person, person % schools)).collect()
    }

    #[test]
    fn five_people_of_three_schools_are_enough() {
        assert!(group(0, 5, 3).may_show() && Group::default().may_show());
        assert!(!group(0, 4, 3).may_show() && !group(0, 50, 2).may_show() && !group(0, 1, 1).may_show());
        // The same person twice is one.
        let twice: Group = [(1, 1), (1, 2), (1, 3), (2, 1), (3, 1), (4, 1)].into_iter().collect();
        assert!(!twice.may_show());
    }

    #[test]
    fn a_month_with_few_waits_for_the_next() {
        let months = [
            vec![group(0, 6, 3)],
            vec![group(10, 3, 3)],
            vec![group(20, 3, 3)],
            vec![Group::default()],
            vec![group(30, 2, 2)],
        ];
        assert_eq!(chain(&months, None), [true, true, false, true, true, false]);
        // A part is told only where the whole is.
        let part = [vec![group(0, 5, 3)], vec![group(10, 5, 3)], vec![Group::default()]];
        assert_eq!(chain(&part, Some(&[true, true, false, true])), [true, true, false, true]);
    }

    #[test]
    fn whoever_comes_again_counts_for_the_difference() {
        // The same two in each month: what they add is never told, though five others came before.
        let months = [vec![group(0, 6, 3)], vec![group(0, 2, 2)], vec![group(0, 2, 2)]];
        assert_eq!(chain(&months, None), [true, true, false, false]);
    }

    /// The chain of groups that are told by their members at the end of each month.
    fn chain_of(states: &[Vec<HashSet<Member>>]) -> Vec<bool> {
        let group = |at: usize| {
            let all: HashSet<Member> = states.iter().flat_map(|groups| groups[at].iter().copied()).collect();
            let months = |one: &Member| {
                states
                    .iter()
                    .enumerate()
                    .filter(|(_, groups)| groups[at].contains(one))
                    .map(|(month, _)| 1 << month)
                    .sum::<u16>()
            };
            all.into_iter().map(|one| (one, months(&one))).collect()
        };
        let groups: Vec<Vec<(Member, u16)>> = (0..states[0].len()).map(group).collect();
        chain_of_states(&groups, states.len())
    }

    #[test]
    fn a_number_that_falls_differs_from_each_before_by_enough() {
        let people =
            |range: std::ops::Range<u32>| range.map(|person| (person, person % 3)).collect::<HashSet<Member>>();
        let states =
            [vec![people(0..6)], vec![people(0..12)], vec![people(0..7)], vec![people(0..6)], vec![people(0..4)]];
        // Seven differ from twelve by five, but from the six of the first month by one.
        assert_eq!(chain_of(&states), [true, true, true, false, true, false]);
        // Of two groups both must differ by enough: here somebody goes from one to the other.
        let states = [vec![people(0..6), people(6..12)], vec![people(0..7), people(7..12)]];
        assert_eq!(chain_of(&states), [true, true, false]);
    }

    #[test]
    fn one_hidden_cell_takes_another_with_it() {
        let cell = |from, people| vec![group(from, people, 3)];
        assert_eq!(
            hide(&[cell(0, 9), cell(20, 2), cell(40, 7), vec![Group::default()]], &[]),
            [false, true, true, false]
        );
        // Two that are enough together need no third.
        assert_eq!(hide(&[cell(0, 9), cell(20, 2), cell(41, 4)], &[]), [false, true, true]);
        assert_eq!(hide(&[cell(0, 9), cell(20, 8)], &[]), [false, false]);
        // Nothing to hide it behind.
        assert_eq!(hide(&[cell(0, 2), vec![Group::default()]], &[]), [true, true]);
    }

    #[test]
    fn few_schools_hide_together() {
        assert_eq!(hide_few(&[3, 2, 4]), [true, true, false]);
        assert_eq!(hide_few(&[3, 2, 1, 4]), [false, true, true, false]);
        assert_eq!(hide_few(&[3, 4, 0]), [false, false, false]);
        assert_eq!(hide_few(&[1]), [true]);
    }
}
