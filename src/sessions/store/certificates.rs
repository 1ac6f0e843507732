//! Certificates and signing keys.
