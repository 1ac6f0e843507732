//! What what a principal answers, and who is out when shows.
