//! Documents of office programs: archives whose list is read first, whose size is known before anything is unpacked, and in which
//! nothing runs by itself or fetches something from elsewhere.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::materials::kind::FileKind;

/// Most files in one.
const ENTRIES: u16 = 4_000;
/// Most bytes of all files in one, unpacked.
const UNPACKED: u64 = 200 * 1024 * 1024;
/// Most bytes of a list that is read as a whole.
const LIST: u64 = 4 * 1024 * 1024;
/// The end of the list of an archive: its mark and fixed length.
const END: (&[u8], usize) = (b"PK\x05\x06", 22);

const MAIN: [(&str, FileKind); 3] = [
    ("wordprocessingml.document.main+xml", FileKind::Docx),
    ("spreadsheetml.sheet.main+xml", FileKind::Xlsx),
    ("presentationml.presentation.main+xml", FileKind::Pptx),
];
const MIMETYPE: [FileKind; 3] = [FileKind::Odt, FileKind::Ods, FileKind::Odp];

pub fn check(bytes: &[u8]) -> Result<FileKind, String> {
    plain_end(bytes)?;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    if archive.offset() != 0 || archive.len() > usize::from(ENTRIES) {
        return Err(broken());
    }
    let (mut total, mut names) = (0_u64, Vec::new());
    for at in 0..archive.len() {
        let file = archive.by_index_raw(at).map_err(|_| broken())?;
        let name = file.name().map_err(|_| broken())?.into_owned();
        if file.encrypted() || name.contains("..") || name.contains('\\') || name.starts_with('/') {
            return Err(broken());
        }
        total = total.saturating_add(file.size());
        if total > UNPACKED {
            return Err(bomb());
        }
        names.push(name);
    }
    if names.iter().any(|name| runs(&name.to_lowercase())) {
        return Err(
            "This document holds macros or programs; save it without them (for example as .docx) and send that."
                .to_owned(),
        );
    }
    let kind = kind(&mut archive, &names)?;
    let mut left = UNPACKED;
    for (at, name) in names.iter().enumerate() {
        let mut file = archive.by_index(at).map_err(|_| broken())?;
        let said = file.size();
        if name.ends_with(".rels") {
            let list = read(&mut file)?;
            left = left.saturating_sub(list.len() as u64);
            if fetches(&list) {
                return Err(
                    "This document fetches a part of itself from elsewhere; embed it and send the document again."
                        .to_owned(),
                );
            }
            continue;
        }
        // Some say less than they hold.
        let held = std::io::copy(&mut (&mut file).take(said + 1), &mut std::io::sink()).map_err(|_| broken())?;
        if held > said || held > left {
            return Err(bomb());
        }
        left -= held;
    }
    Ok(kind)
}

/// One list, at the very end, of not too many files.
fn plain_end(bytes: &[u8]) -> Result<(), String> {
    let Some(end) = bytes.len().checked_sub(END.1).and_then(|at| bytes.get(at..)) else { return Err(broken()) };
    if !end.starts_with(END.0) || end[20..22] != [0, 0] {
        return Err(broken());
    }
    if u16::from_le_bytes([end[10], end[11]]) > ENTRIES {
        return Err(bomb());
    }
    Ok(())
}

fn kind(archive: &mut ZipArchive<Cursor<&[u8]>>, names: &[String]) -> Result<FileKind, String> {
    if names.first().is_some_and(|name| name == "mimetype") {
        let said = read(&mut archive.by_index(0).map_err(|_| broken())?)?;
        return MIMETYPE.into_iter().find(|kind| kind.media_type() == said.trim()).ok_or_else(super::unknown);
    }
    let Some(at) = names.iter().position(|name| name == "[Content_Types].xml") else { return Err(super::unknown()) };
    let types = read(&mut archive.by_index(at).map_err(|_| broken())?)?;
    if types.to_lowercase().contains("macroenabled") {
        return Err("This document holds macros; save it without them (for example as .docx) and send that.".to_owned());
    }
    let fits: Vec<FileKind> = MAIN.iter().filter(|(main, _)| types.contains(main)).map(|(_, kind)| *kind).collect();
    // Charts in slides bring a workbook of their own, whose type is in its own list.
    match fits.as_slice() {
        [kind] => Ok(*kind),
        _ => Err(super::unknown()),
    }
}

/// Whether a file of this name, in small letters, runs or carries what runs.
fn runs(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    let ends = [
        ".exe", ".dll", ".js", ".vbs", ".bat", ".cmd", ".ps1", ".jar", ".hta", ".scr", ".com", ".msi", ".html", ".svg",
    ];
    // Pictures in documents are often kept as SVG beside a PNG: drawings of the document, which no browser opens alone.
    let drawing = file.ends_with(".svg") && (name.contains("/media/") || name.starts_with("pictures/"));
    file.contains("vbaproject")
        || file.starts_with("vbadata")
        || file.starts_with("oleobject")
        || name.contains("activex/")
        || name.starts_with("basic/")
        || name.starts_with("scripts/")
        || (!drawing && ends.iter().any(|end| file.ends_with(end)))
}

