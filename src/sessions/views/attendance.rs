//! What checking in, the roster on a phone, the sheet to print shows.
