//! What administrators do with people and places, over JSON.
