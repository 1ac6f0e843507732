//! PDF: whole, unlocked, and without what acts by itself.
//!
//! Names are looked for in the plain bytes, also when they are written with `#xx`, and in the packed streams that hold objects. What
//! an attacker hides deeper is bounded by how a file is served: always as a download, never shown by this site.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::holds;

/// Names of what acts by itself, or carries another file.
const ACTS: [&[u8]; 7] = [b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/XFA", b"/SubmitForm"];

/// How much of the packed objects is looked at, all together.
const UNPACKED: u64 = 16 * 1024 * 1024;
/// Most packed streams of objects: ten times what a long book has.
const STREAMS: usize = 2_000;

pub fn check(bytes: &[u8]) -> Result<(), String> {
    let Some(end) = bytes.windows(5).rposition(|part| part == b"%%EOF") else {
        return Err("This PDF is not whole; save it again and send that.".to_owned());
    };
    let after = &bytes[end + 5..];
    if !after.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return Err("Something is hung on behind the end of this PDF; save it again and send that.".to_owned());
    }
    // The end of an archive near the end of the file: it would open as one.
    let tail = &bytes[bytes.len().saturating_sub(66_000)..];
    if holds(tail, b"PK\x05\x06") {
        return Err("Another file is inside this PDF; send the two one by one.".to_owned());
    }
    if named(bytes, b"/Encrypt") {
        return Err("This PDF is locked with a password; save it without one and send that.".to_owned());
    }
    let Some(packed) = packed(bytes) else {
        return Err("This PDF has more parts than a document has; print it to a new PDF and send that.".to_owned());
    };
    let acts = ACTS.iter().any(|name| named(bytes, name));
    if acts || packed.iter().any(|objects| ACTS.iter().any(|name| named(objects, name))) {
        return Err("This PDF runs scripts or carries other files; print it to a new PDF and send that.".to_owned());
    }
    Ok(())
}

/// Whether the name is there: followed by no letter or digit, each of its characters perhaps as `#xx`.
fn named(bytes: &[u8], name: &[u8]) -> bool {
    let slashes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    for at in slashes {
        let mut rest = &bytes[at + 1..];
        let mut fits = true;
        for wanted in &name[1..] {
            let (byte, used) = match rest {
                [b'#', high, low, ..] => match (hex(*high), hex(*low)) {
                    (Some(high), Some(low)) => (high * 16 + low, 3),
                    _ => (b'#', 1),
                },
                [byte, ..] => (*byte, 1),
                [] => (0, 0),
            };
            if byte != *wanted {
                fits = false;
                break;
            }
            rest = &rest[used..];
        }
        if fits && !rest.first().is_some_and(u8::is_ascii_alphanumeric) {
            return true;
        }
    }
    false
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// What the streams of objects say once they are unpacked, as far as the bound goes; nothing where there are far too many.
fn packed(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (mut found, mut left, mut from) = (Vec::new(), UNPACKED, 0);
    let mut seen = 0;
    while let Some(at) = bytes[from..].windows(7).position(|part| part == b"/ObjStm") {
        from += at + 7;
        seen += 1;
        if seen > STREAMS {
            return None;
        }
        let window = &bytes[from..bytes.len().min(from + 1024)];
        let Some(start) = window.windows(6).position(|part| part == b"stream") else { continue };
        let mut data = &bytes[from + start + 6..];
        data = data.strip_prefix(b"\r").unwrap_or(data);
        data = data.strip_prefix(b"\n").unwrap_or(data);
        let mut objects = Vec::new();
        // What unpacks in part is looked at in part.
        let _ = ZlibDecoder::new(data).take(left).read_to_end(&mut objects);
        left = left.saturating_sub(objects.len() as u64);
        found.push(objects);
        if left == 0 {
            break;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn pdf(inside: &[u8]) -> Vec<u8> {
        [b"%PDF-1.7\n1 0 obj << /Type /Catalog ".as_slice(), inside, b" >> endobj\ntrailer << >>\n%%EOF\n"].concat()
    }

    #[test]
    fn a_pdf_does_nothing_by_itself() {
        assert_eq!(check(&pdf(b"/Pages 2 0 R /JSize 4")), Ok(()));
        for bad in [
            b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>".as_slice(),
            b"/J#53 (x)",
            b"/#4aavaScript 3 0 R",
            b"/A << /S /Launch >>",
            b"/Type /EmbeddedFile",
            b"/AcroForm << /XFA 1 0 R >>",
            b"/Encrypt 9 0 R",
        ] {
            assert!(check(&pdf(bad)).is_err(), "{}", String::from_utf8_lossy(bad));
        }
    }

    #[test]
    fn packed_objects_are_looked_into() {
        let with = |inside: &[u8]| {
            let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
            packed.write_all(inside).unwrap();
            let packed = packed.finish().unwrap();
            pdf(&[b"/Type /ObjStm /Filter /FlateDecode >>\nstream\r\n".as_slice(), &packed, b"\nendstream << "]
                .concat())
        };
        assert_eq!(check(&with(b"<< /Type /Page >>")), Ok(()));
        assert!(check(&with(b"<< /S /JavaScript >>")).is_err());
        assert!(check(&pdf(&b"/ObjStm stream ".repeat(STREAMS + 1))).unwrap_err().contains("more parts"));
    }

    #[test]
    fn nothing_is_hung_on() {
        assert!(check(b"%PDF-1.7 cut off").is_err());
        assert!(check(&[pdf(b""), b"<script>".to_vec()].concat()).is_err());
        assert!(check(&pdf(b"PK\x05\x06 ")).is_err());
        assert_eq!(check(&[pdf(b""), b"\r\n\0".to_vec()].concat()), Ok(()));
    }
}
