//! What may be uploaded.

use std::fmt;
use std::str::FromStr;

use crate::platform::Error;

macro_rules! kinds {
    ($($name:ident, $code:literal, $label:literal, $media:literal;)*) => {
        /// A kind of file, known by its content.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum FileKind {
            $(#[doc = $label] $name,)*
        }

        impl FileKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its code.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it is, in words.
            pub fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }

            /// Its media type.
            pub fn media_type(self) -> &'static str {
                match self { $(Self::$name => $media,)* }
            }
        }
    };
}

kinds! {
    Pdf, "pdf", "PDF", "application/pdf";
    Png, "png", "PNG picture", "image/png";
    Jpeg, "jpeg", "JPEG picture", "image/jpeg";
    Webp, "webp", "WebP picture", "image/webp";
    Docx, "docx", "Word document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    Xlsx, "xlsx", "Excel workbook", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Pptx, "pptx", "PowerPoint slides", "application/vnd.openxmlformats-officedocument.presentationml.presentation";
    Odt, "odt", "OpenDocument text", "application/vnd.oasis.opendocument.text";
    Ods, "ods", "OpenDocument spreadsheet", "application/vnd.oasis.opendocument.spreadsheet";
    Odp, "odp", "OpenDocument slides", "application/vnd.oasis.opendocument.presentation";
    Txt, "txt", "Plain text", "text/plain; charset=utf-8";
    Csv, "csv", "CSV table", "text/csv; charset=utf-8";
    Md, "md", "Markdown text", "text/markdown; charset=utf-8";
}

impl FileKind {
    /// The end of its names.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            other => other.code(),
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for FileKind {
    type Err = Error;

    fn from_str(code: &str) -> Result<Self, Error> {
        let found = Self::ALL.iter().copied().find(|kind| kind.code() == code);
        found.ok_or_else(|| Error::Internal(format!("no kind of file is called {code}")))
    }
}
