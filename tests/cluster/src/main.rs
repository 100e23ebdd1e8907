//! `cluster build` builds the Go programs, `cluster up` holds a cluster until standard input ends,
//! `cluster run -- COMMAND…` runs a command beside one.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use cluster::binaries::Binaries;
use cluster::supervisor::Supervisor;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let words: Vec<&str> = arguments
        .iter()
        .map(|word| word.to_str().unwrap_or(""))
        .collect();
    let outcome = match words.as_slice() {
        ["build"] => build().map(|()| 0),
        ["up"] => build()
            .and_then(|()| Supervisor::start()?.serve())
            .map(|()| 0),
        ["run", "--", ..] => {
            build().and_then(|()| Supervisor::start()?.run_beside(&arguments[2..]))
        }
        _ => Err(io::Error::other(
            "usage: cluster build | up | run -- COMMAND…",
        )),
    };
    match outcome {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

fn build() -> io::Result<()> {
    Binaries::of_workspace().build(&mut say)
}

fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
