//! What the pages of the entrance show: plain values, printed by the templates beside this folder.

pub mod second_step;
