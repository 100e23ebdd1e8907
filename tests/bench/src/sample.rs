//! What one run of a command costs.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use serde::{Deserialize, Serialize};

/// One run.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Sample {
    /// From start to end.
    pub wall: Duration,
    /// User and system time.
    pub cpu: Duration,
    /// The most memory it held at once, in KiB.
    pub peak_kib: u64,
}

/// Runs a command in this process's only child, and writes a [`Sample`] to standard output.
pub fn measure_here(command: &[OsString]) -> io::Result<()> {
    let [program, arguments @ ..] = command else {
        return Err(io::Error::other("no command given"));
    };
    let started = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()?;
    let wall = started.elapsed();
    if !status.success() {
        return Err(io::Error::other(format!("{} failed", program.display())));
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let time = |value: nix::sys::time::TimeVal| {
        let seconds = u64::try_from(value.tv_sec()).unwrap_or(0);
        let micros = u64::try_from(value.tv_usec()).unwrap_or(0);
        Duration::from_secs(seconds) + Duration::from_micros(micros)
    };
    let sample = Sample {
        wall,
        cpu: time(usage.user_time()) + time(usage.system_time()),
        peak_kib: u64::try_from(usage.max_rss()).unwrap_or(0),
    };
    serde_json::to_writer(io::stdout(), &sample)?;
    io::stdout().flush()
}

/// Runs a command in a process of its own and reads what it cost.
pub fn measure(mut command: Command) -> io::Result<Sample> {
    let output = command.stderr(Stdio::piped()).output()?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(io::Error::other(text));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
