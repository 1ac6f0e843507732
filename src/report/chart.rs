//! Charts as SVG, made on the server. Each has a title and a description, tells its series apart by pattern and letter as well as
//! by shade, and stands beside a table with the same numbers. Colors are those of the text around, so that dark and printed pages
//! are right.

use std::fmt::Write;

/// A series of bars: its name, and a value for each place; `None` is not told.
#[derive(Clone, Debug)]
pub struct Series {
    /// What people call it.
    pub name: String,
    /// In the order of the places.
    pub values: Vec<Option<i64>>,
}

const WIDTH: i64 = 640;
const HEIGHT: i64 = 240;
const TOP: i64 = 34;
const FLOOR: i64 = 200;

fn text(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn open(id: &str, title: &str, description: &str, width: i64, height: i64) -> String {
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-title\" aria-describedby=\"{id}-desc\" font-size=\"13\" \
         fill=\"currentColor\"><title id=\"{id}-title\">{}</title><desc id=\"{id}-desc\">{}</desc>",
        text(title),
        text(description)
    )
}

/// The pattern that fills a series: full, hatched, dotted, and again.
fn fill(id: &str, series: usize) -> String {
    match series % 3 {
        0 => "currentColor".to_owned(),
        n => format!("url(#{id}-p{n})"),
    }
}

fn patterns(id: &str) -> String {
    format!(
        "<defs><pattern id=\"{id}-p1\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
         <rect width=\"2\" height=\"6\" fill=\"currentColor\"/></pattern><pattern id=\"{id}-p2\" width=\"6\" height=\"6\" \
         patternUnits=\"userSpaceOnUse\"><circle cx=\"3\" cy=\"3\" r=\"1.6\" fill=\"currentColor\"/></pattern></defs>"
    )
}

