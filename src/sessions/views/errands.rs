//! What pages behind the links of letters shows.
