//! The log as CSV (RFC 4180), safe to open in a spreadsheet.

use std::collections::HashMap;

use super::{Entry, sentence};
use crate::people::AccountId;
use crate::platform::cells::{self, inert};
use crate::platform::{Error, Result};

/// The first line.
pub fn csv_head() -> &'static str {
    "number,at,actor_kind,actor,name,action,what,subject_kind,subject,detail,via\r\n"
}

/// Lines of these events.
pub(super) fn lines(entries: &[Entry], names: &HashMap<AccountId, String>) -> Result<Vec<u8>> {
    let mut writer = cells::writer();
    for entry in entries {
        let name = entry.account().and_then(|id| names.get(&id)).cloned().unwrap_or_default();
        let detail = if entry.detail.is_null() { String::new() } else { entry.detail.to_string() };
        let row = [
            entry.id.to_string(),
            entry.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            entry.actor_kind.clone(),
            entry.actor.clone().unwrap_or_default(),
            name,
            entry.action.clone(),
            sentence(&entry.action).to_owned(),
            entry.subject_kind.clone(),
            entry.subject.map(|id| id.to_string()).unwrap_or_default(),
            detail,
            entry.via.clone().unwrap_or_default(),
        ];
        writer.write_record(row.iter().map(|cell| inert(cell))).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(Error::internal)
}
