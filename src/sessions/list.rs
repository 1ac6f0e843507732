//! Finding sessions: by time, topic, format, sector, free seats.
