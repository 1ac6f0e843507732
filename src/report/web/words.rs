//! The report in words and charts.

use std::collections::BTreeMap;

use crate::report::chart::{self, Mark, Series};
use crate::report::city::Report;
use crate::report::metric::Metric;
use crate::report::views::{Attention, FigureRow, Group, ReportPage, Table};
use crate::report::{Figure, Reading, period};
use crate::web::site::{Site, day};
use crate::web::views::{Choice, Link};

/// Which figures stand together.
const GROUPS: [(&str, &str, &[Metric]); 4] = [
    (
        "together",
        "What happened together",
        &[
            Metric::SessionsHeld,
            Metric::CrossSectorSessions,
            Metric::PracticesShared,
            Metric::AdoptionsAcross,
            Metric::KeptAfterAYear,
            Metric::ActiveSchools,
            Metric::Coverage,
        ],
    ),
    (
        "people",
        "Who took part",
        &[
            Metric::PeopleReached,
            Metric::FirstTimers,
            Metric::SeatsOffered,
            Metric::SeatsFilled,
            Metric::NoShows,
            Metric::EducatorHours,
            Metric::CrossSectorHours,
        ],
    ),
    (
        "unmet",
        "What was asked for and not met",
        &[Metric::NeverSeated, Metric::SearchesUnanswered, Metric::DaysToApproval],
    ),
    ("promised", "What was promised", &[Metric::CommitmentsMet, Metric::CommitmentsSilent]),
];

/// The page of a report.
pub fn report_page(report: &Report, site: &Site, print: bool) -> ReportPage {
    let scope = &report.scope;
    let url = format!("/city/{}", scope.city);
    let mut pairs = vec![("from", scope.from.to_string()), ("to", scope.to.to_string())];
    pairs.extend(scope.neighborhood.iter().map(|name| ("neighborhood", name.clone())));
    let query = serde_urlencoded::to_string(&pairs).unwrap_or_default();
    let title = format!("{}: what schools do together", report.place);
    let description = format!(
        "Joint sessions, shared practices, adoptions across sector lines and commitments in {}, in numbers that count themselves.",
        report.place
    );
    let mut chrome = site.chrome(&title, &description, &format!("{url}?{query}"));
    chrome.print_view = print;
    chrome.noindex = print;
    let span = format!("{} to {}", day(scope.from), day(scope.to));
    let zone = report.zone;
    ReportPage {
        chrome,
        place: report.place.clone(),
        years: years(report, &url),
        from: scope.from.to_string(),
        to: scope.to.to_string(),
        neighborhoods: neighborhoods(report),
        period: match &scope.neighborhood {
            Some(name) => format!("{name}, {span}"),
            None => span,
        },
        as_of: format!("{}, {}", day(report.today), zone.abbreviation(report.as_of)),
        groups: GROUPS.into_iter().map(|(id, title, metrics)| group(report, id, title, metrics)).collect(),
        sessions_svg_html: sessions_chart(report),
        sessions: sessions_table(report),
        ways_svg_html: if report.ways.is_empty() { String::new() } else { ways_chart(report) },
        ways: ways_table(report),
        directions: directions(report),
        sectors: sectors(report),
        map_svg_html: map(report),
        places: places(report),
        commitments: commitments(report),
        attention: attention(report),
        csv_url: format!("{url}.csv?{query}"),
        print_url: format!("{url}?{query}&print=1"),
        page_url: format!("{url}?{query}"),
        url,
    }
}

fn years(report: &Report, url: &str) -> Vec<(Link, bool)> {
    let link = |year: &i32| {
        let (from, to) = period::bounds(*year);
        let chosen = (report.scope.from, report.scope.to) == (from, to);
        (Link { text: period::year_label(*year), url: format!("{url}?from={from}&to={to}") }, chosen)
    };
    report.choices.iter().map(link).collect()
}

fn neighborhoods(report: &Report) -> Vec<Choice> {
    let chosen = report.scope.neighborhood.as_deref().unwrap_or_default();
    let choice = |value: &str, label: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        selected: value == chosen,
    };
    std::iter::once(choice("", "The whole city")).chain(report.names.iter().map(|name| choice(name, name))).collect()
}

