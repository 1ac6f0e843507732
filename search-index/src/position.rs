//! Where in the change log the index stands; kept in the commit itself, so that the two cannot differ.

use serde::{Deserialize, Serialize};

use crate::document::StableHash;
use crate::error::{Error, Result};

/// A place in the change log of one database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Which database: after a restore, or beside another installation, the index is foreign.
    pub database: String,
    /// The last change that is in the index.
    pub seq: i64,
    /// The version of the caller's way of making documents.
    pub schema: u32,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    position: Position,
    layout: u64,
    check: u64,
}

impl Position {
    pub(crate) fn write(&self, layout: u64) -> String {
        let payload = Payload { position: self.clone(), layout, check: self.check(layout) };
        serde_json::to_string(&payload).unwrap_or_default()
    }

    /// Reads a commit's payload; none means nothing was committed yet. The file it lies in has no checksum.
    pub(crate) fn read(payload: Option<&str>, layout: u64) -> Result<Option<Self>> {
        let Some(payload) = payload else { return Ok(None) };
        let damaged = |what: &str| Error::Damaged(what.to_owned());
        let payload: Payload = serde_json::from_str(payload).map_err(|_| damaged("the commit note cannot be read"))?;
        if payload.layout != layout {
            return Err(damaged("it was written with another layout"));
        }
        if payload.check != payload.position.check(layout) {
            return Err(damaged("the commit note was changed"));
        }
        Ok(Some(payload.position))
    }

    fn check(&self, layout: u64) -> u64 {
        let mut hash = StableHash::new();
        hash.bytes(self.database.as_bytes());
        hash.number(self.seq as u64);
        hash.number(u64::from(self.schema));
        hash.number(layout);
        hash.finish()
    }
}
