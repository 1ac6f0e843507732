//! A certificate as a tagged PDF.
