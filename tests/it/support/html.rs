//! Reading our own pages: the elements and their attributes, decoded, without building a tree. Text in a wrong place
//! (an unescaped quotation mark, a bracket) shows as an element or attribute that no template has.

/// One start tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Its name, in lower case.
    pub name: String,
    /// Its attributes, decoded, in order.
    pub attributes: Vec<(String, String)>,
    /// What follows it up to the next tag, decoded; of a script or style all of its content, as it stands.
    pub text: String,
}

impl Element {
    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// Every start tag of a page, in order.
pub fn elements(html: &str) -> Vec<Element> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let Some(first) = rest[1..].chars().next() else { break };
        if !first.is_ascii_alphabetic() {
            rest = &rest[1..];
            continue;
        }
        let (mut element, after) = start_tag(&rest[1..]);
        rest = after;
        let end = if ["script", "style", "textarea", "title"].contains(&element.name.as_str()) {
            rest.to_ascii_lowercase().find(&format!("</{}", element.name))
        } else {
            rest.find('<')
        };
        let (text, after) = rest.split_at(end.unwrap_or(rest.len()));
        element.text = if element.name == "script" || element.name == "style" { text.to_owned() } else { decode(text) };
        rest = after;
        found.push(element);
    }
    found
}

fn start_tag(text: &str) -> (Element, &str) {
    let name_end = text.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(text.len());
    let (name, mut rest) = text.split_at(name_end);
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            rest = after;
            break;
        }
        if rest.is_empty() {
            break;
        }
        let end = rest.find(|c: char| c.is_whitespace() || "=>/".contains(c)).unwrap_or(rest.len()).max(1);
        let (attribute, after) = rest.split_at(end);
        rest = after;
        let mut value = String::new();
        if let Some(after) = rest.trim_start().strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| "\"'".contains(*c));
            let (raw, after) = match quote {
                Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                None => after.split_at(after.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(after.len())),
            };
            value = decode(raw);
            rest = after;
        }
        attributes.push((attribute.to_ascii_lowercase(), value));
    }
    (Element { name: name.to_ascii_lowercase(), attributes, text: String::new() }, rest)
}

/// Text with its character references decoded: those that our pages use.
pub fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest.find(';').filter(|end| *end < 12).map(|end| &rest[1..end]);
        let decoded = reference.and_then(|name| match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "hellip" => Some('\u{2026}'),
            _ => {
                let number = name.strip_prefix('#')?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)
            }
        });
        match (decoded, reference) {
            (Some(c), Some(name)) => {
                out.push(c);
                rest = &rest[name.len() + 2..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The text of a page as a person reads it, white space made one.
pub fn text(html: &str) -> String {
    let mut all = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        all.push_str(&decode(before));
        all.push(' ');
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, r)| r);
            continue;
        }
        rest = match after.get(..6).map(str::to_ascii_lowercase).as_deref() {
            Some("script") => after.split_once("</script>").map_or("", |(_, r)| r),
            _ => after.split_once('>').map_or("", |(_, r)| r),
        };
    }
    all.push_str(&decode(rest));
    all.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_page_is_read_as_a_browser_reads_it() {
    let page = r#"<!doctype html><!-- <b> --><A HREF="/x?a=1&amp;b=2" hidden>1 &lt; 2</a><img src=x onerror='y("z")'>
        <script src="/a.js"></script><script>if (a<b) "<p>"</script><p>end</p> tail"#;
    let found = elements(page);
    let names: Vec<&str> = found.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["a", "img", "script", "script", "p"]);
    assert_eq!((found[0].get("href"), found[0].get("hidden")), (Some("/x?a=1&b=2"), Some("")));
    assert_eq!(found[0].text, "1 < 2");
    assert_eq!(found[1].get("onerror"), Some("y(\"z\")"));
    assert_eq!(found[3].text, "if (a<b) \"<p>\"");
    assert_eq!(text(page), "1 < 2 end tail");
}
