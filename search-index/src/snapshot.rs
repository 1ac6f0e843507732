//! All segments as of one commit, with the numbers that scores need from all of them.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::{Index, IndexReader, Term};

use crate::error::Result;
use crate::layout::Layout;
use crate::position::Position;
use crate::segment::{Core, Segment};

/// Saturation of repeated words, and weight of a text's length: the usual values of BM25.
const K1: f32 = 1.2;
const B: f32 = 0.75;

/// A state of the index that does not change any more.
pub(crate) struct Snapshot {
    pub segments: Vec<Segment>,
    pub layout: Layout,
    pub position: Option<Position>,
    pub generation: u64,
    /// Documents that are searchable.
    pub count: usize,
    /// Documents in the files, deleted ones not yet merged away included: what idf is computed from.
    pub documents: u64,
    /// The values of each facet over all segments; [`Segment::numbers`] refers to them.
    pub values: Vec<Vec<Arc<str>>>,
    /// `k1 * (1 - b + b * length / average)` per one-byte length.
    damping: [f32; 256],
}

impl Snapshot {
    /// Opens the last commit; segments already open in `before` are shared.
    pub(crate) fn open(
        index: &Index,
        reader: &IndexReader,
        layout: &Layout,
        before: Option<&Self>,
        generation: u64,
    ) -> Result<Self> {
        let position = Position::read(index.load_metas()?.payload.as_deref(), layout.mark)?;
        let known = |id| -> Option<Arc<Core>> {
            before?.segments.iter().find(|segment| segment.core.id == id).map(|segment| Arc::clone(&segment.core))
        };
        let mut segments = Vec::new();
        for segment in reader.searcher().segment_readers() {
            segments.push(Segment::new(segment.clone(), layout, known(segment.segment_id()))?);
        }
        // Largest first: its stretch of memory is walked while it is warm, and the order does not depend on chance.
        segments.sort_by_key(|segment| (std::cmp::Reverse(segment.documents), segment.core.id));
        let documents: u64 = segments.iter().map(|segment| u64::from(segment.documents)).sum();
        let words: u64 = segments.iter().map(|segment| segment.core.text.total_num_tokens()).sum();
        let average = (words as f32 / documents.max(1) as f32).max(1.0);
        let mut damping = [0.0; 256];
        for (code, cell) in (0..=u8::MAX).zip(&mut damping) {
            *cell = K1 * (1.0 - B + B * FieldNormReader::id_to_fieldnorm(code) as f32 / average);
        }
        let count = segments.iter().map(|segment| segment.reader.num_docs() as usize).sum();
        let values = number_values(&mut segments, layout.facets.len());
        Ok(Self { segments, layout: layout.clone(), position, generation, count, documents, values, damping })
    }

    /// How many documents hold the stem.
    pub(crate) fn stem_documents(&self, stem: &str) -> Result<u64> {
        let term = Term::from_field_text(self.layout.text, stem);
        let mut sum = 0;
        for segment in &self.segments {
            sum += u64::from(segment.core.text.doc_freq(&term)?);
        }
        Ok(sum)
    }

    /// How many documents hold exactly this word.
    pub(crate) fn word_documents(&self, word: &str) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.core.vocabulary.documents(word))).sum()
    }

    /// What a word in so many documents is worth.
    pub(crate) fn idf(&self, documents: u64) -> f32 {
        let (all, with) = (self.documents as f32, documents.min(self.documents) as f32);
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    }

    /// What `times` occurrences in a text of this length are worth, up to 2.2.
    #[inline]
    pub(crate) fn saturation(&self, times: u32, length: u8) -> f32 {
        let times = times as f32;
        times * (K1 + 1.0) / (times + self.damping[length as usize])
    }
}

/// Numbers the values of each facet through all segments, so that a search adds counts without comparing text.
fn number_values(segments: &mut [Segment], facets: usize) -> Vec<Vec<Arc<str>>> {
    let mut all = Vec::with_capacity(facets);
    for facet in 0..facets {
        let mut known: FxHashMap<Arc<str>, u32> = FxHashMap::default();
        let mut values: Vec<Arc<str>> = Vec::new();
        for segment in segments.iter_mut() {
            let core = Arc::clone(&segment.core);
            segment.numbers.extend(core.facets.range(facet).map(|number| {
                let name = core.facets.name(number);
                *known.entry(Arc::clone(name)).or_insert_with(|| {
                    values.push(Arc::clone(name));
                    values.len() as u32 - 1
                })
            }));
        }
        all.push(values);
    }
    all
}
