//! A certificate as an Open Badges 3.0 credential.
