//! The demo without a terminal: each step is run, shown, and has to hold what it is shown for.

use std::io::{self, Read, Write};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::place::Place;
use crate::say;

/// One command, the exit code it ends with and what its output has to hold.
struct Step {
    why: &'static str,
    command: &'static str,
    code: i32,
    holds: &'static [&'static str],
}

const STEPS: [Step; 11] = [
    Step {
        why: "where am I",
        command: "kubectl quick",
        code: 0,
        holds: &["context    demo", "namespace  shop", "protected  no"],
    },
    Step {
        why: "what runs here",
        command: "kubectl quick po",
        code: 0,
        holds: &["NAME", "web-", "CrashLoopBackOff", "cache-0"],
    },
    Step {
        why: "only what is not well",
        command: "kubectl quick deploy,po --problems",
        code: 0,
        holds: &["search", "mailer", "recommend"],
    },
    Step {
        why: "by a part of the name",
        command: "kubectl quick all web",
        code: 0,
        holds: &["deployment.apps/web", "service/web"],
    },
    Step {
        why: "which address",
        command: "kubectl quick svc,ing",
        code: 0,
        holds: &["203.0.113.80", "<pending>", "shop.example.com"],
    },
    Step {
        why: "customers come in waves",
        command: "kubectl quick hpa",
        code: 0,
        holds: &["cpu: ", "%/60%"],
    },
    Step {
        why: "what it uses",
        command: "kubectl top po",
        code: 0,
        holds: &["checkout-"],
    },
    Step {
        why: "chatty logs",
        command: "kubectl logs deploy/web --tail=3",
        code: 0,
        holds: &["GET /item/"],
    },
    Step {
        why: "one look elsewhere",
        command: "kubectl quick @demo-prod po web",
        code: 0,
        holds: &["web-"],
    },
    Step {
        why: "where else would it match",
        command: "kubectl quick po web -n kube-system",
        code: 1,
        holds: &["it matches in shop"],
    },
    Step {
        why: "watch a rollout",
        command: "kubectl rollout restart deploy/web && timeout 6 kubectl quick po web -w",
        code: 124,
        holds: &["ContainerCreating", "Running"],
    },
];

/// How long the shop may take until a step shows what it is about: metrics need two samples.
const PATIENCE: Duration = Duration::from_secs(90);

/// Plays all steps. The exit code is 1 if one fails.
pub fn play(place: &Place) -> io::Result<u8> {
    let mut failed = 0;
    for step in &STEPS {
        say(&format!("\n# {}\n$ {}", step.why, step.command));
        let (output, problem) = patiently(place, step)?;
        io::stderr().write_all(output.as_bytes())?;
        if let Some(problem) = problem {
            failed += 1;
            say(&format!("FAILED: {problem}"));
        }
    }
    say(&format!(
        "\n{} passed, {failed} failed",
        STEPS.len() - failed
    ));
    Ok(u8::from(failed > 0))
}

fn patiently(place: &Place, step: &Step) -> io::Result<(String, Option<String>)> {
    let started = Instant::now();
    loop {
        let (code, output) = run(place, step.command)?;
        let problem = problem(step, code, &output);
        if problem.is_none() || started.elapsed() > PATIENCE {
            return Ok((output, problem));
        }
        thread::sleep(Duration::from_secs(2));
    }
}

fn problem(step: &Step, code: Option<i32>, output: &str) -> Option<String> {
    if code != Some(step.code) {
        return Some(format!("ended with {code:?}, not {}", step.code));
    }
    let missing = step.holds.iter().find(|text| !output.contains(**text))?;
    Some(format!("does not show {missing:?}"))
}

/// Runs a command line; both streams, in the order in which they were written.
fn run(place: &Place, command: &str) -> io::Result<(Option<i32>, String)> {
    let (mut reader, writer) = io::pipe()?;
    let mut child = {
        let mut shell = place.command("bash");
        shell
            .args(["-c", command])
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        shell.spawn()?
    };
    let mut output = String::new();
    reader.read_to_string(&mut output)?;
    Ok((child.wait()?.code(), output))
}
