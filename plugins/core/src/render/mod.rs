//! Facts into text: no I/O, no clock, no environment.

pub mod age;
pub mod sanitize;
pub mod words;
