//! What finding sessions: list, month, feeds of a search shows.
