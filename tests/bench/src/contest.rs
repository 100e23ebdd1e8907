//! Contenders that do the same job, measured in turns.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use cluster::Cluster;

use crate::sample::{Sample, measure};

/// Where contenders run: the same kubeconfig and caches for all.
pub struct Place {
    kubeconfig: PathBuf,
    home: PathBuf,
}

/// One way to do the job.
pub struct Contender {
    name: String,
    command: Vec<String>,
}

/// One job; the first contender is ours, the others are measured against it.
pub struct Contest {
    name: &'static str,
    rounds: usize,
    contenders: Vec<Contender>,
}

impl Place {
    /// The cluster's admin in an empty home.
    pub fn new(cluster: &Cluster, home: &Path) -> Self {
        Self {
            kubeconfig: cluster.kubeconfig(),
            home: home.to_path_buf(),
        }
    }

    fn command(&self, contender: &Contender) -> io::Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("measure")
            .args(&contender.command)
            .env("KUBECONFIG", &self.kubeconfig)
            .env("KUBERC", "off")
            .env("HOME", &self.home);
        Ok(command)
    }
}

impl Contender {
    /// A program with its arguments, under the name to print.
    pub fn new(name: &str, program: &str, arguments: &[&str]) -> Self {
        let command = std::iter::once(program).chain(arguments.iter().copied());
        Self {
            name: name.to_owned(),
            command: command.map(str::to_owned).collect(),
        }
    }
}

impl Contest {
    /// A job, to be done so many times by each.
    pub fn new(name: &'static str, rounds: usize) -> Self {
        Self {
            name,
            rounds,
            contenders: Vec::new(),
        }
    }

    /// One more contender.
    #[must_use]
    pub fn add(mut self, contender: Contender) -> Self {
        self.contenders.push(contender);
        self
    }

    /// Lets all run in turns, after one round that does not count, and tells how it went.
    pub fn run(&self, place: &Place) -> io::Result<String> {
        let mut samples: Vec<Vec<Sample>> = vec![Vec::new(); self.contenders.len()];
        for round in 0..=self.rounds {
            for (contender, samples) in self.contenders.iter().zip(&mut samples) {
                let sample = measure(place.command(contender)?)?;
                if round > 0 {
                    samples.push(sample);
                }
            }
        }
        Ok(self.table(&samples))
    }

    fn table(&self, samples: &[Vec<Sample>]) -> String {
        let mut text = format!("\n{} ({} rounds)\n", self.name, self.rounds);
        let _ = writeln!(
            text,
            "  {:<32} {:>9} {:>15} {:>9} {:>9} {:>8}",
            "", "median ms", "spread", "CPU ms", "peak MB", "times"
        );
        let ours = median(&samples[0], |sample| sample.wall);
        for (contender, samples) in self.contenders.iter().zip(samples) {
            let wall = median(samples, |sample| sample.wall);
            let fastest = samples
                .iter()
                .map(|sample| sample.wall)
                .min()
                .unwrap_or_default();
            let slowest = samples
                .iter()
                .map(|sample| sample.wall)
                .max()
                .unwrap_or_default();
            let cpu = median(samples, |sample| sample.cpu);
            let peak = samples
                .iter()
                .map(|sample| sample.peak_kib)
                .max()
                .unwrap_or_default();
            let spread = format!(
                "{:.1} to {:.1}",
                milliseconds(fastest),
                milliseconds(slowest)
            );
            let _ = writeln!(
                text,
                "  {:<32} {:>9.1} {spread:>15} {:>9.1} {:>9} {:>7.1}x",
                contender.name,
                milliseconds(wall),
                milliseconds(cpu),
                peak / 1024,
                wall.as_secs_f64() / ours.as_secs_f64()
            );
        }
        text
    }
}

fn median(samples: &[Sample], of: impl Fn(&Sample) -> Duration) -> Duration {
    let mut values: Vec<Duration> = samples.iter().map(of).collect();
    values.sort();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
