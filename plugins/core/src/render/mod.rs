//! Facts into text: no I/O, no clock, no environment.

pub mod age;
pub mod columns;
pub mod sanitize;
pub mod style;
pub mod words;