/// Bars side by side for each place, the number above each; what is not told is a dash. `id` is the chart's own on its page.
pub fn bars(id: &str, title: &str, places: &[String], series: &[Series]) -> String {
    let told = |value: &Option<i64>| value.map_or_else(|| "not enough data".to_owned(), |n| n.to_string());
    let mut description = String::new();
    for one in series {
        let values: Vec<String> =
            places.iter().zip(&one.values).map(|(place, value)| format!("{place}: {}", told(value))).collect();
        let _ = write!(description, "{}: {}. ", one.name, values.join(", "));
    }
    let most = series.iter().flat_map(|one| one.values.iter().flatten()).copied().max().unwrap_or(0).max(1);
    let mut svg = open(id, title, description.trim(), WIDTH, HEIGHT);
    svg.push_str(&patterns(id));
    let count = |n: usize| i64::try_from(n.max(1)).unwrap_or(1);
    let room = (WIDTH - 20) / count(places.len());
    let bar = ((room - 24) / count(series.len())).clamp(10, 56);
    for (at, one) in series.iter().enumerate() {
        let x = 10 + (WIDTH - 20) / count(series.len()) * count(at + 1) - (WIDTH - 20) / count(series.len());
        let _ = write!(
            svg,
            "<rect x=\"{x}\" y=\"6\" width=\"14\" height=\"12\" fill=\"{}\" stroke=\"currentColor\"/><text x=\"{}\" y=\"17\">{}</text>",
            fill(id, at),
            x + 20,
            text(&one.name)
        );
    }
    let _ = write!(svg, "<path d=\"M10 {FLOOR}H{}\" stroke=\"currentColor\"/>", WIDTH - 10);
    for (number, place) in places.iter().enumerate() {
        let left = 10 + room * (count(number + 1) - 1);
        let start = left + (room - bar * count(series.len())) / 2;
        let middle = left + room / 2;
        let _ = write!(svg, "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>", FLOOR + 20, text(place));
        for (at, one) in series.iter().enumerate() {
            let x = start + bar * (count(at + 1) - 1);
            let value = one.values.get(number).copied().flatten();
            let height = value.unwrap_or(0) * (FLOOR - TOP - 18) / most;
            if height > 0 {
                let _ = write!(
                    svg,
                    "<rect x=\"{x}\" y=\"{}\" width=\"{}\" height=\"{height}\" fill=\"{}\" stroke=\"currentColor\"/>",
                    FLOOR - height,
                    bar - 4,
                    fill(id, at)
                );
            }
            let label = value.map_or_else(|| "\u{2013}".to_owned(), |n| n.to_string());
            let _ = write!(
                svg,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{label}</text>",
                x + (bar - 4) / 2,
                FLOOR - height - 5
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

/// A place on a map: its name, how far east and north, and whether something happens there.
#[derive(Clone, Debug)]
pub struct Mark {
    /// What stands beside it; empty for nothing.
    pub name: String,
    /// Degrees east.
    pub east: f64,
    /// Degrees north.
    pub north: f64,
    /// A full circle; else an open one.
    pub full: bool,
}

/// Places where they lie, north up.
pub fn map(id: &str, title: &str, description: &str, marks: &[Mark]) -> String {
    let (width, height) = (640.0, 420.0);
    let mut svg = open(id, title, description, 640, 420);
    let bounds = |of: fn(&Mark) -> f64| {
        let (low, high) = marks.iter().map(of).fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(x), high.max(x)));
        (low, (high - low).max(0.001))
    };
    let ((west, wide), (south, tall)) = (bounds(|mark| mark.east), bounds(|mark| mark.north));
    // A degree east is shorter the farther north it is.
    let squeeze = (south + tall / 2.0).to_radians().cos().max(0.1);
    let scale = ((width - 200.0) / (wide * squeeze)).min((height - 60.0) / tall);
    let (left, top) = ((width - 120.0 - wide * squeeze * scale) / 2.0, (height - tall * scale) / 2.0);
    for mark in marks {
        let (x, y) = (left + (mark.east - west) * squeeze * scale, top + (south + tall - mark.north) * scale);
        let fill = if mark.full { "currentColor" } else { "none" };
        let _ = write!(
            svg,
            "<circle cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"7\" fill=\"{fill}\" stroke=\"currentColor\" stroke-width=\"2\"/><text x=\"{:.0}\" y=\"{:.0}\">{}</text>",
            x + 12.0,
            y + 4.0,
            text(&mark.name)
        );
    }
    svg.push_str("</svg>");
    svg
}

/// A tile for each place in the order of the alphabet, for cities whose schools state no position: its name and a line below it.
pub fn tiles(id: &str, title: &str, description: &str, tiles: &[(String, String, bool)]) -> String {
    let rows = i64::try_from(tiles.len().div_ceil(3)).unwrap_or(1).max(1);
    let mut svg = open(id, title, description, WIDTH, rows * 84);
    for (at, (name, line, full)) in tiles.iter().enumerate() {
        let (column, row) = (i64::try_from(at % 3).unwrap_or(0), i64::try_from(at / 3).unwrap_or(0));
        let (x, y) = (column * 214 + 2, row * 84 + 2);
        let edge = if *full { "stroke-width=\"3\"" } else { "stroke-dasharray=\"4 4\"" };
        let _ = write!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"206\" height=\"76\" fill=\"none\" stroke=\"currentColor\" {edge}/>\
             <text x=\"{}\" y=\"{}\" font-weight=\"600\">{}</text><text x=\"{}\" y=\"{}\">{}</text>",
            x + 12,
            y + 32,
            text(name),
            x + 12,
            y + 54,
            text(line)
        );
    }
    svg.push_str("</svg>");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_words_patterns_and_no_color_of_their_own() {
        let series = [
            Series { name: "District <to> charter".to_owned(), values: vec![Some(3), None] },
            Series { name: "Charter to district".to_owned(), values: vec![Some(0), Some(6)] },
        ];
        let svg = bars("ways", "Adoptions", &["2024\u{2013}25".to_owned(), "2025\u{2013}26".to_owned()], &series);
        for words in [
            "<title id=\"ways-title\">Adoptions</title>",
            "District &lt;to&gt; charter: 2024\u{2013}25: 3, 2025\u{2013}26: not enough data.",
            "role=\"img\"",
            "aria-labelledby=\"ways-title\" aria-describedby=\"ways-desc\"",
            "url(#ways-p1)",
        ] {
            assert!(svg.contains(words), "{words}: {svg}");
        }
        assert!(!svg.contains('#') || !svg.contains("fill=\"#"), "{svg}");
        assert!(!svg.contains("style="));
    }

    #[test]
    fn a_map_of_one_place_and_of_none_is_drawn() {
        let mark = Mark { name: "Harbor".to_owned(), east: -73.9, north: 42.7, full: true };
        let svg = map("map", "Schools", "One school.", &[mark]);
        assert!(svg.contains("<circle") && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        assert!(map("map", "Schools", "None.", &[]).ends_with("</svg>"));
        let tile = ("Old Mill".to_owned(), "2 of 3 schools active".to_owned(), true);
        assert!(tiles("map", "Neighborhoods", "", &[tile]).contains("Old Mill"));
    }
}
