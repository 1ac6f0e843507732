//! One segment opened for reading: the library's readers, and beside them in memory what every search touches.

use std::sync::Arc;

use tantivy::SegmentReader;
use tantivy::directory::OwnedBytes;
use tantivy::fastfield::AliveBitSet;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::{InvertedIndexReader, SegmentId};
use tantivy::store::StoreReader;

use crate::error::{Error, Result};
use crate::facets::SegmentFacets;
use crate::layout::Layout;
use crate::vocabulary::Vocabulary;

/// Blocks of stored documents kept unpacked, per segment: at most 2 MiB. A block holds two or three documents.
const STORED_BLOCKS: usize = 512;

/// What never changes about a segment; shared by the snapshots that contain it.
pub(crate) struct Core {
    pub id: SegmentId,
    pub text: Arc<InvertedIndexReader>,
    pub words: Arc<InvertedIndexReader>,
    pub titles: Arc<InvertedIndexReader>,
    pub pairs: Arc<InvertedIndexReader>,
    pub vocabulary: Vocabulary,
    pub title_words: Vocabulary,
    pub facets: SegmentFacets,
    /// Length of each document's text, as the library's one-byte code.
    pub lengths: Vec<u8>,
    /// The faint nudge of popularity.
    pub nudges: Vec<f32>,
    pub dates: Vec<i64>,
    pub popularity: Vec<u64>,
    ids: Ids,
    store: StoreReader,
    layout: Layout,
}

/// A segment of one snapshot.
pub(crate) struct Segment {
    pub core: Arc<Core>,
    pub documents: u32,
    pub reader: SegmentReader,
    /// For each facet value of the segment its place among those of the snapshot.
    pub numbers: Vec<u32>,
    alive: Option<AliveBitSet>,
}

impl Segment {
    pub(crate) fn new(reader: SegmentReader, layout: &Layout, known: Option<Arc<Core>>) -> Result<Self> {
        let core = match known {
            Some(core) => core,
            None => Arc::new(Core::load(&reader, layout)?),
        };
        let alive = reader.alive_bitset().cloned();
        Ok(Self { documents: reader.max_doc(), core, alive, reader, numbers: Vec::new() })
    }

    #[inline]
    pub(crate) fn is_alive(&self, document: u32) -> bool {
        self.alive.as_ref().is_none_or(|alive| alive.is_alive(document))
    }

    pub(crate) fn has_deletes(&self) -> bool {
        self.alive.is_some()
    }

    pub(crate) fn alive_documents(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.documents).filter(|document| self.is_alive(*document))
    }

    /// The living document with this id.
    pub(crate) fn find(&self, id: &str) -> Result<Option<u32>> {
        use tantivy::schema::IndexRecordOption::Basic;
        use tantivy::{DocSet, TERMINATED, Term};
        let index = self.reader.inverted_index(self.core.layout.id)?;
        let Some(mut postings) = index.read_postings(&Term::from_field_text(self.core.layout.id, id), Basic)? else {
            return Ok(None);
        };
        while postings.doc() != TERMINATED {
            if self.is_alive(postings.doc()) {
                return Ok(Some(postings.doc()));
            }
            postings.advance();
        }
        Ok(None)
    }

    /// Calls `each` with id and fingerprint of every living document.
    pub(crate) fn fingerprints(&self, mut each: impl FnMut(&str, u64)) -> Result<()> {
        let column = self.reader.fast_fields().u64("fingerprint")?;
        for document in self.alive_documents() {
            each(self.core.id(document), column.first(document).unwrap_or_default());
        }
        Ok(())
    }
}

impl Core {
    fn load(reader: &SegmentReader, layout: &Layout) -> Result<Self> {
        let documents = reader.max_doc() as usize;
        let norms: FieldNormReader = reader.get_fieldnorms_reader(layout.text)?;
        let dates = reader.fast_fields().i64("date")?;
        let popularity = reader.fast_fields().u64("popularity")?;
        // The counts in `meta.json` carry no checksum; the columns do.
        if norms.num_docs() as usize != documents || dates.num_docs() as usize != documents {
            return Err(Error::Damaged("a segment holds another number of documents than noted".to_owned()));
        }
        let every = 0..documents as u32;
        let popularity: Vec<u64> = every.clone().map(|d| popularity.first(d).unwrap_or_default()).collect();
        let words = reader.inverted_index(layout.words)?;
        let titles = reader.inverted_index(layout.titles)?;
        Ok(Self {
            id: reader.segment_id(),
            text: reader.inverted_index(layout.text)?,
            vocabulary: Vocabulary::load(&words)?,
            words,
            title_words: Vocabulary::load(&titles)?,
            titles,
            pairs: reader.inverted_index(layout.pairs)?,
            facets: SegmentFacets::load(reader, layout.facets.len())?,
            lengths: every.clone().map(|d| norms.fieldnorm_id(d)).collect(),
            nudges: popularity.iter().map(|p| nudge(*p)).collect(),
            dates: every.map(|d| dates.first(d).unwrap_or_default()).collect(),
            popularity,
            ids: Ids::load(reader)?,
            store: reader.get_store_reader(STORED_BLOCKS)?,
            layout: layout.clone(),
        })
    }

    #[inline]
    pub(crate) fn id(&self, document: u32) -> &str {
        self.ids.get(document)
    }

    /// The bytes kept for showing `document` (see [`crate::document::Stored`]).
    pub(crate) fn stored(&self, document: u32) -> Result<OwnedBytes> {
        Ok(self.store.get_document_bytes(document)?)
    }
}

/// At most a fifth of what a rare word in a body is worth: it orders equals and overturns nothing.
fn nudge(popularity: u64) -> f32 {
    (0.03 * (1.0 + popularity as f32).ln()).min(0.3)
}

/// The ids of a segment, by document.
struct Ids {
    text: String,
    ends: Vec<u32>,
}

impl Ids {
    fn load(reader: &SegmentReader) -> Result<Self> {
        let damaged = || Error::Damaged("an id is missing".to_owned());
        let column = reader.fast_fields().str("id")?.ok_or_else(damaged)?;
        let (mut sorted, mut ends) = (String::new(), Vec::with_capacity(column.num_terms()));
        let mut stream = column.dictionary().stream()?;
        while stream.advance() {
            sorted.push_str(std::str::from_utf8(stream.key()).map_err(|_| damaged())?);
            ends.push(sorted.len());
        }
        let mut out = Self { text: String::with_capacity(sorted.len()), ends: Vec::with_capacity(ends.len()) };
        for document in 0..reader.max_doc() {
            let ord = column.term_ords(document).next().ok_or_else(damaged)? as usize;
            let start = if ord == 0 { 0 } else { ends[ord - 1] };
            out.text.push_str(sorted.get(start..*ends.get(ord).ok_or_else(damaged)?).ok_or_else(damaged)?);
            out.ends.push(out.text.len() as u32);
        }
        Ok(out)
    }

    #[inline]
    fn get(&self, document: u32) -> &str {
        let document = document as usize;
        let start = if document == 0 { 0 } else { self.ends[document - 1] as usize };
        &self.text[start..self.ends[document] as usize]
    }
}
