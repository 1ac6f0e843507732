//! Postings of one list in one segment, walked in document order.

use tantivy::postings::{BlockSegmentPostings, Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption::{Basic, WithFreqs, WithFreqsAndPositions};
use tantivy::{DocSet, TERMINATED, Term};

use crate::error::Result;
use crate::layout::Layout;
use crate::plan::Kind;
use crate::segment::Core;

/// One list, read once from its beginning.
pub(crate) enum Walk {
    /// Read block by block: the library decodes 128 documents at once, and a loop over them costs next to nothing.
    One(Box<BlockSegmentPostings>),
    Phrase(Phrase),
}

impl Walk {
    /// None if the segment has no such list.
    pub(crate) fn open(core: &Core, layout: &Layout, kind: &Kind) -> Result<Option<Self>> {
        let one = |postings: Option<BlockSegmentPostings>| postings.map(|postings| Self::One(Box::new(postings)));
        Ok(match kind {
            Kind::Stem(stem) => {
                one(core.text.read_block_postings(&Term::from_field_text(layout.text, stem), WithFreqs)?)
            }
            Kind::Exact(word) => {
                one(core.words.read_block_postings(&Term::from_field_text(layout.words, word), Basic)?)
            }
            Kind::Pair(pair) => {
                one(core.pairs.read_block_postings(&Term::from_field_text(layout.pairs, pair), Basic)?)
            }
            Kind::Phrase(stems) => {
                let mut words = Vec::with_capacity(stems.len());
                for (offset, stem) in stems.iter().enumerate() {
                    let term = Term::from_field_text(layout.text, stem);
                    let Some(postings) = core.text.read_postings(&term, WithFreqsAndPositions)? else {
                        return Ok(None);
                    };
                    words.push((postings, offset as u32));
                }
                Phrase::new(words).map(Self::Phrase)
            }
        })
    }

    /// Postings in the list, of the rarest word for a phrase.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::One(postings) => postings.doc_freq() as usize,
            Self::Phrase(phrase) => phrase.words[0].0.doc_freq() as usize,
        }
    }

    /// Calls `each` with every document and how often it has the word, weights of its parts included.
    #[inline]
    pub(crate) fn read(&mut self, mut each: impl FnMut(u32, u32)) {
        match self {
            Self::One(postings) => {
                while !postings.docs().is_empty() {
                    for (at, document) in postings.docs().iter().enumerate() {
                        each(*document, postings.freq(at));
                    }
                    postings.advance();
                }
            }
            Self::Phrase(phrase) => {
                while phrase.document != TERMINATED {
                    each(phrase.document, phrase.times);
                    phrase.advance();
                }
            }
        }
    }

    /// Calls `each` with the place in `documents` of those that are in the list, and how often they have the word.
    #[inline]
    pub(crate) fn look_up(&mut self, documents: &[u32], mut each: impl FnMut(usize, u32)) {
        let mut i = 0;
        match self {
            Self::One(postings) => {
                while i < documents.len() {
                    let mut at = postings.seek(documents[i]);
                    let block = postings.docs();
                    let Some(&last) = block.last().filter(|_| at < block.len()) else { return };
                    let wanted = i + up_to(&documents[i..], last);
                    if (wanted - i) * 10 < block.len() - at {
                        while i < wanted {
                            at += block[at..].partition_point(|known| *known < documents[i]);
                            if block[at] == documents[i] {
                                each(i, postings.freq(at));
                            }
                            i += 1;
                        }
                    } else {
                        // Two sorted lists of like size: no branch here depends on which is ahead.
                        while i < wanted && at < block.len() {
                            let (document, known) = (documents[i], block[at]);
                            if document == known {
                                each(i, postings.freq(at));
                            }
                            i += usize::from(document <= known);
                            at += usize::from(known <= document);
                        }
                        i = wanted;
                    }
                }
            }
            Self::Phrase(phrase) => {
                while i < documents.len() {
                    let found = phrase.seek(documents[i]);
                    if found == documents[i] {
                        each(i, phrase.times);
                        i += 1;
                    } else if found == TERMINATED {
                        return;
                    } else {
                        i += gallop(&documents[i..], found);
                    }
                }
            }
        }
    }
}

/// How many of `documents` lie at or before `last`.
#[inline]
fn up_to(documents: &[u32], last: u32) -> usize {
    gallop(documents, last.saturating_add(1))
}

/// How many of `documents` lie before `target`, found in steps that double.
#[inline]
fn gallop(documents: &[u32], target: u32) -> usize {
    let mut step = 1;
    while step < documents.len() && documents[step] < target {
        step *= 2;
    }
    let from = step / 2;
    let to = documents.len().min(step + 1);
    from + documents[from..to].partition_point(|document| *document < target)
}

/// Documents in which words follow each other.
pub(crate) struct Phrase {
    /// Rarest first, with the place in the phrase.
    words: Vec<(SegmentPostings, u32)>,
    document: u32,
    times: u32,
    places: [Vec<u32>; 2],
}

impl Phrase {
    fn new(mut words: Vec<(SegmentPostings, u32)>) -> Option<Self> {
        words.sort_by_key(|(postings, _)| postings.doc_freq());
        let first = words.first()?.0.doc();
        let mut phrase = Self { words, document: 0, times: 0, places: [Vec::new(), Vec::new()] };
        phrase.settle(first);
        Some(phrase)
    }

    fn advance(&mut self) -> u32 {
        let next = self.words[0].0.advance();
        self.settle(next)
    }

    fn seek(&mut self, target: u32) -> u32 {
        if target <= self.document {
            return self.document;
        }
        let next = self.words[0].0.seek(target);
        self.settle(next)
    }

    /// From a document of the rarest word on, the first that holds the phrase.
    fn settle(&mut self, mut candidate: u32) -> u32 {
        'next: while candidate != TERMINATED {
            for i in 1..self.words.len() {
                let other = &mut self.words[i].0;
                let at = if other.doc() < candidate { other.seek(candidate) } else { other.doc() };
                if at != candidate {
                    candidate = if at == TERMINATED { TERMINATED } else { self.words[0].0.seek(at) };
                    continue 'next;
                }
            }
            self.times = self.count();
            if self.times > 0 {
                break;
            }
            candidate = self.words[0].0.advance();
        }
        self.document = candidate;
        candidate
    }

    fn count(&mut self) -> u32 {
        let [starts, places] = &mut self.places;
        for (i, (postings, offset)) in self.words.iter_mut().enumerate() {
            let into = if i == 0 { &mut *starts } else { &mut *places };
            postings.positions(into);
            if i == 0 {
                let offset = *offset;
                // A place before the start of the text cannot begin the phrase.
                starts.retain(|place| *place >= offset);
                starts.iter_mut().for_each(|place| *place -= offset);
            } else {
                starts.retain(|start| places.binary_search(&(start + *offset)).is_ok());
            }
            if starts.is_empty() {
                return 0;
            }
        }
        starts.len() as u32
    }
}