fn group(report: &Report, id: &'static str, title: &'static str, metrics: &[Metric]) -> Group {
    Group { id, title, rows: metrics.iter().filter_map(|metric| report.figure(*metric)).map(figure).collect() }
}

fn figure(figure: &Figure) -> FigureRow {
    let metric = figure.metric;
    let today = matches!(metric, Metric::CommitmentsMet | Metric::CommitmentsSilent);
    FigureRow {
        label: metric.label().to_owned(),
        url: format!("/city/how-we-count#{}", metric.code()),
        value: match (&figure.reading, metric) {
            (Reading::Count(n), Metric::EducatorHours) if *n != 1 => format!("{} hours", figure.reading),
            _ => figure.words(),
        },
        of: metric.definition().of.to_owned(),
        period: if today { "today".to_owned() } else { format!("{} to {}", day(figure.from), day(figure.to)) },
    }
}

fn labels(report: &Report) -> Vec<String> {
    report.years.iter().map(|row| period::year_label(row.year)).collect()
}

fn sessions_chart(report: &Report) -> String {
    let series = |name: &str, of: fn(&crate::report::city::YearRow) -> i64| Series {
        name: name.to_owned(),
        values: report.years.iter().map(|row| Some(of(row))).collect(),
    };
    let all = [series("Sessions held", |row| row.sessions), series("Cross-sector sessions", |row| row.joint)];
    chart::bars("chart-sessions", "Sessions held by school year", &labels(report), &all)
}

fn sessions_table(report: &Report) -> Table {
    let heads = ["School year", "Sessions held", "Cross-sector sessions", "Educator hours", "People reached"];
    let row = |row: &crate::report::city::YearRow| {
        vec![
            period::year_label(row.year),
            row.sessions.to_string(),
            row.joint.to_string(),
            row.hours.to_string(),
            row.reached.to_string(),
        ]
    };
    Table::new("Sessions by school year", &heads, report.years.iter().map(row).collect())
}

fn way(report: &Report, at: usize) -> String {
    report.ways.get(at).map(|(from, to)| format!("{from} to {}", to.to_lowercase())).unwrap_or_default()
}

fn ways_chart(report: &Report) -> String {
    let series = |at: usize| Series {
        name: way(report, at),
        values: report.years.iter().map(|row| row.ways.get(at).copied()).collect(),
    };
    let all: Vec<Series> = (0..report.ways.len()).map(series).collect();
    chart::bars("chart-ways", "Adoptions across sector lines by school year and direction", &labels(report), &all)
}

fn ways_table(report: &Report) -> Table {
    let names: Vec<String> = (0..report.ways.len()).map(|at| way(report, at)).collect();
    let heads: Vec<&str> = std::iter::once("School year").chain(names.iter().map(String::as_str)).collect();
    let row = |row: &crate::report::city::YearRow| {
        std::iter::once(period::year_label(row.year)).chain(row.ways.iter().map(i64::to_string)).collect()
    };
    Table::new("Adoptions across sector lines by school year", &heads, report.years.iter().map(row).collect())
}

fn directions(report: &Report) -> Table {
    let heads = ["Direction", "Adoptions that began", "Kept after a year"];
    let row = |one: &crate::report::city::Direction| {
        let name = format!("{} to {}", one.from, one.to.to_lowercase());
        vec![name, one.adoptions.to_string(), one.kept.to_string()]
    };
    Table::new("Adoptions across sector lines in this period", &heads, report.directions.iter().map(row).collect())
}

fn sectors(report: &Report) -> Table {
    let heads = ["Sector", "Practices shared", "Of these, tried and stopped"];
    let row = |one: &crate::report::city::SectorRow| {
        vec![one.sector.clone(), one.practices.to_string(), one.stopped.to_string()]
    };
    Table::new("Practices shared by sector", &heads, report.sectors.iter().map(row).collect())
}

fn places(report: &Report) -> Table {
    let heads = [
        "Neighborhood",
        "Schools",
        "Active schools",
        "Sessions held",
        "Practices shared",
        "Adoptions across sector lines",
        "People reached",
    ];
    let row = |one: &crate::report::city::Neighborhood| {
        vec![
            one.name.clone().unwrap_or_else(|| "None stated, or elsewhere".to_owned()),
            one.schools.to_string(),
            one.active.to_string(),
            one.sessions.to_string(),
            one.practices.to_string(),
            one.adoptions.to_string(),
            one.reached.to_string(),
        ]
    };
    Table::new("By neighborhood", &heads, report.neighborhoods.iter().map(row).collect())
}

