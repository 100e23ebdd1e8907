//! The played nodes do what the annotations say, and the real API server serves it.

use cluster::Cluster;
use cluster::pod_log::Stream;

fn pod(name: &str, annotations: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, annotations: {{{annotations}}}}}\n\
         spec: {{restartPolicy: Always, containers: [{{name: app, image: x, ports: [{{containerPort: 80}}]}}]}}\n"
    )
}

fn wait(namespace: &cluster::Namespace, pod: &str, path: &str, value: &str) {
    let condition = format!("--for=jsonpath={{{path}}}={value}");
    namespace.ask(&["wait", &condition, &format!("pod/{pod}"), "--timeout=60s"]);
}

#[test]
fn pods_crash_are_killed_fail_to_pull_and_end_as_told() {
    let cluster = Cluster::shared();
    let namespace = cluster.namespace("behaviour");
    namespace.apply(&pod(
        "crash",
        "play/behaviour: crash, play/exit-code: '3', play/run-for: 1s",
    ));
    namespace.apply(&pod("oom", "play/behaviour: oom, play/run-for: 1s"));
    namespace.apply(&pod("pull", "play/behaviour: image-pull"));
    namespace.apply(&pod("never", "play/behaviour: never-ready"));
    namespace.apply(&pod(
        "complete",
        "play/behaviour: complete, play/run-for: 1s",
    ));
    let state = ".status.containerStatuses[0]";
    wait(
        &namespace,
        "crash",
        &format!("{state}.state.waiting.reason"),
        "CrashLoopBackOff",
    );
    wait(
        &namespace,
        "crash",
        &format!("{state}.lastState.terminated.exitCode"),
        "3",
    );
    wait(
        &namespace,
        "oom",
        &format!("{state}.lastState.terminated.reason"),
        "OOMKilled",
    );
    wait(
        &namespace,
        "pull",
        &format!("{state}.state.waiting.reason"),
        "ImagePullBackOff",
    );
    wait(&namespace, "never", ".status.phase", "Running");
    wait(&namespace, "never", &format!("{state}.ready"), "false");
    wait(&namespace, "complete", ".status.phase", "Succeeded");
    wait(&namespace, "crash", &format!("{state}.restartCount"), "1");
}

#[test]
fn logs_exec_and_port_forward_answer() {
    let cluster = Cluster::shared();
    let namespace = cluster.namespace("answers");
    namespace.apply(&pod("app", ""));
    namespace.ask(&["wait", "--for=condition=Ready", "pod/app", "--timeout=60s"]);
    let mut log = cluster.pod_log(namespace.name(), "app").expect("a log");
    log.append(Stream::Stdout, "first").expect("a line");
    log.append(Stream::Stderr, "second").expect("a line");
    let mut text = String::new();
    for _ in 0..50 {
        text = namespace.ask(&["logs", "app"]);
        if text.contains("second") && !text.contains("all pods share") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    assert_eq!(text, "first\nsecond\n");
    assert_eq!(
        namespace.ask(&["exec", "app", "--", "echo", "hello"]),
        "hello\n"
    );
    let forwarded = forward(cluster, namespace.name());
    assert!(
        forwarded.contains("hello from the shop, you asked for /item"),
        "{forwarded}"
    );
}

/// Asks the pod through a forwarded port.
fn forward(cluster: &Cluster, namespace: &str) -> String {
    use std::io::{BufRead, BufReader, Write};
    let mut child = cluster
        .kubectl(["port-forward", "-n", namespace, "pod/app", ":80"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("kubectl runs");
    let mut line = String::new();
    // Kept until the end: kubectl writes a line for each connection.
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    stdout.read_line(&mut line).expect("a line");
    let port: u16 = line
        .split_once("127.0.0.1:")
        .and_then(|(_, rest)| rest.split(' ').next())
        .and_then(|port| port.parse().ok())
        .unwrap_or_else(|| panic!("no port in {line:?}"));
    let mut socket = std::net::TcpStream::connect(("127.0.0.1", port)).expect("the port is open");
    socket
        .write_all(b"GET /item HTTP/1.0\r\n\r\n")
        .expect("it takes a request");
    // The forwarded connection stays open after the answer, so the line is what ends the reading.
    let limit = std::time::Duration::from_secs(30);
    socket.set_read_timeout(Some(limit)).expect("a limit");
    let mut lines = BufReader::new(socket).lines().map_while(Result::ok);
    let answer = lines
        .find(|line| line.contains("hello"))
        .unwrap_or_default();
    child.kill().expect("it still runs");
    child.wait().expect("it ends");
    answer
}

#[test]
fn usage_reaches_the_metrics_api() {
    let cluster = Cluster::shared();
    let namespace = cluster.namespace("usage");
    namespace.apply(&pod("busy", "play/cpu: 250m, play/memory: 64Mi"));
    namespace.ask(&["wait", "--for=condition=Ready", "pod/busy", "--timeout=60s"]);
    let mut top = String::new();
    for _ in 0..90 {
        let output = cluster
            .kubectl(["top", "pod", "busy", "--no-headers", "-n", namespace.name()])
            .output()
            .expect("kubectl runs");
        top = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() && !top.is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
    let words: Vec<&str> = top.split_whitespace().collect();
    assert!(
        words.len() == 3 && words[1].ends_with('m') && words[2] == "64Mi",
        "{top:?}"
    );
}
