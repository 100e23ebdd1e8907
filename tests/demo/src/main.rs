//! `cargo demo`: a cluster with a living sample shop and a shell in which the plugins are at hand.
//!
//! ```text
//! build (plugins, cluster) ─▶ cluster ─▶ shop ─▶ life in the background ─▶ a shell, or the tour
//! ```

#![expect(
    clippy::disallowed_methods,
    reason = "the demo opens the user's own shell with the user's own environment"
)]

mod life;
mod place;
mod shell;
mod shop;
mod tour;

use std::io::{self, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use clap::Parser;
use cluster::Cluster;
use cluster::binaries::Binaries;

use place::Place;

/// Shows the plugins on a living sample shop.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo demo")]
struct Args {
    /// Play through it without a terminal; fails if a step does
    #[arg(long)]
    tour: bool,
    /// Put the shop into a cluster you have, after asking
    #[arg(long, value_name = "NAME", conflicts_with = "tour")]
    context: Option<String>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> io::Result<u8> {
    if let Some(context) = &args.context {
        return shop::into_own_cluster(context);
    }
    let plugins = timed("plugins built", build_plugins)?;
    let binaries = Binaries::of_workspace();
    timed("cluster built", || {
        binaries.build(&mut |line| say(&format!("  {line}")))
    })?;
    let cluster = timed("cluster started", Cluster::start)?;
    let place = Place::make(&cluster, plugins)?;
    timed("shop open", || shop::open(&cluster))?;
    let life = life::begin(&cluster);
    let outcome = if args.tour {
        tour::play(&place)
    } else {
        shell::open(&place)
    };
    life.end();
    outcome
}

/// Builds the plugins as they are released, beside this program.
fn build_plugins() -> io::Result<std::path::PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    say("  building the plugins (about 5 minutes the first time)");
    let status = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--profile",
            "dist",
            "--package",
            "kubectl-quick",
        ])
        .stdin(Stdio::null())
        .status()?;
    if !status.success() {
        return Err(io::Error::other("the plugins could not be built"));
    }
    let this = std::env::current_exe()?;
    let target = this.ancestors().nth(2).unwrap_or(&this);
    Ok(target.join("dist"))
}

fn timed<T>(what: &str, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let started = Instant::now();
    let result = work()?;
    say(&format!(
        "{what} ({:.1} s)",
        started.elapsed().as_secs_f32()
    ));
    Ok(result)
}

fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
