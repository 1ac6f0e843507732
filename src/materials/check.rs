//! What a file is, by its content and never by what it calls itself, and whether it may come in.
//!
//! Pure and bounded: sizes, counts and dimensions are looked at before anything is unpacked, so that each refusal is quick. A file is
//! refused with one sentence that says what to do.

mod office;
mod pdf;
mod picture;
mod text;

use super::kind::FileKind;

/// The largest file: 25 MB.
pub const LARGEST: usize = 25 * 1024 * 1024;
/// Longest name of a file, without its end.
const NAME: usize = 80;

/// A file that may come in.
#[derive(Debug)]
pub struct Checked {
    /// What it is.
    pub kind: FileKind,
    /// What is kept of it: pictures are made anew.
    pub bytes: Vec<u8>,
    /// Its name in addresses: letters, digits, dots, hyphens.
    pub name: String,
}

/// Looks at a file that calls itself `name`.
///
/// # Errors
/// One sentence.
pub fn check(bytes: Vec<u8>, name: &str) -> Result<Checked, String> {
    if bytes.is_empty() {
        return Err("Choose a file; this one is empty.".to_owned());
    }
    if bytes.len() > LARGEST {
        return Err(too_large());
    }
    let end = extension(name);
    let (kind, bytes) = if bytes.starts_with(b"%PDF-") {
        pdf::check(&bytes)?;
        (FileKind::Pdf, bytes)
    } else if let Some((kind, format)) = picture::kind(&bytes) {
        (kind, picture::made_anew(&bytes, format)?)
    } else if bytes.starts_with(b"PK\x03\x04") {
        (office::check(&bytes)?, bytes)
    } else {
        let kind = match end.as_str() {
            "txt" => FileKind::Txt,
            "csv" => FileKind::Csv,
            "md" | "markdown" => FileKind::Md,
            _ => return Err(unknown()),
        };
        text::check(&bytes, kind)?;
        (kind, bytes)
    };
    Ok(Checked { kind, bytes, name: safe_name(name, kind) })
}

/// Said of a file over [`LARGEST`].
pub fn too_large() -> String {
    "A file has at most 25 MB; make it smaller, or put it elsewhere and give the link.".to_owned()
}

fn unknown() -> String {
    "This kind of file is not taken; send a PDF, a picture (PNG, JPEG, WebP), a document of Word, Excel, PowerPoint or \
     OpenDocument, or a text (TXT, CSV, MD)."
        .to_owned()
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, end)| end.trim().to_lowercase()).unwrap_or_default()
}

/// A name that is only a name: no folder, nothing that a system reads as a command, the end that the content has.
fn safe_name(given: &str, kind: FileKind) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let mut name = slug::slugify(stem);
    name.truncate(NAME);
    let name = name.trim_matches('-');
    let name = if name.is_empty() { "file" } else { name };
    format!("{name}.{}", kind.extension())
}

/// Whether `needle` is somewhere in `hay`.
fn holds(hay: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else { return true };
    let mut from = 0;
    while let Some(at) = hay[from..].iter().position(|byte| byte == first) {
        let after = from + at + 1;
        if hay[after..].starts_with(rest) {
            return true;
        }
        from = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_only_a_name() {
        let cases = [
            ("../../etc/passwd", "passwd.pdf"),
            ("C:\\Users\\x\\Plan für Montag.PDF", "plan-fur-montag.pdf"),
            ("evil.exe", "evil.pdf"),
            ("..", "file.pdf"),
            ("a\r\nSet-Cookie: x.pdf", "a-set-cookie-x.pdf"),
            ("", "file.pdf"),
            (".htaccess", "file.pdf"),
        ];
        for (given, name) in cases {
            assert_eq!(safe_name(given, FileKind::Pdf), name, "{given}");
        }
        assert!(safe_name(&"long ".repeat(99), FileKind::Jpeg).len() <= NAME + 4);
    }

    #[test]
    fn what_is_not_taken_is_said_at_once() {
        let refused: [(&[u8], &str); 9] = [
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "a.svg"),
            (b"<!doctype html><script>1</script>", "a.html"),
            (b"  \n<HTML><body>", "a.txt"),
            (b"\xef\xbb\xbf<?xml version='1.0'?><svg/>", "a.md"),
            (b"MZ\x90\x00\x03", "a.txt"),
            (b"\x7fELF\x02\x01", "tool"),
            (b"#!/bin/sh\nrm -rf /", "a.txt"),
            (b"GIF89a\x01\x00", "a.gif"),
            (b"", "a.pdf"),
        ];
        for (bytes, name) in refused {
            let sentence = check(bytes.to_vec(), name).unwrap_err();
            assert!(sentence.ends_with('.'), "{name}: {sentence}");
        }
        assert_eq!(check(b"Greet at the door.".to_vec(), "a.TXT").unwrap().kind, FileKind::Txt);
        assert!(check(vec![b'a'; LARGEST + 1], "a.txt").unwrap_err().contains("25 MB"));
    }

    #[test]
    fn a_needle_is_found() {
        assert!(holds(b"aaab", b"aab") && holds(b"x", b"") && !holds(b"ab", b"abc") && holds(b"..ab", b"ab"));
    }
}
