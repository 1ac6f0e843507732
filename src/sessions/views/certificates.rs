//! What certificates, their verification, the transcript, badges shows.
