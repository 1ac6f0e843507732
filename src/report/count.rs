//! How each metric is counted from the facts. Pure: the same facts give the same numbers.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{NaiveDate, TimeDelta};

use super::facts::{Facts, First, Seat, Tried, Wish};
use super::metric::{Metric, Subject};
use super::withhold::{self, Group, Member, SCHOOLS};
use super::year::{MONTHS, Running, Year};
use super::{Figure, Reading, Scope, Why, period};

/// A number, or why it is not told.
type Told = Result<Reading, Why>;

/// The figure of a metric.
pub fn figure(facts: &Facts, metric: Metric, scope: &Scope) -> Figure {
    let (told, to) = match metric.subject() {
        Subject::Records => (records(facts, metric, scope), scope.to.min(facts.today).max(scope.from)),
        Subject::People => people(facts, metric, scope),
    };
    let (reading, why) = match told {
        // What is told and says nothing has nothing to be held against.
        Ok(Reading::NotEnough) => (Reading::NotEnough, Some(Why::Nothing)),
        Ok(reading) => (reading, None),
        Err(why) => (Reading::NotEnough, Some(why)),
    };
    let of = match reading {
        Reading::Share { whole, .. } => Some(whole),
        _ => None,
    };
    Figure { metric, reading, why, of, from: scope.from, to, as_of: facts.now, version: metric.definition().version }
}

fn size(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn share(part: usize, whole: usize) -> Reading {
    if whole == 0 { Reading::NotEnough } else { Reading::Share { part: size(part), whole: size(whole) } }
}

/// A metric of what everybody can look up.
fn records(facts: &Facts, metric: Metric, scope: &Scope) -> Told {
    let within = |day: NaiveDate| scope.from <= day && day <= scope.to && day <= facts.today;
    let held = || {
        let hosted = |one: &&super::facts::Held| one.hosts.iter().any(|host| facts.is_in(scope, *host, one.on));
        facts.held.iter().filter(move |one| within(one.on)).filter(hosted)
    };
    match metric {
        Metric::SessionsHeld => Ok(Reading::Count(size(held().count()))),
        Metric::CrossSectorSessions => Ok(share(held().filter(|one| one.joint == Some(true)).count(), held().count())),
        Metric::SeatsOffered => Ok(Reading::Count(held().map(|one| one.seats).sum())),
        Metric::PracticesShared => {
            let ours = |one: &&super::facts::Shared| within(one.on) && facts.is_in(scope, one.school, one.on);
            Ok(Reading::Count(size(facts.practices.iter().filter(ours).count())))
        }
        Metric::AdoptionsAcross => Ok(Reading::Count(size(crossed(facts, scope).count()))),
        Metric::KeptAfterAYear => kept(anniversaries(facts, scope)),
        Metric::ActiveSchools => {
            let (active, all) = active(facts, scope);
            if all < SCHOOLS { Err(Why::FewSchools) } else { Ok(share(active, all)) }
        }
        Metric::Coverage => coverage(facts, scope),
        Metric::SearchesUnanswered => searches(facts, scope),
        Metric::CommitmentsMet => promises(facts, scope, |_| true, |one| one.met),
        Metric::CommitmentsSilent => promises(facts, scope, |one| one.open, |one| one.silent),
        _ => Ok(Reading::NotEnough),
    }
}

/// Pilots that crossed the line between sectors in a period.
pub fn crossed<'a>(facts: &'a Facts, scope: &'a Scope) -> impl Iterator<Item = &'a Tried> + 'a {
    facts.tried.iter().filter(move |one| {
        let within = scope.from <= one.on && one.on <= scope.to && one.on <= facts.today;
        within && one.crossed().is_some() && facts.is_in(scope, one.school, one.on)
    })
}

/// Those whose 365th day lies in a period.
pub fn anniversaries<'a>(facts: &'a Facts, scope: &'a Scope) -> impl Iterator<Item = &'a Tried> + 'a {
    facts.tried.iter().filter(move |one| {
        let within = scope.from <= one.year_on && one.year_on <= scope.to && one.kept.is_some();
        within && one.crossed().is_some() && facts.is_in(scope, one.school, one.on)
    })
}

