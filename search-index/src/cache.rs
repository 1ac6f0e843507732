//! Answers remembered by query and generation, bounded in bytes. It changes no answer: the key is the whole query.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync;

use crate::error::Result;
use crate::found::Found;
use crate::query::Query;

/// Answers are a few kilobytes; the cache sizes its tables by this guess.
const USUAL_ANSWER: u64 = 8192;

pub(crate) struct Cache(Option<sync::Cache<Vec<u8>, Arc<Found>, Bytes>>);

#[derive(Clone)]
struct Bytes;

impl Weighter<Vec<u8>, Arc<Found>> for Bytes {
    fn weight(&self, key: &Vec<u8>, found: &Arc<Found>) -> u64 {
        key.len() as u64 + found.size()
    }
}

impl Cache {
    pub(crate) fn new(bytes: u64) -> Self {
        let entries = (bytes / USUAL_ANSWER).max(1) as usize;
        Self((bytes > 0).then(|| sync::Cache::with_weighter(entries, bytes, Bytes)))
    }

    pub(crate) fn get_or(
        &self,
        query: &Query,
        generation: u64,
        answer: impl FnOnce() -> Result<Found>,
    ) -> Result<Arc<Found>> {
        let Some(cache) = &self.0 else { return answer().map(Arc::new) };
        let mut key = query.key();
        key.extend_from_slice(&generation.to_le_bytes());
        if let Some(found) = cache.get(&key) {
            return Ok(found);
        }
        let found = Arc::new(answer()?);
        cache.insert(key, Arc::clone(&found));
        Ok(found)
    }

    pub(crate) fn clear(&self) {
        if let Some(cache) = &self.0 {
            cache.clear();
        }
    }
}
