//! Texts: UTF-8 that no browser and no shell takes for something to run.

use crate::materials::kind::FileKind;

/// Beginnings of what is no plain text, in small letters.
const NOT_TEXT: [&str; 9] = ["<!doctype", "<html", "<svg", "<?xml", "<script", "<head", "<body", "{\\rtf", "%!ps"];

/// Most rows and columns of a table whose cells are looked at one by one; the size of the file bounds it anyway.
const CELLS: usize = 4_000_000;

pub fn check(bytes: &[u8], kind: FileKind) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(
            "This text is not in UTF-8; save it as UTF-8 (in Excel: \u{201c}CSV UTF-8\u{201d}) and send it again."
                .to_owned(),
        );
    };
    let text = text.trim_start_matches('\u{feff}');
    if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}')) {
        return Err("This is no plain text; choose another file.".to_owned());
    }
    let start: String = text.trim_start().chars().take(16).collect::<String>().to_lowercase();
    if start.starts_with("#!") || NOT_TEXT.iter().any(|not| start.starts_with(not)) {
        return Err("This is a page or a program and no plain text; send it as PDF.".to_owned());
    }
    if kind == FileKind::Csv { cells(text) } else { Ok(()) }
}

/// No cell that a spreadsheet would run. A number with a sign is one.
fn cells(text: &str) -> Result<(), String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut seen = 0;
    for row in reader.records() {
        let Ok(row) = row else {
            return Err("This table cannot be read; save it as CSV again.".to_owned());
        };
        for cell in &row {
            seen += 1;
            if seen > CELLS {
                return Err("This table is too long; send a workbook in its place.".to_owned());
            }
            let cell = cell.trim_start();
            let signed = cell.starts_with(['+', '-']) && cell.len() > 1;
            let number = |cell: &str| {
                cell[1..].trim_start().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '$' | ' '))
            };
            let runs = cell.starts_with(['=', '@']) || (signed && cell.contains(['(', '|', '!']) && !number(cell));
            if runs {
                return Err(
                    "A cell of this table begins like a formula (=, @), which spreadsheets run; send its value in its place.".to_owned()
                );
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_runs_nothing() {
        for good in ["a,b\n-1,+2\n\"- note\",x\n", "a;b\n", "@\n".trim_start_matches('@'), "growth,-3.5 %\n"] {
            assert_eq!(check(good.as_bytes(), FileKind::Csv), Ok(()), "{good}");
        }
        for bad in
            ["a,=1+1\n", "=cmd|' /C calc'!A0\n", "x,\" @SUM(1)\"\n", "-cmd|' /C calc'!A0\n", "a,b\n1,+HYPERLINK(1)\n"]
        {
            assert!(check(bad.as_bytes(), FileKind::Csv).is_err(), "{bad}");
        }
        // In a text it is only a text.
        assert_eq!(check(b"=1+1", FileKind::Txt), Ok(()));
    }

    #[test]
    fn a_text_is_utf_8_without_odd_characters() {
        assert_eq!(check("Begr\u{fc}\u{df}ung\r\n\tA".as_bytes(), FileKind::Md), Ok(()));
        assert!(check(b"Begr\xfc\xdfung", FileKind::Csv).unwrap_err().contains("UTF-8"));
        assert!(check(b"a\x00b", FileKind::Txt).is_err());
        assert!(check(b"\x1b[2J", FileKind::Txt).is_err());
    }
}
