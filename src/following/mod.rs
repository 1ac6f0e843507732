//! What people follow, and searches that they saved: who hears of a new or changed practice, session or school.