/// How many of them were kept; not told with fewer than three schools.
pub fn kept<'a>(all: impl Iterator<Item = &'a Tried>) -> Told {
    let all: Vec<&Tried> = all.collect();
    let schools: HashSet<usize> = all.iter().map(|one| one.school).collect();
    match schools.len() {
        0 => Err(Why::Nothing),
        few if few < SCHOOLS => Err(Why::FewSchools),
        _ => Ok(share(all.iter().filter(|one| one.kept == Some(true)).count(), all.len())),
    }
}

/// How many of the schools there were on the last day were active in the 12 months before, and how many there were.
pub fn active(facts: &Facts, scope: &Scope) -> (usize, usize) {
    let day = scope.to.min(facts.today);
    let busy = busy(facts, day);
    let all: Vec<usize> = facts.open_schools(scope, day).collect();
    (all.iter().filter(|at| busy.contains(at)).count(), all.len())
}

/// Schools that did something in the 12 months before a day.
pub fn busy(facts: &Facts, day: NaiveDate) -> HashSet<usize> {
    let lately = |on: NaiveDate| day - TimeDelta::days(365) < on && on <= day;
    let hosts = facts.held.iter().filter(|one| lately(one.on)).flat_map(|one| one.hosts.iter().copied());
    let shared = facts.practices.iter().filter(|one| lately(one.on)).map(|one| one.school);
    let tried = facts.tried.iter().filter(|one| lately(one.on)).map(|one| one.school);
    hosts.chain(shared).chain(tried).collect()
}

fn coverage(facts: &Facts, scope: &Scope) -> Told {
    let day = scope.to.min(facts.today);
    let busy = busy(facts, day);
    let mut by: BTreeMap<&str, bool> = BTreeMap::new();
    let mut all = 0;
    for at in facts.open_schools(scope, day) {
        all += 1;
        if let Some(name) = facts.neighborhood(at, day) {
            *by.entry(name).or_default() |= busy.contains(&at);
        }
    }
    if all < SCHOOLS {
        return Err(Why::FewSchools);
    }
    Ok(share(by.values().filter(|active| **active).count(), by.len()))
}

/// Searches are counted by whole months, for the whole service.
fn searches(facts: &Facts, scope: &Scope) -> Told {
    if scope.neighborhood.is_some() || !scope.schools.is_empty() {
        return Err(Why::City);
    }
    if scope.from != period::month_of(scope.from) {
        return Err(Why::Months);
    }
    let within = |month: NaiveDate| {
        scope.from <= month && period::month_end(month) <= scope.to.max(facts.today) && month <= scope.to
    };
    Ok(Reading::Count(facts.searches.iter().filter(|(month, _)| within(*month)).map(|(_, n)| n).sum()))
}

fn promises(
    facts: &Facts,
    scope: &Scope,
    counted: impl Fn(&super::facts::Promise) -> bool,
    part: impl Fn(&super::facts::Promise) -> bool,
) -> Told {
    if scope.neighborhood.is_some() || !scope.schools.is_empty() {
        return Err(Why::City);
    }
    let all: Vec<_> = facts.commitments.iter().filter(|one| counted(one)).collect();
    Ok(share(all.iter().filter(|one| part(one)).count(), all.len()))
}

/// Whether the number of a period is the difference of the numbers at its ends. What counts each person once is not.
fn adds_up(metric: Metric) -> bool {
    matches!(metric, Metric::SeatsFilled | Metric::NoShows | Metric::EducatorHours | Metric::CrossSectorHours)
}

