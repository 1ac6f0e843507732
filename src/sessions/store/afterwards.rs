//! Access needs, survey answers, uses, messages.
