//! Certificates and the transcript over JSON.
