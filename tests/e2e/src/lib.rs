//! What end-to-end tests are written with: the built plugins in a clean environment, and a real terminal.

#![expect(
    clippy::disallowed_methods,
    reason = "a test harness reads the environment of the test run"
)]

mod command;
mod terminal;

pub use command::{Answer, Sandbox};
pub use terminal::Terminal;
