//! Links of letters that act without a sign-in: GET shows, POST acts.
