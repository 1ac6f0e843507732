//! Everything somebody earned, across employers.
