//! What keeps the shop moving: customers that come in waves, a rollout now and then, and chatty logs.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cluster::Cluster;
use cluster::pod_log::{PodLog, Stream};

const SECOND: Duration = Duration::from_secs(1);
/// In seconds: how often pods are looked for, how long a wave of customers lasts, how often web is rolled.
const LOOK: u64 = 5;
const WAVE: u64 = 40;
const ROLLOUT: u64 = 75;

/// The shop's life; it goes on until it is ended.
pub struct Life {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Life {
    /// Ends it and waits until nothing is written any more.
    pub fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.join();
    }
}

/// Begins the life of the shop in a thread of its own.
pub fn begin(cluster: &Cluster) -> Life {
    let stop = Arc::new(AtomicBool::new(false));
    let folder: PathBuf = cluster.folder().to_path_buf();
    let ended = Arc::clone(&stop);
    let thread = thread::spawn(move || {
        let Ok(cluster) = Cluster::attach(&folder) else {
            return;
        };
        let mut logs = HashMap::new();
        for second in 0.. {
            if ended.load(Ordering::Relaxed) {
                return;
            }
            live_a_second(&cluster, second, &mut logs);
            thread::sleep(SECOND);
        }
    });
    Life { stop, thread }
}

/// A step that fails, because the cluster is just ending, is no news.
fn live_a_second(cluster: &Cluster, second: u64, logs: &mut HashMap<String, PodLog>) {
    if second.is_multiple_of(LOOK) {
        open_logs(cluster, logs);
    }
    if second.is_multiple_of(WAVE) {
        let load = if (second / WAVE).is_multiple_of(2) {
            "play/cpu=150m"
        } else {
            "play/cpu=20m"
        };
        run(
            cluster,
            &[
                "annotate",
                "pods",
                "--selector=app=checkout",
                "--overwrite",
                load,
            ],
        );
    }
    if second % ROLLOUT == ROLLOUT - 1 {
        run(
            cluster,
            &["set", "env", "deployment/web", &format!("BUILD={second}")],
        );
    }
    for (index, (pod, log)) in logs.iter_mut().enumerate() {
        let line = format!(
            "GET /item/{} 200 {}ms pod={pod}",
            second * 7 % 100,
            (second * 13 + index as u64 * 5) % 90
        );
        let _ = log.append(Stream::Stdout, &line);
    }
}

fn open_logs(cluster: &Cluster, logs: &mut HashMap<String, PodLog>) {
    let words = [
        "get",
        "pods",
        "--namespace=shop",
        "--output=jsonpath={.items[*].metadata.name}",
    ];
    let Ok(output) = cluster.kubectl(words).stderr(Stdio::null()).output() else {
        return;
    };
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    let names: Vec<&str> = names.split_whitespace().collect();
    logs.retain(|pod, _| names.contains(&pod.as_str()));
    for name in names {
        if !logs.contains_key(name)
            && let Ok(log) = cluster.pod_log("shop", name)
        {
            logs.insert(name.to_owned(), log);
        }
    }
}

fn run(cluster: &Cluster, arguments: &[&str]) {
    let _ = cluster
        .kubectl(["--namespace=shop"])
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}