/// A metric about people, and the last day it speaks of. It is told at whole months that are counted, of school years.
fn people(facts: &Facts, metric: Metric, scope: &Scope) -> (Told, NaiveDate) {
    let none = |why: Why| (Err(why), scope.to.min(facts.today).max(scope.from));
    let year = period::school_year(scope.from);
    let (first, last) = period::bounds(year);
    // Sets of schools overlap as anybody likes, so their people are not told of.
    if !scope.schools.is_empty() {
        return none(Why::Chosen);
    }
    if scope.from != period::month_of(scope.from) || scope.to < scope.from {
        return none(Why::Months);
    }
    if let Some(neighborhood) = &scope.neighborhood {
        if !by_place(metric) {
            return none(Why::City);
        }
        if scope.from != first || scope.to != last || period::released(year, facts.today) < MONTHS {
            return none(Why::YearsOver);
        }
        let cell =
            by_neighborhood(facts, metric, year).into_iter().find(|(name, _)| name.as_deref() == Some(neighborhood));
        return cell.map_or_else(|| none(Why::Nothing), |(_, told)| (told, last));
    }
    if scope.to > last {
        return (years(facts, metric, scope), scope.to.min(facts.today).max(scope.from));
    }
    let end =
        if scope.to == period::month_end(scope.to) { period::number(scope.to) } else { period::number(scope.to) - 1 };
    let start = period::number(scope.from) - 1;
    if end <= start && scope.to < facts.today {
        return none(Why::Months);
    }
    let end = end.min(period::released(year, facts.today));
    if end <= start {
        return none(Why::Later(period::released_on(scope.from)));
    }
    let running = running(facts, metric, year);
    if start > 0 {
        let told = if !adds_up(metric) {
            Err(Why::FromJuly)
        } else if running.shown[start] && running.shown[end] {
            Ok(running.at[end].minus(&running.at[start]))
        } else {
            Err(Why::Waits)
        };
        return (told, period::end_of(year, end));
    }
    // The last month end at which it is shown; nothing before people who are too few is no answer.
    let at = (1..=end).rev().find(|at| running.shown[*at]).unwrap_or(0);
    if at == 0 || (at < end && running.at[at].is_nothing()) {
        return none(Why::FewPeople);
    }
    (Ok(running.at[at].clone()), period::end_of(year, at))
}

/// The sum over school years that are told in full.
fn years(facts: &Facts, metric: Metric, scope: &Scope) -> Told {
    let (from, to) = (period::school_year(scope.from), period::school_year(scope.to));
    if !adds_up(metric) {
        return Err(Why::FromJuly);
    }
    let whole = scope.from == period::bounds(from).0 && scope.to == period::bounds(to).1;
    if !whole || to - from > 50 {
        return Err(Why::Years);
    }
    let mut sum: Option<Reading> = None;
    for year in from..=to {
        let running = running(facts, metric, year);
        if period::released(year, facts.today) < MONTHS || !running.shown[MONTHS] {
            return Err(Why::Years);
        }
        sum = Some(sum.map_or(running.at[MONTHS].clone(), |sum| sum.plus(&running.at[MONTHS])));
    }
    sum.ok_or(Why::Nothing)
}

/// Whether a metric about people is told by neighborhood.
fn by_place(metric: Metric) -> bool {
    metric.subject() == Subject::People && !matches!(metric, Metric::NeverSeated | Metric::DaysToApproval)
}

/// What some seats say of a metric.
#[derive(Clone, Debug, Default)]
struct Amount {
    part: i64,
    whole: i64,
    groups: Vec<Group>,
}

fn member(seat: &Seat) -> Member {
    (seat.person, u32::try_from(seat.school).unwrap_or(u32::MAX))
}

