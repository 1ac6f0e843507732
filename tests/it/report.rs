//! The report of a city: numbers that count themselves, each with its definition, denominator and day.
