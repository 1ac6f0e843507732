//! Compacts: what a district, charter schools and a city promise each other, and what became of it.