/// What seats add to a metric: the numbers, and the people whom they tell of.
fn amount(facts: &Facts, metric: Metric, seats: &[usize], offered: i64) -> Amount {
    let all = || seats.iter().map(|at| &facts.seats[*at]);
    let group = |keep: &dyn Fn(&Seat) -> bool| -> Group { all().filter(|seat| keep(seat)).map(member).collect() };
    let count = |keep: &dyn Fn(&Seat) -> bool| size(all().filter(|seat| keep(seat)).count());
    let minutes = |keep: &dyn Fn(&Seat) -> bool| -> i64 {
        all().filter(|seat| seat.came && keep(seat)).map(|seat| seat.minutes).sum()
    };
    let seated = |seat: &Seat| seat.wish == Wish::Seated;
    let gone = |seat: &Seat| seat.wish == Wish::Seated && seat.absent;
    let there = |seat: &Seat| seat.wish == Wish::Seated && !seat.absent;
    let joint = |seat: &Seat| facts.held[seat.held].joint == Some(true);
    let reached = |seat: &Seat| seat.first != First::No;
    match metric {
        Metric::SeatsFilled => Amount { part: count(&seated), whole: offered, groups: vec![group(&seated)] },
        Metric::NoShows => {
            Amount { part: count(&gone), whole: count(&seated), groups: vec![group(&gone), group(&there)] }
        }
        Metric::EducatorHours => Amount { part: minutes(&|_| true), whole: 0, groups: vec![group(&|seat| seat.came)] },
        Metric::CrossSectorHours => Amount {
            part: minutes(&joint),
            whole: minutes(&|_| true),
            groups: vec![group(&|seat| seat.came && joint(seat)), group(&|seat| seat.came && !joint(seat))],
        },
        Metric::PeopleReached => Amount { part: count(&reached), whole: 0, groups: vec![group(&reached)] },
        Metric::FirstTimers => {
            let new = |seat: &Seat| seat.first == First::Ever;
            let again = |seat: &Seat| seat.first == First::ThisYear;
            Amount { part: count(&new), whole: count(&reached), groups: vec![group(&new), group(&again)] }
        }
        _ => Amount::default(),
    }
}

/// The number that one is a part of: where that is withheld, so is this one, which would tell it.
fn whole_of(metric: Metric) -> Option<Metric> {
    match metric {
        Metric::NoShows => Some(Metric::SeatsFilled),
        Metric::CrossSectorHours => Some(Metric::EducatorHours),
        Metric::FirstTimers => Some(Metric::PeopleReached),
        _ => None,
    }
}

fn reading(metric: Metric, part: i64, whole: i64) -> Reading {
    match metric {
        Metric::EducatorHours => Reading::Count(part / 60),
        Metric::PeopleReached => Reading::Count(part),
        _ if whole == 0 => Reading::NotEnough,
        Metric::CrossSectorHours => Reading::Share { part: part / 60, whole: whole / 60 },
        _ => Reading::Share { part, whole },
    }
}

fn running(facts: &Facts, metric: Metric, of: i32) -> &Running {
    let year = facts.years.year(of);
    year.running(metric, || match metric {
        Metric::NeverSeated => never_seated(facts, year),
        Metric::DaysToApproval => days_to_approval(facts, year),
        _ => {
            let amounts: Vec<Amount> =
                (0..MONTHS).map(|month| amount(facts, metric, &year.seats[month], year.offered[month])).collect();
            let within = whole_of(metric).map(|whole| running(facts, whole, of).shown.as_slice());
            let groups: Vec<Vec<Group>> = amounts.iter().map(|one| one.groups.clone()).collect();
            let shown = withhold::chain(&groups, within);
            let (mut part, mut whole) = (0, 0);
            let mut at = vec![reading(metric, 0, 0)];
            for one in &amounts {
                part += one.part;
                whole += one.whole;
                at.push(reading(metric, part, whole));
            }
            Running { shown, at }
        }
    })
}

/// Of everybody who asked for a seat: from which month on, and from which on they had one.
fn never_seated(facts: &Facts, year: &Year) -> Running {
    let mut asked: HashMap<u32, (Member, usize, usize)> = HashMap::new();
    for (month, seats) in year.seats.iter().enumerate() {
        for seat in seats.iter().map(|at| &facts.seats[*at]).filter(|seat| seat.wish != Wish::TakenBack) {
            let (_, _, seated) = asked.entry(seat.person).or_insert((member(seat), month, MONTHS));
            if seat.wish == Wish::Seated {
                *seated = (*seated).min(month);
            }
        }
    }
    let from = |month: usize| -> u16 { (0..MONTHS).filter(|at| *at >= month).map(|at| 1 << at).sum() };
    let never = asked.values().map(|(one, since, seated)| (*one, from(*since) & !from(*seated)));
    let had = asked.values().map(|(one, _, seated)| (*one, from(*seated)));
    let groups: [Vec<(Member, u16)>; 2] = [never.collect(), had.collect()];
    let at = (0..MONTHS).map(|month| {
        let never = asked.values().filter(|(_, since, seated)| *since <= month && month < *seated).count();
        share(never, asked.values().filter(|(_, since, _)| *since <= month).count())
    });
    let at = std::iter::once(Reading::NotEnough).chain(at).collect();
    Running { shown: withhold::chain_of_states(&groups, MONTHS), at }
}

