//! A person, a facilitator or a room in two places at once (J-14).
