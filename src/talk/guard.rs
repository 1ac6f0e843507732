//! What in a text may tell who a student is, before it is kept: addresses and telephone numbers. Pure.

/// The pieces of the text that may.
pub fn findings(text: &str) -> Vec<String> {
    let piece = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let mut found: Vec<String> = text
        .split_whitespace()
        .map(piece)
        .filter(|word| word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')))
        .collect();
    // Ten digits with nothing but the usual marks between them.
    let mut run = String::new();
    for c in text.chars().chain(['x']) {
        match c {
            '0'..='9' => run.push(c),
            ' ' | '-' | '.' | '(' | ')' | '+' if !run.is_empty() => run.push(c),
            _ => {
                let digits = run.chars().filter(char::is_ascii_digit).count();
                if (10..=11).contains(&digits) {
                    found.push(run.trim().to_owned());
                }
                run.clear();
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers_are_found_and_years_are_not() {
        assert_eq!(findings("Ask (ann@home.example), please."), ["ann@home.example"]);
        assert_eq!(findings("Call 212-555-0147 today"), ["212-555-0147"]);
        assert!(findings("From 2024-25 to 2026, 20 minutes @ noon, 3 to 5 times in grades 3-5.").is_empty());
    }
}
