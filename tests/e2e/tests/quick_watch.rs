//! `-w`: appended in a pipe, live on a terminal, and right after the dust has settled.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use cluster::{Cluster, Component};
use e2e::{Sandbox, Terminal};

const SLOW: &str = r"
apiVersion: v1
kind: Pod
metadata: {name: slow, annotations: {play/create-delay: 1s, play/start-delay: 2s}}
spec: {containers: [{name: a, image: x}]}
";

fn many(replicas: u32) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: many}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: many}}}}
  template:
    metadata: {{labels: {{app: many}}}}
    spec: {{containers: [{{name: a, image: x}}]}}
"
    )
}

#[test]
fn a_pipe_gets_a_row_for_each_change_with_what_happened() {
    let cluster = Cluster::shared();
    let namespace = cluster.namespace("append");
    namespace.apply(&SLOW.replace("slow", "first").replace("play/", "unused/"));
    namespace.ask(&[
        "wait",
        "--for=condition=Ready",
        "pod/first",
        "--timeout=60s",
    ]);
    let sandbox = Sandbox::new(cluster);
    let words = ["po", "-w", "--output-watch-events", "-n", namespace.name()];
    let mut child = sandbox
        .command("kubectl-quick", &words)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut lines = BufReader::new(child.stdout.take().expect("piped"))
        .lines()
        .map_while(Result::ok);
    let heading = lines.next().expect("headings");
    assert!(heading.starts_with("EVENT "), "{heading}");
    assert!(lines.next().expect("a row").contains("first"));
    namespace.apply(SLOW);
    let mut seen = Vec::new();
    for line in lines.by_ref() {
        let words: Vec<&str> = line.split_whitespace().collect();
        seen.push(format!("{} {} {}", words[0], words[1], words[3]));
        if line.contains("Running") {
            break;
        }
    }
    namespace.ask(&["delete", "pod", "slow"]);
    let deleted = lines.find(|line| line.starts_with("DELETED"));
    child.kill().expect("it still runs");
    child.wait().expect("it ends");
    seen.dedup();
    assert_eq!(
        seen,
        [
            "ADDED slow Pending",
            "MODIFIED slow Pending",
            "MODIFIED slow ContainerCreating",
            "MODIFIED slow Running"
        ]
    );
    assert!(deleted.is_some_and(|line| line.contains("slow")));
}

