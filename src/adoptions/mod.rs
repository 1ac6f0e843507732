//! Who takes a practice over: from interest to lasting use or a stop with its reason, in the words of those who tried.

pub mod web;
