//! Facet values of one segment as small numbers in memory: one list per document over all facets, so that counting
//! walks one stretch of memory per document and every value of a document exactly once.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use tantivy::SegmentReader;

use crate::error::{Error, Result};

/// The values of all facets of a segment, numbered through: facet 0 first.
pub(crate) struct SegmentFacets {
    /// The numbers of the values of each facet.
    ranges: Vec<Range<usize>>,
    /// Value per number.
    names: Vec<Arc<str>>,
    numbers: Vec<FxHashMap<Arc<str>, usize>>,
    /// Where the list of each document begins; one more at the end.
    starts: Vec<u32>,
    lists: Lists,
}

/// Few segments know more than 65,535 values; those that do pay double.
enum Lists {
    Small(Vec<u16>),
    Large(Vec<u32>),
}

impl SegmentFacets {
    pub(crate) fn load(reader: &SegmentReader, facets: usize) -> Result<Self> {
        let documents = reader.max_doc();
        let mut columns = Vec::with_capacity(facets);
        let (mut ranges, mut names, mut numbers) = (Vec::new(), Vec::<Arc<str>>::new(), Vec::new());
        for facet in 0..facets {
            let column = reader.fast_fields().str(&format!("facet_{facet}"))?;
            let first = names.len();
            let mut known = FxHashMap::default();
            if let Some(column) = &column {
                let mut value = String::new();
                for ord in 0..column.num_terms() as u64 {
                    if !column.ord_to_str(ord, &mut value)? {
                        return Err(Error::Damaged("a facet value is missing".to_owned()));
                    }
                    let name: Arc<str> = value.as_str().into();
                    known.insert(Arc::clone(&name), names.len());
                    names.push(name);
                }
            }
            ranges.push(first..names.len());
            numbers.push(known);
            columns.push(column);
        }
        let mut starts = Vec::with_capacity(documents as usize + 1);
        let mut all: Vec<u32> = Vec::with_capacity(documents as usize * facets);
        for document in 0..documents {
            starts.push(all.len() as u32);
            for (column, range) in columns.iter().zip(&ranges) {
                let Some(column) = column else { continue };
                let from = all.len();
                for ord in column.term_ords(document) {
                    let number = range.start + ord as usize;
                    // The writer dedupes; a number out of range would be counted out of bounds.
                    if number < range.end && !all[from..].contains(&(number as u32)) {
                        all.push(number as u32);
                    }
                }
            }
        }
        starts.push(all.len() as u32);
        let lists = if names.len() <= usize::from(u16::MAX) {
            Lists::Small(all.iter().map(|number| *number as u16).collect())
        } else {
            Lists::Large(all)
        };
        Ok(Self { ranges, names, numbers, starts, lists })
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// The numbers of the values of `facet`.
    pub(crate) fn range(&self, facet: usize) -> Range<usize> {
        self.ranges.get(facet).cloned().unwrap_or(0..0)
    }

    pub(crate) fn name(&self, number: usize) -> &Arc<str> {
        &self.names[number]
    }

    pub(crate) fn number(&self, facet: usize, value: &str) -> Option<usize> {
        self.numbers.get(facet)?.get(value).copied()
    }

    /// Calls `each` with the numbers of the values of `document`.
    #[inline]
    pub(crate) fn values(&self, document: u32, mut each: impl FnMut(usize)) {
        let range = self.starts[document as usize] as usize..self.starts[document as usize + 1] as usize;
        match &self.lists {
            Lists::Small(lists) => lists[range].iter().for_each(|number| each(usize::from(*number))),
            Lists::Large(lists) => lists[range].iter().for_each(|number| each(*number as usize)),
        }
    }
}

/// Filters on facets, resolved for one segment: a bit per facet that has a filter.
pub(crate) struct Allowed {
    /// The bit of its facet for each number that is selected, else 0.
    bits: Vec<u64>,
    /// All bits in use, and whose they are.
    needed: u64,
    facets: Vec<usize>,
}

impl Allowed {
    /// `filters`: facet and allowed values, one entry per facet, at most 64.
    pub(crate) fn new(facets: &SegmentFacets, filters: &[(usize, Vec<&str>)]) -> Self {
        let mut allowed = Self { bits: Vec::new(), needed: 0, facets: Vec::new() };
        if filters.is_empty() {
            return allowed;
        }
        allowed.bits.resize(facets.len(), 0);
        for (i, (facet, values)) in filters.iter().take(64).enumerate() {
            allowed.needed |= 1 << i;
            allowed.facets.push(*facet);
            for number in values.iter().filter_map(|value| facets.number(*facet, value)) {
                allowed.bits[number] |= 1 << i;
            }
        }
        allowed
    }

    /// Which filters the document fails.
    #[inline]
    pub(crate) fn check(&self, facets: &SegmentFacets, document: u32) -> Verdict {
        if self.needed == 0 {
            return Verdict::Passes;
        }
        let mut passed = 0;
        facets.values(document, |number| passed |= self.bits[number]);
        let failed = self.needed & !passed;
        match failed.count_ones() {
            0 => Verdict::Passes,
            1 => Verdict::FailsOnly(self.facets[failed.trailing_zeros() as usize]),
            _ => Verdict::Fails,
        }
    }
}

/// The outcome of the filters for a document.
pub(crate) enum Verdict {
    Passes,
    /// Still counted for this facet, whose own selection its counts ignore.
    FailsOnly(usize),
    Fails,
}

/// Counts per value over one segment.
pub(crate) struct Counts(Vec<u32>);

impl Counts {
    pub(crate) fn new(facets: &SegmentFacets) -> Self {
        Self(vec![0; facets.len()])
    }

    #[inline]
    pub(crate) fn add(&mut self, facets: &SegmentFacets, document: u32) {
        let counts = &mut self.0;
        facets.values(document, |number| counts[number] += 1);
    }

    /// Counts the values of one facet only.
    pub(crate) fn add_one(&mut self, facets: &SegmentFacets, document: u32, facet: usize) {
        let range = facets.range(facet);
        let counts = &mut self.0;
        facets.values(document, |number| counts[number] += u32::from(range.contains(&number)));
    }

    pub(crate) fn get(&self, number: usize) -> u32 {
        self.0[number]
    }
}
