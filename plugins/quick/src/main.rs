//! The program `kubectl-quick`, which kubectl runs as `kubectl quick`.

use std::process::ExitCode;

fn main() -> ExitCode {
    plugin_core::app::main(quick::run)
}