/// Schools of a map that its description names one by one.
const SPOKEN: usize = 20;

/// Where schools lie, each neighborhood named once; where no school states a position, a tile for each neighborhood.
fn map(report: &Report) -> String {
    if !report.spots.is_empty() {
        let mut named: Vec<String> = Vec::new();
        let mut mark = |spot: &crate::report::city::Spot| {
            let new = !spot.neighborhood.is_empty() && !named.contains(&spot.neighborhood);
            named.push(spot.neighborhood.clone());
            let name = if new { spot.neighborhood.clone() } else { String::new() };
            Mark { name, east: spot.at.1, north: spot.at.0, full: spot.active }
        };
        let marks: Vec<Mark> = report.spots.iter().map(&mut mark).collect();
        let line = |spot: &crate::report::city::Spot| {
            let active = if spot.active { "active" } else { "not active" };
            format!(
                "{}{}: {active}",
                spot.name,
                if spot.neighborhood.is_empty() { String::new() } else { format!(" in {}", spot.neighborhood) }
            )
        };
        let mut lines: Vec<String> = report.spots.iter().map(line).collect();
        if lines.len() > SPOKEN {
            // Nobody listens to hundreds of names.
            let mut parts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
            for spot in &report.spots {
                let name = if spot.neighborhood.is_empty() { "No neighborhood" } else { spot.neighborhood.as_str() };
                let part = parts.entry(name).or_default();
                *part = (part.0 + usize::from(spot.active), part.1 + 1);
            }
            lines = parts.iter().map(|(name, (active, all))| format!("{name}: {active} of {all} active")).collect();
        }
        let description = format!("Full circles are active schools, open ones are not. {}.", lines.join("; "));
        return chart::map("map-schools", "Schools of the city where they lie", &description, &marks);
    }
    let tile = |one: &crate::report::city::Neighborhood| {
        let line = format!("Active schools: {}", one.active.reading);
        one.name.clone().map(|name| {
            (name, line, !matches!(one.active.reading, Reading::NotEnough | Reading::Share { part: 0, .. }))
        })
    };
    let tiles: Vec<(String, String, bool)> = report.neighborhoods.iter().filter_map(tile).collect();
    let lines: Vec<String> = tiles.iter().map(|(name, line, _)| format!("{name}: {line}")).collect();
    let description = format!("Schools state no position; each neighborhood has a tile. {}.", lines.join("; "));
    chart::tiles("map-neighborhoods", "Neighborhoods of the city", &description, &tiles)
}

/// Status in rows, freshness in columns.
fn commitments(report: &Report) -> Table {
    let heads = ["Status", "Commitments", "Fresh", "Due for an update", "No update for 180 days"];
    let mut by: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for one in &report.commitments {
        let row = by.entry(&one.status).or_default();
        row[0] += 1;
        let at = if one.silent {
            3
        } else if one.freshness == "Fresh" {
            1
        } else {
            2
        };
        // What is over asks for no news.
        if one.open {
            row[at] += 1;
        }
    }
    let row = |(status, counts): (&str, [usize; 4])| {
        std::iter::once(status.to_owned()).chain(counts.iter().map(usize::to_string)).collect()
    };
    Table::new("Commitments by status and freshness", &heads, by.into_iter().map(row).collect())
}

fn attention(report: &Report) -> Vec<Attention> {
    let asks = |one: &&crate::report::facts::Promise| one.missed || one.disputed || one.silent;
    let row = |one: &crate::report::facts::Promise| {
        let mut why = vec![one.standing.clone()];
        if one.disputed {
            why.push("Two sides see it in two ways".to_owned());
        }
        if one.silent {
            why.push(format!("No update since {}", day(one.spoken_on)));
        }
        Attention {
            commitment: Link { text: one.sentence.clone(), url: one.url.clone() },
            compact: one.compact.clone(),
            why,
        }
    };
    report.commitments.iter().filter(asks).map(row).collect()
}
