//! What is kept about a person here, for the person.
