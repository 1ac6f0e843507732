//! The survey after a session (J-16); an answer never says whose it is.
