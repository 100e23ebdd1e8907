//! `cargo bench-cluster`: how ours compares with kubectl and with the bare HTTP request, measured in one run.
//!
//! ```text
//! load (5,000 pods) ─▶ contests: each contender in turn, many rounds ─▶ medians, spreads, ratios
//! ```
//!
//! Rounds take turns, so that whatever else the machine does befalls all contenders alike. Nothing here passes
//! or fails: a time is not a test.

#![expect(
    clippy::disallowed_methods,
    reason = "a measuring program runs in the environment of whoever measures"
)]

mod contest;
mod load;
mod sample;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use cluster::Cluster;
use cluster::binaries::Binaries;

use contest::{Contender, Contest};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let outcome = match arguments.split_first() {
        // Each command is run by a process of its own, which then knows what that one command cost.
        Some((word, command)) if word == "measure" => sample::measure_here(command),
        _ => run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

fn run() -> io::Result<()> {
    say("building the plugins as they are released");
    let plugins = build()?;
    Binaries::of_workspace().build(&mut say)?;
    let cluster = Cluster::start()?;
    let home = tempfile::tempdir()?;
    let quick = plugins.join("kubectl-quick").display().to_string();
    let kubectl = cluster.programs().join("kubectl").display().to_string();
    let place = contest::Place::new(&cluster, home.path());
    print(&place, &start(&quick, &kubectl))?;
    print(&place, &small(&quick, &kubectl))?;
    let many = load::many_contexts(home.path())?;
    print(&place, &contexts(&quick, &kubectl, &many))?;
    say(&format!("making {} pods", load::PODS));
    load::pods(&cluster)?;
    let raw = load::raw_request(&cluster);
    print(&place, &pods(&quick, &kubectl, &raw))?;
    print(&place, &pods_everywhere(&quick, &kubectl))
}

fn build() -> io::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--profile",
            "dist",
            "--package",
            "kubectl-quick",
        ])
        .status()?;
    if !status.success() {
        return Err(io::Error::other("the plugins could not be built"));
    }
    let this = std::env::current_exe()?;
    let target = this.ancestors().nth(2).unwrap_or(&this);
    Ok(target.join("dist"))
}

fn start(quick: &str, kubectl: &str) -> Contest {
    Contest::new("start", 30)
        .add(Contender::new(
            "kubectl-quick --version",
            quick,
            &["--version"],
        ))
        .add(Contender::new(
            "kubectl version --client",
            kubectl,
            &["version", "--client"],
        ))
}

fn small(quick: &str, kubectl: &str) -> Contest {
    Contest::new("one small request", 20)
        .add(Contender::new("kubectl-quick svc", quick, &["svc"]))
        .add(Contender::new("kubectl get svc", kubectl, &["get", "svc"]))
}

fn contexts(quick: &str, kubectl: &str, file: &str) -> Contest {
    let flag = format!("--kubeconfig={file}");
    Contest::new("where am I, 1,500 contexts", 10)
        .add(Contender::new("kubectl-quick", quick, &[&flag]))
        .add(Contender::new(
            "kubectl config current-context",
            kubectl,
            &["config", "current-context", &flag],
        ))
}

fn pods(quick: &str, kubectl: &str, raw: &[String]) -> Contest {
    let raw: Vec<&str> = raw.iter().map(String::as_str).collect();
    Contest::new("pods of a namespace, 5,000", 8)
        .add(Contender::new(
            "kubectl-quick po",
            quick,
            &["po", "-n", load::NAMESPACE],
        ))
        .add(Contender::new(
            "kubectl get po",
            kubectl,
            &["get", "po", "-n", load::NAMESPACE],
        ))
        .add(Contender::new("curl, cheapest Table", "curl", &raw))
}

fn pods_everywhere(quick: &str, kubectl: &str) -> Contest {
    Contest::new("pods of all namespaces, 5,000", 8)
        .add(Contender::new("kubectl-quick po -A", quick, &["po", "-A"]))
        .add(Contender::new(
            "kubectl get po -A",
            kubectl,
            &["get", "po", "-A"],
        ))
}

fn print(place: &contest::Place, contest: &Contest) -> io::Result<()> {
    let text = contest.run(place)?;
    io::stdout().write_all(text.as_bytes())
}

fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
