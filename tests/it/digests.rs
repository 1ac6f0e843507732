//! Monthly digests and school-year reports of a city: drafted by the program, edited and sent by a person (M-3).
