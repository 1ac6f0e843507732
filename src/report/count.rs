//! How each metric is counted from the facts. Pure: the same facts give the same numbers.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{NaiveDate, TimeDelta};

use super::facts::{Facts, Seat, Tried, Wish};
use super::metric::{Metric, Subject};
use super::withhold::{self, Group, Member, SCHOOLS};
use super::{Figure, Reading, Scope, period};

/// The figure of a metric.
pub fn figure(facts: &Facts, metric: Metric, scope: &Scope) -> Figure {
    let (reading, to) = match metric.subject() {
        Subject::Records => (records(facts, metric, scope), scope.to.min(facts.today).max(scope.from)),
        Subject::People => people(facts, metric, scope),
    };
    let of = match reading {
        Reading::Share { whole, .. } => Some(whole),
        _ => None,
    };
    Figure { metric, reading, of, from: scope.from, to, as_of: facts.now, version: metric.definition().version }
}

fn size(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn share(part: usize, whole: usize) -> Reading {
    if whole == 0 { Reading::NotEnough } else { Reading::Share { part: size(part), whole: size(whole) } }
}

/// A metric of what everybody can look up.
fn records(facts: &Facts, metric: Metric, scope: &Scope) -> Reading {
    let within = |day: NaiveDate| scope.from <= day && day <= scope.to && day <= facts.today;
    let held = || {
        let hosted = |one: &&super::facts::Held| one.hosts.iter().any(|host| facts.is_in(scope, *host, one.on));
        facts.held.iter().filter(move |one| within(one.on)).filter(hosted)
    };
    match metric {
        Metric::SessionsHeld => Reading::Count(size(held().count())),
        Metric::CrossSectorSessions => share(held().filter(|one| one.joint == Some(true)).count(), held().count()),
        Metric::SeatsOffered => Reading::Count(held().map(|one| one.seats).sum()),
        Metric::PracticesShared => {
            let ours = |one: &&super::facts::Shared| within(one.on) && facts.is_in(scope, one.school, one.on);
            Reading::Count(size(facts.practices.iter().filter(ours).count()))
        }
        Metric::AdoptionsAcross => Reading::Count(size(crossed(facts, scope).count())),
        Metric::KeptAfterAYear => kept(anniversaries(facts, scope)),
        Metric::ActiveSchools => {
            let (active, all) = active(facts, scope);
            if all < SCHOOLS { Reading::NotEnough } else { share(active, all) }
        }
        Metric::Coverage => coverage(facts, scope),
        Metric::SearchesUnanswered => searches(facts, scope),
        Metric::CommitmentsMet => promises(facts, scope, |_| true, |one| one.met),
        Metric::CommitmentsSilent => promises(facts, scope, |one| one.open, |one| one.silent),
        _ => Reading::NotEnough,
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
pub fn kept<'a>(all: impl Iterator<Item = &'a Tried>) -> Reading {
    let all: Vec<&Tried> = all.collect();
    let schools: HashSet<usize> = all.iter().map(|one| one.school).collect();
    if schools.len() < SCHOOLS {
        return Reading::NotEnough;
    }
    share(all.iter().filter(|one| one.kept == Some(true)).count(), all.len())
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

fn coverage(facts: &Facts, scope: &Scope) -> Reading {
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
    if all < SCHOOLS { Reading::NotEnough } else { share(by.values().filter(|active| **active).count(), by.len()) }
}

/// Searches are counted by whole months, for the whole service.
fn searches(facts: &Facts, scope: &Scope) -> Reading {
    if scope.neighborhood.is_some() || !scope.schools.is_empty() || scope.from != period::month_of(scope.from) {
        return Reading::NotEnough;
    }
    let within = |month: NaiveDate| {
        scope.from <= month && period::month_end(month) <= scope.to.max(facts.today) && month <= scope.to
    };
    Reading::Count(facts.searches.iter().filter(|(month, _)| within(*month)).map(|(_, n)| n).sum())
}

fn promises(
    facts: &Facts,
    scope: &Scope,
    counted: impl Fn(&super::facts::Promise) -> bool,
    part: impl Fn(&super::facts::Promise) -> bool,
) -> Reading {
    if scope.neighborhood.is_some() || !scope.schools.is_empty() {
        return Reading::NotEnough;
    }
    let all: Vec<_> = facts.commitments.iter().filter(|one| counted(one)).collect();
    share(all.iter().filter(|one| part(one)).count(), all.len())
}

/// A running number of a school year: what it is at the end of each month, from 0 before the first, and where it is shown.
#[derive(Debug)]
struct Running {
    shown: Vec<bool>,
    at: Vec<Reading>,
}

/// Whether the number of a period is the difference of the numbers at its ends. What counts each person once is not.
fn adds_up(metric: Metric) -> bool {
    matches!(metric, Metric::SeatsFilled | Metric::NoShows | Metric::EducatorHours | Metric::CrossSectorHours)
}

/// A metric about people, and the last day it speaks of. It is told at whole months that are counted, of school years.
fn people(facts: &Facts, metric: Metric, scope: &Scope) -> (Reading, NaiveDate) {
    let none = (Reading::NotEnough, scope.to.min(facts.today).max(scope.from));
    let year = period::school_year(scope.from);
    let (first, last) = period::bounds(year);
    // Sets of schools overlap as anybody likes, so their people are not told of.
    if !scope.schools.is_empty() || scope.from != period::month_of(scope.from) || scope.to < scope.from {
        return none;
    }
    if let Some(neighborhood) = &scope.neighborhood {
        let whole = scope.from == first && scope.to == last && period::released(year, facts.today) == 12;
        let cells = if whole { by_neighborhood(facts, metric, year) } else { Vec::new() };
        let cell = cells.into_iter().find(|(name, _)| name.as_deref() == Some(neighborhood));
        return cell.map_or(none, |(_, reading)| (reading, last));
    }
    if scope.to > last {
        return (years(facts, metric, scope).unwrap_or(Reading::NotEnough), none.1);
    }
    let end =
        if scope.to == period::month_end(scope.to) { period::number(scope.to) } else { period::number(scope.to) - 1 };
    let end = end.min(period::released(year, facts.today));
    let start = period::number(scope.from) - 1;
    if end <= start {
        return none;
    }
    let running = running(facts, metric, year, end);
    if start > 0 {
        let both = adds_up(metric) && running.shown[start] && running.shown[end];
        let reading = if both { running.at[end].minus(&running.at[start]) } else { Reading::NotEnough };
        return (reading, period::end_of(year, end));
    }
    // The last month end at which it is shown; nothing before people who are too few is no answer.
    let at = (1..=end).rev().find(|at| running.shown[*at]).unwrap_or(0);
    if at == 0 || (at < end && running.at[at].is_nothing()) {
        return none;
    }
    (running.at[at].clone(), period::end_of(year, at))
}

/// The sum over school years that are told in full.
fn years(facts: &Facts, metric: Metric, scope: &Scope) -> Option<Reading> {
    let (from, to) = (period::school_year(scope.from), period::school_year(scope.to));
    let whole = scope.from == period::bounds(from).0 && scope.to == period::bounds(to).1 && adds_up(metric);
    if !whole || to - from > 50 {
        return None;
    }
    let mut sum: Option<Reading> = None;
    for year in from..=to {
        if period::released(year, facts.today) < 12 {
            return None;
        }
        let running = running(facts, metric, year, 12);
        if !running.shown[12] {
            return None;
        }
        sum = Some(sum.map_or(running.at[12].clone(), |sum| sum.plus(&running.at[12])));
    }
    sum
}

/// What some seats say of a metric.
#[derive(Clone, Debug, Default)]
struct Amount {
    part: i64,
    whole: i64,
    groups: Vec<Group>,
}

/// The seats of a school year that the city counts, by the number of the month, and who came for the first time.
struct Year<'a> {
    months: Vec<Vec<(usize, &'a Seat)>>,
    /// Seats at which somebody came first this year; whether they never came before.
    firsts: HashMap<usize, bool>,
    offered: Vec<i64>,
}

impl<'a> Year<'a> {
    fn of(facts: &'a Facts, year: i32) -> Self {
        let (from, to) = period::bounds(year);
        let mut this = Self { months: vec![Vec::new(); 12], firsts: HashMap::new(), offered: vec![0; 12] };
        let mut first: HashMap<u32, (NaiveDate, usize)> = HashMap::new();
        let mut before: HashSet<u32> = HashSet::new();
        let ours: Vec<bool> = facts.held.iter().map(|held| facts.is_ours(held)).collect();
        for (held, ours) in facts.held.iter().zip(&ours) {
            if *ours && from <= held.on && held.on <= to {
                this.offered[period::number(held.on) - 1] += held.seats;
            }
        }
        for (at, seat) in facts.seats.iter().enumerate().filter(|(_, seat)| ours[seat.held]) {
            let on = facts.held[seat.held].on;
            if seat.came && on < from {
                before.insert(seat.person);
            }
            if from <= on && on <= to {
                this.months[period::number(on) - 1].push((at, seat));
                if seat.came {
                    let earliest = first.entry(seat.person).or_insert((on, at));
                    *earliest = (*earliest).min((on, at));
                }
            }
        }
        this.firsts = first.into_iter().map(|(person, (_, at))| (at, !before.contains(&person))).collect();
        this
    }
}

fn member(seat: &Seat) -> Member {
    (seat.person, u32::try_from(seat.school).unwrap_or(u32::MAX))
}

/// What seats add to a metric: the numbers, and the people whom they tell of.
fn amount(facts: &Facts, metric: Metric, year: &Year<'_>, seats: &[(usize, &Seat)], offered: i64) -> Amount {
    let group = |keep: &dyn Fn(usize, &Seat) -> bool| -> Group {
        seats.iter().filter(|(at, seat)| keep(*at, seat)).map(|(_, seat)| member(seat)).collect()
    };
    let count = |keep: &dyn Fn(usize, &Seat) -> bool| size(seats.iter().filter(|(at, seat)| keep(*at, seat)).count());
    let minutes = |keep: &dyn Fn(&Seat) -> bool| -> i64 {
        seats.iter().filter(|(_, seat)| seat.came && keep(seat)).map(|(_, seat)| seat.minutes).sum()
    };
    let seated = |_: usize, seat: &Seat| seat.wish == Wish::Seated;
    let gone = |_: usize, seat: &Seat| seat.wish == Wish::Seated && seat.absent;
    let joint = |seat: &Seat| facts.held[seat.held].joint == Some(true);
    match metric {
        Metric::SeatsFilled => Amount { part: count(&seated), whole: offered, groups: vec![group(&seated)] },
        Metric::NoShows => {
            let there = |at: usize, seat: &Seat| seated(at, seat) && !seat.absent;
            Amount { part: count(&gone), whole: count(&seated), groups: vec![group(&gone), group(&there)] }
        }
        Metric::EducatorHours => {
            Amount { part: minutes(&|_| true), whole: 0, groups: vec![group(&|_, seat| seat.came)] }
        }
        Metric::CrossSectorHours => Amount {
            part: minutes(&joint),
            whole: minutes(&|_| true),
            groups: vec![group(&|_, seat| seat.came && joint(seat)), group(&|_, seat| seat.came && !joint(seat))],
        },
        Metric::PeopleReached => {
            let first = |at: usize, _: &Seat| year.firsts.contains_key(&at);
            Amount { part: count(&first), whole: 0, groups: vec![group(&first)] }
        }
        Metric::FirstTimers => {
            let new = |at: usize, _: &Seat| year.firsts.get(&at) == Some(&true);
            let again = |at: usize, _: &Seat| year.firsts.get(&at) == Some(&false);
            let reached = |at: usize, _: &Seat| year.firsts.contains_key(&at);
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

fn running(facts: &Facts, metric: Metric, of: i32, months: usize) -> Running {
    match metric {
        Metric::NeverSeated => never_seated(facts, of, months),
        Metric::DaysToApproval => days_to_approval(facts, of, months),
        _ => {
            let year = Year::of(facts, of);
            running_of(facts, metric, &year, months)
        }
    }
}

fn running_of(facts: &Facts, metric: Metric, year: &Year<'_>, months: usize) -> Running {
    let amounts: Vec<Amount> =
        (0..months).map(|month| amount(facts, metric, year, &year.months[month], year.offered[month])).collect();
    let within = whole_of(metric).map(|whole| running_of(facts, whole, year, months).shown);
    let groups: Vec<Vec<Group>> = amounts.iter().map(|one| one.groups.clone()).collect();
    let shown = withhold::chain(&groups, within.as_deref());
    let (mut part, mut whole) = (0, 0);
    let mut at = vec![reading(metric, 0, 0)];
    for one in &amounts {
        part += one.part;
        whole += one.whole;
        at.push(reading(metric, part, whole));
    }
    Running { shown, at }
}

fn never_seated(facts: &Facts, of: i32, months: usize) -> Running {
    let year = Year::of(facts, of);
    let (mut asked, mut seated): (HashMap<u32, Member>, HashSet<u32>) = (HashMap::new(), HashSet::new());
    let mut states: Vec<Vec<HashSet<Member>>> = Vec::new();
    let mut at = vec![Reading::NotEnough];
    for month in year.months.iter().take(months) {
        for (_, seat) in month.iter().filter(|(_, seat)| seat.wish != Wish::TakenBack) {
            asked.entry(seat.person).or_insert(member(seat));
            if seat.wish == Wish::Seated {
                seated.insert(seat.person);
            }
        }
        let (had, never): (HashSet<Member>, HashSet<Member>) = asked.values().partition(|one| seated.contains(&one.0));
        at.push(share(never.len(), asked.len()));
        states.push(vec![never, had]);
    }
    Running { shown: withhold::chain_of_states(&states), at }
}

fn days_to_approval(facts: &Facts, of: i32, months: usize) -> Running {
    let everything = Scope::of_city(&facts.city.slug, period::bounds(of).0, period::bounds(of).1);
    let mut by: Vec<Vec<&super::facts::Approved>> = vec![Vec::new(); 12];
    for one in &facts.approvals {
        if period::school_year(one.on) == of && facts.is_in(&everything, one.school, one.on) {
            by[period::number(one.on) - 1].push(one);
        }
    }
    let member = |one: &&super::facts::Approved| (one.person, u32::try_from(one.school).unwrap_or(u32::MAX));
    let groups: Vec<Vec<Group>> =
        by.iter().take(months).map(|month| vec![month.iter().map(member).collect()]).collect();
    let mut days: Vec<i64> = Vec::new();
    let mut at = vec![Reading::NotEnough];
    for month in by.iter().take(months) {
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
pub fn by_neighborhood(facts: &Facts, metric: Metric, of: i32) -> Vec<(Option<String>, Reading)> {
    let year = Year::of(facts, of);
    let all: Vec<(usize, &Seat)> = year.months.iter().flatten().copied().collect();
    let mut names: Vec<Option<String>> = facts.neighborhoods(period::bounds(of).1).into_iter().map(Some).collect();
    let mut by: BTreeMap<Option<&str>, Vec<(usize, &Seat)>> = BTreeMap::new();
    for one in all {
        by.entry(facts.neighborhood(one.1.school, facts.held[one.1.held].on)).or_default().push(one);
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
    let cells: Vec<&[(usize, &Seat)]> =
        names.iter().map(|name| by.get(&name.as_deref()).map_or(&[][..], Vec::as_slice)).collect();
    let (amounts, hidden) = cells_of(facts, metric, &year, &cells);
    // Seats are offered by hosts; those filled are held against nothing here.
    let told = |one: &Amount| match metric {
        Metric::SeatsFilled => Reading::Count(one.part),
        _ => reading(metric, one.part, one.whole),
    };
    let readings = amounts.iter().zip(hidden).map(|(one, hidden)| if hidden { Reading::NotEnough } else { told(one) });
    names.into_iter().zip(readings).collect()
}

fn cells_of(facts: &Facts, metric: Metric, year: &Year<'_>, cells: &[&[(usize, &Seat)]]) -> (Vec<Amount>, Vec<bool>) {
    if !matches!(
        metric,
        Metric::SeatsFilled
            | Metric::NoShows
            | Metric::EducatorHours
            | Metric::CrossSectorHours
            | Metric::PeopleReached
            | Metric::FirstTimers
    ) {
        return (vec![Amount::default(); cells.len()], vec![true; cells.len()]);
    }
    let amounts: Vec<Amount> = cells.iter().map(|seats| amount(facts, metric, year, seats, 0)).collect();
    if !running_of(facts, metric, year, 12).shown[12] {
        let hidden = vec![true; cells.len()];
        return (amounts, hidden);
    }
    let withheld = whole_of(metric).map(|whole| cells_of(facts, whole, year, cells).1).unwrap_or_default();
    let groups: Vec<Vec<Group>> = amounts.iter().map(|one| one.groups.clone()).collect();
    let hidden = withhold::hide(&groups, &withheld);
    (amounts, hidden)
}
