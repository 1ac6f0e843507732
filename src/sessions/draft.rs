//! What somebody says of a session, before it is one: parsed once, with every mistake at once.