#[test]
fn the_first_row_of_an_empty_namespace_comes_with_its_headings() {
    let cluster = Cluster::shared();
    let namespace = cluster.namespace("first");
    let sandbox = Sandbox::new(cluster);
    let mut child = sandbox
        .command("kubectl-quick", &["po", "-w", "-n", namespace.name()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut lines = BufReader::new(child.stdout.take().expect("piped"))
        .lines()
        .map_while(Result::ok);
    // Without a pod there is nothing to wait for, so it may or may not have begun to watch: both are fine.
    namespace.apply(SLOW);
    let first = lines.next().expect("headings");
    let second = lines.next().expect("a row");
    child.kill().expect("it still runs");
    child.wait().expect("it ends");
    assert!(first.starts_with("NAME "), "{first}");
    assert!(second.starts_with("slow "), "{second}");
}

#[test]
fn a_pod_comes_runs_and_goes_in_a_terminal() {
    let cluster = Cluster::shared();
    let namespace = cluster.namespace("live");
    let sandbox = Sandbox::new(cluster);
    let terminal = Terminal::open(&sandbox, 120, 30);
    terminal.type_line(&format!("kubectl quick po -w -n {}", namespace.name()));
    terminal.wait_for(&format!(
        "no pods in namespace {} yet, watching",
        namespace.name()
    ));
    namespace.apply(SLOW);
    let screen = terminal.wait_for("new → Pending → ContainerCreating → Running");
    assert!(screen.contains("live · admin/"), "{screen}");
    terminal.wait_for("1 pod: 1 Running");
    namespace.ask(&["delete", "pod", "slow"]);
    terminal.wait_for("→ gone");
    terminal.wait_for("yet, watching");
    terminal.press("q");
    let after = terminal.wait_until("the prompt", |screen| screen.trim_end().ends_with("ready>"));
    assert!(after.contains("→ gone"), "the last picture stays:\n{after}");
    terminal.type_line("stty -a | grep -o ' echo ' && echo code $?");
    terminal.wait_for("code 0");
}

#[test]
fn keys_filter_sort_help_and_act_in_a_terminal() {
    let cluster = Cluster::shared();
    let namespace = cluster.namespace("keys");
    namespace.apply(&SLOW.replace("slow", "apple"));
    namespace.apply(&SLOW.replace("slow", "banana"));
    let sandbox = Sandbox::new(cluster);
    let terminal = Terminal::open(&sandbox, 120, 30);
    terminal.type_line(&format!("kubectl quick po -w -n {}", namespace.name()));
    terminal.wait_for("2 pods: 2 Running");
    terminal.type_text("/ban");
    terminal.wait_until("one row", |screen| {
        screen.contains("1 row") && !screen.contains("apple    1/1")
    });
    terminal.press("Enter");
    terminal.wait_for("filter ban");
    terminal.press("Escape");
    terminal.wait_for("apple    1/1");
    terminal.type_text("?");
    terminal.wait_for("filter as you type");
    terminal.type_text("x");
    terminal.press("Down");
    terminal.wait_for("> apple");
    terminal.press("Enter");
    terminal.wait_for("apple:  d describe  l logs");
    terminal.type_text("d");
    terminal.wait_for("enter goes back to the table");
    terminal.press("Enter");
    terminal.wait_for("2 pods: 2 Running");
    terminal.press("Enter");
    terminal.type_text("l");
    terminal.wait_for("line 20 of the log");
    terminal.press("C-c");
    terminal.wait_for("enter goes back to the table");
    terminal.press("Enter");
    terminal.wait_for("2 pods: 2 Running");
    terminal.press("C-c");
    terminal.wait_until("the prompt", |screen| screen.trim_end().ends_with("ready>"));
    terminal.type_line("echo code $?");
    terminal.wait_for("code 130");
}

#[test]
fn five_hundred_pods_created_and_deleted_in_a_terminal_end_as_kubectl_has_them() {
    let cluster = Cluster::shared();
    let namespace = cluster.namespace("churn");
    let sandbox = Sandbox::new(cluster);
    let terminal = Terminal::open(&sandbox, 120, 560);
    terminal.type_line(&format!("kubectl quick po -w -n {}", namespace.name()));
    terminal.wait_for("yet, watching");
    namespace.apply(&many(500));
    terminal.wait_for("500 pods: 500 Running");
    namespace.ask(&["scale", "deployment/many", "--replicas=40"]);
    terminal.wait_for("40 pods: 40 Running");
    let screen = terminal.wait_until("no marks", |screen| {
        !screen.contains("\n -") && !screen.contains("\n +")
    });
    let shown = rows(&screen);
    let theirs = rows(&namespace.ask(&["get", "po"]));
    assert_eq!(shown, theirs);
}

/// Name, READY, STATUS and RESTARTS of each row of a table.
fn rows(text: &str) -> Vec<Vec<String>> {
    text.lines()
        .map(|line| {
            line.split_whitespace()
                .take(4)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .filter(|row| row.first().is_some_and(|name| name.starts_with("many-")))
        .collect()
}

#[test]
fn the_window_has_any_size_and_changes_it_in_a_terminal() {
    let cluster = Cluster::shared();
    let namespace = cluster.namespace("sizes");
    namespace.apply(&many(12));
    let sandbox = Sandbox::new(cluster);
    let terminal = Terminal::open(&sandbox, 120, 30);
    terminal.type_line(&format!(
        "kubectl quick po -w -o wide -n {}",
        namespace.name()
    ));
    terminal.wait_for("12 pods: 12 Running");
    for (columns, lines) in [(80, 24), (40, 12), (20, 6), (200, 50)] {
        terminal.resize(columns, lines);
        let screen = terminal.wait_until("live", |screen| screen.contains("live"));
        let widest = screen.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(usize::from(columns)), "{screen}");
    }
}

#[test]
fn a_killed_and_a_frozen_api_server_are_survived_in_a_terminal() {
    let cluster = Cluster::start().expect("a cluster of its own, to harm");
    let namespace = cluster.namespace("harm");
    namespace.apply(&many(3));
    let sandbox = Sandbox::new(&cluster);
    let terminal = Terminal::open(&sandbox, 120, 40);
    terminal.type_line(&format!("kubectl quick po -w -n {}", namespace.name()));
    terminal.wait_for("3 pods: 3 Running");

    cluster.kill(Component::KubeApiserver).expect("killed");
    terminal.wait_for("NOT LIVE for ");
    cluster.restart(Component::KubeApiserver).expect("started");
    terminal.wait_for("live · admin/");
    while !cluster
        .kubectl(["get", "--raw", "/readyz"])
        .output()
        .is_ok_and(|output| output.status.success())
    {}
    namespace.ask(&["scale", "deployment/many", "--replicas=5"]);
    terminal.wait_for("5 pods: 5 Running");

    cluster.freeze(Component::KubeApiserver).expect("frozen");
    terminal.wait_for("NOT LIVE for ");
    cluster.thaw(Component::KubeApiserver).expect("thawed");
    terminal.wait_for("live · admin/");
    namespace.ask(&["scale", "deployment/many", "--replicas=2"]);
    let screen = terminal.wait_until("two pods", |screen| {
        screen.contains("2 pods: 2 Running") && !screen.contains("\n -")
    });
    assert_eq!(rows(&screen), rows(&namespace.ask(&["get", "po"])));
}