/// Whether a list of relationships leads elsewhere by itself. A link that a reader follows does not.
fn fetches(list: &str) -> bool {
    list.split('<').filter(|tag| tag.contains("External")).any(|tag| {
        let tag = tag.to_lowercase();
        !tag.contains("/hyperlink\"") && !tag.contains("/hyperlink'")
    })
}

fn read(file: &mut impl Read) -> Result<String, String> {
    let mut text = Vec::new();
    file.take(LIST + 1).read_to_end(&mut text).map_err(|_| broken())?;
    if text.len() as u64 > LIST {
        return Err(bomb());
    }
    String::from_utf8(text).map_err(|_| broken())
}

fn broken() -> String {
    "This document cannot be read; save it again without a password and send that.".to_owned()
}

fn bomb() -> String {
    "This document is far larger than it looks; make it smaller and send it again.".to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    const TYPES: &str = r#"<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn docx(more: &[(&str, &[u8])]) -> Vec<u8> {
        let mut files: Vec<(&str, &[u8])> =
            vec![("[Content_Types].xml", TYPES.as_bytes()), ("word/document.xml", b"<w:p/>")];
        files.extend(more);
        archive(&files)
    }

    /// The same archive where a size is said to be another.
    fn said_otherwise(mut zip: Vec<u8>, size: u32, other: u32) -> Vec<u8> {
        let size = size.to_le_bytes();
        let places: Vec<usize> =
            zip.windows(4).enumerate().filter(|(_, part)| *part == size).map(|(at, _)| at).collect();
        assert!(!places.is_empty());
        for at in places {
            zip[at..at + 4].copy_from_slice(&other.to_le_bytes());
        }
        zip
    }

    #[test]
    fn documents_are_known_by_what_they_hold() {
        assert_eq!(check(&docx(&[])), Ok(FileKind::Docx));
        let odt = archive(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<x/>")]);
        assert_eq!(check(&odt), Ok(FileKind::Odt));
        assert!(check(&archive(&[("a.txt", b"x")])).is_err());
        assert!(check(&archive(&[("mimetype", b"application/epub+zip")])).is_err());
    }

    #[test]
    fn nothing_runs_and_nothing_is_fetched() {
        let link = br#"<Relationship Type="http://x/relationships/hyperlink" Target="https://a.example" TargetMode="External"/>"#;
        assert_eq!(check(&docx(&[("word/_rels/document.xml.rels", link)])), Ok(FileKind::Docx));
        let template = br#"<Relationship Type="http://x/relationships/attachedTemplate" Target="https://evil.example/x.dotm" TargetMode="External"/>"#;
        let macros = TYPES.replace("wordprocessingml.document.main", "ms-word.document.macroEnabled.main");
        for bad in [
            docx(&[("word/_rels/settings.xml.rels", template)]),
            docx(&[("word/vbaProject.bin", b"x")]),
            docx(&[("word/activeX/activeX1.xml", b"x")]),
            docx(&[("word/embeddings/oleObject1.bin", b"x")]),
            docx(&[("setup.exe", b"MZ")]),
            docx(&[("../../evil.xml", b"x")]),
            archive(&[("[Content_Types].xml", macros.as_bytes())]),
        ] {
            assert!(check(&bad).unwrap_err().ends_with('.'));
        }
        assert_eq!(check(&docx(&[("word/media/image1.svg", b"<svg/>")])), Ok(FileKind::Docx));
    }

    #[test]
    fn nothing_is_hung_on_before_or_behind() {
        let good = docx(&[]);
        assert!(check(&[good.as_slice(), b"%PDF"].concat()).is_err());
        assert!(check(&[b"PK\x03\x04junk".as_slice(), &good].concat()).is_err());
        assert!(check(&good[..good.len() - 30]).is_err());
    }

    #[test]
    fn bombs_do_not_go_off() {
        // A file that is said to hold four gigabytes, and three with 80 MB each.
        for (files, said) in [(1, 0xf000_0000_u32), (3, 80 * 1024 * 1024)] {
            let content = vec![7; 100_000];
            let names = ["a", "b", "c"];
            let inside: Vec<(&str, &[u8])> = names[..files].iter().map(|name| (*name, content.as_slice())).collect();
            let bomb = said_otherwise(docx(&inside), 100_000, said);
            assert!(check(&bomb).unwrap_err().contains("far larger"), "{files}");
        }
        // A file that says it is small.
        let liar = said_otherwise(docx(&[("word/media/a.png", &vec![7; 100_000])]), 100_000, 10);
        assert!(check(&liar).is_err());
        let mut crowd = docx(&[]);
        let at = crowd.len() - 22 + 8;
        crowd[at..at + 4].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
        assert!(check(&crowd).unwrap_err().contains("far larger"));
    }
}