fn days_to_approval(facts: &Facts, year: &Year) -> Running {
    let month =
        |month: &Vec<usize>| -> Vec<&super::facts::Approved> { month.iter().map(|at| &facts.approvals[*at]).collect() };
    let by: Vec<Vec<&super::facts::Approved>> = year.approved.iter().map(month).collect();
    let member = |one: &&super::facts::Approved| (one.person, u32::try_from(one.school).unwrap_or(u32::MAX));
    let groups: Vec<Vec<Group>> = by.iter().map(|month| vec![month.iter().map(member).collect()]).collect();
    let mut days: Vec<i64> = Vec::new();
    let mut at = vec![Reading::NotEnough];
    for month in &by {
        days.extend(month.iter().map(|one| one.days));
        at.push(median(&mut days).map_or(Reading::NotEnough, Reading::Days));
    }
    Running { shown: withhold::chain(&groups, None), at }
}

fn median(days: &mut [i64]) -> Option<f64> {
    days.sort_unstable();
    let middle = days.len() / 2;
    let exact = |day: i64| f64::from(i32::try_from(day).unwrap_or(i32::MAX));
    match days.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(exact(days[middle])),
        _ => Some(f64::midpoint(exact(days[middle - 1]), exact(days[middle]))),
    }
}

/// A metric about people by the neighborhood of their school, of a school year that is counted in full; the last is those whose
/// school states none, or is elsewhere. Where the year's number is withheld, so is all of it.
pub fn by_neighborhood(facts: &Facts, metric: Metric, of: i32) -> Vec<(Option<String>, Told)> {
    let year = facts.years.year(of);
    let mut names: Vec<Option<String>> = facts.neighborhoods(period::bounds(of).1).into_iter().map(Some).collect();
    let mut by: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for at in year.seats.iter().flatten() {
        let seat = &facts.seats[*at];
        by.entry(facts.neighborhood(seat.school, facts.held[seat.held].on)).or_default().push(*at);
    }
    names.extend(
        by.keys()
            .flatten()
            .filter(|name| !names.contains(&Some((**name).to_owned())))
            .map(|name| Some((*name).to_owned()))
            .collect::<Vec<_>>(),
    );
    names.sort_unstable();
    names.push(None);
    let cells: Vec<&[usize]> =
        names.iter().map(|name| by.get(&name.as_deref()).map_or(&[][..], Vec::as_slice)).collect();
    let (amounts, hidden) = cells_of(facts, metric, of, &cells);
    // Seats are offered by hosts; those filled are held against nothing here.
    let told = |one: &Amount| match metric {
        Metric::SeatsFilled => Reading::Count(one.part),
        _ => reading(metric, one.part, one.whole),
    };
    let readings =
        amounts.iter().zip(hidden).map(|(one, hidden)| if hidden { Err(Why::Beside) } else { Ok(told(one)) });
    names.into_iter().zip(readings).collect()
}

fn cells_of(facts: &Facts, metric: Metric, of: i32, cells: &[&[usize]]) -> (Vec<Amount>, Vec<bool>) {
    if !by_place(metric) {
        return (vec![Amount::default(); cells.len()], vec![true; cells.len()]);
    }
    let amounts: Vec<Amount> = cells.iter().map(|seats| amount(facts, metric, seats, 0)).collect();
    if !running(facts, metric, of).shown[MONTHS] {
        let hidden = vec![true; cells.len()];
        return (amounts, hidden);
    }
    let withheld = whole_of(metric).map(|whole| cells_of(facts, whole, of, cells).1).unwrap_or_default();
    let groups: Vec<Vec<Group>> = amounts.iter().map(|one| one.groups.clone()).collect();
    let hidden = withhold::hide(&groups, &withheld);
    (amounts, hidden)
}
