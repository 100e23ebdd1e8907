//! A cluster leaves nothing behind, however it ends; and several live side by side.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cluster::{Cluster, Component};

/// Starts `cluster up` and returns it with its folder.
fn up() -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cluster"))
        .arg("up")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let stdout = child.stdout.take().expect("piped");
    let mut folder = String::new();
    BufReader::new(stdout)
        .read_line(&mut folder)
        .expect("it says where it is");
    (child, folder.trim().to_owned())
}

/// The processes whose command line names the folder.
fn processes(folder: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").expect("linux").flatten();
    entries
        .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(folder))
        .collect()
}

fn eventually(what: &str, holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn the_end_of_its_parent_ends_it_and_nothing_stays() {
    let (mut child, folder) = up();
    assert!(processes(&folder).len() >= 5, "{:?}", processes(&folder));
    drop(child.stdin.take());
    child.wait().expect("it ends");
    assert_eq!(processes(&folder), [] as [&str; 0]);
    assert!(!Path::new(&folder).exists());
}

#[test]
fn a_polite_kill_ends_it_too() {
    let (mut child, folder) = up();
    let pid = child.id().to_string();
    Command::new("kill").arg(&pid).status().expect("kill runs");
    child.wait().expect("it ends");
    assert_eq!(processes(&folder), [] as [&str; 0]);
    assert!(!Path::new(&folder).exists());
}

#[test]
fn after_kill_minus_nine_no_process_stays_and_the_next_start_removes_the_folder() {
    let (mut child, folder) = up();
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    eventually("a component lives on", || processes(&folder).is_empty());
    let next = Cluster::start().expect("the next one starts");
    assert!(!Path::new(&folder).exists());
    drop(next);
}

#[test]
fn two_clusters_know_nothing_of_each_other() {
    let (one, other) = (
        Cluster::start().expect("one"),
        Cluster::start().expect("other"),
    );
    assert_ne!(one.server(), other.server());
    one.ask(["create", "configmap", "mine"]);
    let there = other
        .kubectl(["get", "configmap", "mine"])
        .output()
        .expect("kubectl runs");
    assert!(!there.status.success());
}

#[test]
fn a_component_can_be_killed_and_started_again() {
    let cluster = Cluster::start().expect("a cluster");
    cluster.kill(Component::KubeApiserver).expect("killed");
    let down = cluster
        .kubectl(["get", "--raw", "/readyz"])
        .output()
        .expect("kubectl runs");
    assert!(!down.status.success());
    cluster.restart(Component::KubeApiserver).expect("started");
    eventually("the API server came back", || {
        let up = cluster.kubectl(["get", "--raw", "/readyz"]).output();
        up.is_ok_and(|output| output.status.success())
    });
}
