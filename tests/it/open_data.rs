//! Open data: everything public, in open formats, at addresses that stay.
