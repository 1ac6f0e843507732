//! How a document becomes fields: one text field that both finds and scores, and small helpers beside it.
//!
//! | field | holds | for |
//! |---|---|---|
//! | `id` | the id | replacing, looking up |
//! | `text` | stems of all parts, with positions; a title word is written six times at its place, a keyword four, a summary word twice | one postings list per word answers *which* documents and *how well*: the repeats are the field weights of BM25F |
//! | `words` | unstemmed words, documents only | spelling, prefixes, exact words |
//! | `titles` | unstemmed words of the title | suggestions |
//! | `pairs` | neighbouring stems of title, keywords, summary | a bonus for words that stand together |
//! | `facet_N`, `date`, `popularity`, `fingerprint` | columns | counting, sorting, verifying |
//! | `stored` | title, keywords, summary, body, card | hits and snippets |

use tantivy::TantivyDocument;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STORED, STRING, Schema as Fields, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::TokenizerManager;

use crate::document::{Document, StableHash};
use crate::tokens::{Pairs, Plain, Weighted};

/// Raised whenever the same document would be written differently, so that an older folder is rebuilt.
const VERSION: u64 = 2;

/// What the caller decides once for a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Names of the facets; documents and queries refer to them by position. Changing the list rebuilds the index.
    pub facets: Vec<String>,
}

/// The fields of tantivy, by name.
#[derive(Clone)]
pub(crate) struct Layout {
    pub fields: Fields,
    pub id: Field,
    pub text: Field,
    pub words: Field,
    pub titles: Field,
    pub pairs: Field,
    pub facets: Vec<Field>,
    pub date: Field,
    pub popularity: Field,
    pub fingerprint: Field,
    pub stored: Field,
    /// Changes with the version of this file and with the schema.
    pub mark: u64,
}

impl Layout {
    pub(crate) fn new(schema: &Schema) -> Self {
        let mut builder = Fields::builder();
        let text = |tokenizer: &str, record: IndexRecordOption, norms: bool| {
            let indexing =
                TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record).set_fieldnorms(norms);
            TextOptions::default().set_indexing_options(indexing)
        };
        let column = TextOptions::default().set_fast("raw");
        let layout = |builder: &mut tantivy::schema::SchemaBuilder| {
            let mut mark = StableHash::new();
            mark.number(VERSION);
            schema.facets.iter().for_each(|name| mark.bytes(name.as_bytes()));
            Self {
                fields: Fields::builder().build(),
                id: builder.add_text_field("id", STRING | FAST),
                text: builder.add_text_field("text", text("weighted", IndexRecordOption::WithFreqsAndPositions, true)),
                words: builder.add_text_field("words", text("plain", IndexRecordOption::Basic, false)),
                titles: builder.add_text_field("titles", text("plain", IndexRecordOption::Basic, false)),
                pairs: builder.add_text_field("pairs", text("pairs", IndexRecordOption::Basic, false)),
                facets: (0..schema.facets.len())
                    .map(|i| builder.add_text_field(&format!("facet_{i}"), column.clone()))
                    .collect(),
                date: builder.add_i64_field("date", FAST),
                popularity: builder.add_u64_field("popularity", FAST),
                fingerprint: builder.add_u64_field("fingerprint", FAST),
                stored: builder.add_bytes_field("stored", STORED),
                mark: mark.finish(),
            }
        };
        let mut layout = layout(&mut builder);
        layout.fields = builder.build();
        layout
    }

    pub(crate) fn tokenizers() -> TokenizerManager {
        let manager = TokenizerManager::default();
        manager.register("weighted", Weighted::new());
        manager.register("plain", Plain::new());
        manager.register("pairs", Pairs::new());
        manager
    }

    pub(crate) fn write(&self, document: &Document) -> TantivyDocument {
        let mut out = TantivyDocument::default();
        let text = document.searched_text();
        out.add_text(self.id, &document.id);
        out.add_text(self.words, &text);
        out.add_text(self.text, text);
        out.add_text(self.titles, &document.title);
        out.add_text(self.pairs, document.leading_text());
        for (facet, values) in document.sorted_facets() {
            let Some(field) = self.facets.get(facet) else { continue };
            values.into_iter().for_each(|value| out.add_text(*field, value));
        }
        out.add_i64(self.date, document.date);
        out.add_u64(self.popularity, document.popularity);
        out.add_u64(self.fingerprint, document.fingerprint());
        out.add_bytes(self.stored, &document.stored());
        out
    }
}
