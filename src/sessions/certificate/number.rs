//! The number of a certificate: eleven letters and digits that nobody can guess and one that finds slips of the pen.

use crate::platform::{Result, chance};

/// Crockford's alphabet: no I, L, O, U, which people misread.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters and digits of a number, the check among them: 55 bits of chance.
const LENGTH: usize = 12;

/// A new number: `7K2M-94QX-HC0D`.
pub fn fresh() -> Result<String> {
    let bytes: [u8; LENGTH - 1] = chance::bytes()?;
    let mut digits: Vec<u8> = bytes.iter().map(|byte| byte % 32).collect();
    digits.push(check(&digits));
    Ok(written(&digits))
}

/// The number of what somebody typed: small letters, spaces, no dashes, `O` for `0` are as good. `None` for what cannot be one.
pub fn parse(typed: &str) -> Option<String> {
    // Nobody types more than this; an address may hold anything.
    if typed.len() > 40 {
        return None;
    }
    let digits: Option<Vec<u8>> = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'))
        .map(digit)
        .collect();
    let digits = digits.filter(|digits| digits.len() == LENGTH)?;
    let (last, rest) = digits.split_last()?;
    (check(rest) == *last).then(|| written(&digits))
}

fn digit(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    let at = ALPHABET.iter().position(|letter| char::from(*letter) == c)?;
    u8::try_from(at).ok()
}

/// Luhn's check to the base 32: finds every wrong letter and nearly every swap of neighbors.
fn check(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, digit)| {
            let value = u32::from(*digit) * if i % 2 == 0 { 2 } else { 1 };
            value / 32 + value % 32
        })
        .sum();
    u8::try_from((32 - sum % 32) % 32).unwrap_or_default()
}

fn written(digits: &[u8]) -> String {
    let letter = |digit: &u8| char::from(ALPHABET[usize::from(*digit) % ALPHABET.len()]);
    let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().map(letter).collect()).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_type_it() {
        let number = fresh().unwrap();
        assert_eq!(number.len(), 14);
        assert_eq!(parse(&number).as_deref(), Some(number.as_str()));
        let typed = format!(" {} ", number.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l"));
        assert_eq!(parse(&typed).as_deref(), Some(number.as_str()));
        assert_ne!(fresh().unwrap(), number);
        for nonsense in ["", "7K2M-94QX", "7K2M-94QX-HC0D-7K2M", "../../etc", "7K2M-94QX-HC0Ü"] {
            assert_eq!(parse(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_found() {
        let number = "7K2M94QXHC0";
        let digits: Vec<u8> = number.chars().map(|c| digit(c).unwrap()).collect();
        let mut whole = digits.clone();
        whole.push(check(&digits));
        assert!(parse(&written(&whole)).is_some());
        for at in 0..LENGTH {
            for other in 0..32 {
                let mut wrong = whole.clone();
                wrong[at] = other;
                assert_eq!(parse(&written(&wrong)).is_some(), other == whole[at], "{at} {other}");
            }
        }
        let mut swapped = whole.clone();
        swapped.swap(2, 3);
        assert_eq!(parse(&written(&swapped)), None);
    }
}
