//! Statements and frameworks: a text with numbered points, and who stands behind which version of it (C-9).
