//! Highlights: a collaboration shown to the city, with live numbers and words that both schools approved (M-1, M-2).
