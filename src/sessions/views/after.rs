//! What the survey, and "did you use it?" shows.
