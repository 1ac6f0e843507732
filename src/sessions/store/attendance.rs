//! Who was there.
