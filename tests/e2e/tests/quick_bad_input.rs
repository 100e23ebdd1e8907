//! Everything that can be wrong before a table is shown: one short message, exit code 2, within seconds.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use cluster::Cluster;
use e2e::{Answer, Sandbox};

/// Asserts the shape that every error has, and returns its text.
fn refused(answer: &Answer, started: Instant) -> String {
    assert_eq!(answer.code, Some(2), "{answer:?}");
    assert_eq!(answer.out, "");
    assert!(answer.err.starts_with("error: "), "{}", answer.err);
    assert!(answer.err.lines().count() <= 4, "{}", answer.err);
    assert!(started.elapsed() < Duration::from_secs(10), "it hung");
    answer.err.clone()
}

fn quick_with(kubeconfig: &str, words: &str) -> String {
    let cluster = Cluster::shared();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config");
    fs::write(&file, kubeconfig).expect("a file");
    let sandbox = Sandbox::new(cluster).kubeconfig(&file);
    let started = Instant::now();
    let text = refused(&sandbox.quick(words), started);
    text.replace(&file.display().to_string(), "FILE")
}

fn quick(words: &str) -> String {
    let sandbox = Sandbox::new(Cluster::shared());
    let started = Instant::now();
    refused(&sandbox.quick(words), started)
}

fn config(server: &str) -> String {
    format!(
        "current-context: c\nclusters: [{{name: k, cluster: {{server: \"{server}\"}}}}]\n\
         contexts: [{{name: c, context: {{cluster: k, user: u}}}}]\nusers: [{{name: u, user: {{token: secret-token}}}}]\n"
    )
}

#[test]
fn no_kubeconfig() {
    let sandbox = Sandbox::new(Cluster::shared()).kubeconfig(PathBuf::new());
    let text = refused(&sandbox.quick("po"), Instant::now());
    assert!(
        text.contains("/.kube/config does not exist or is empty"),
        "{text}"
    );
    assert!(
        text.contains("hint: `--kubeconfig FILE` or the variable KUBECONFIG"),
        "{text}"
    );
}

#[test]
fn an_empty_kubeconfig() {
    let text = quick_with("", "po");
    assert!(
        text.starts_with("error: no kubeconfig: FILE does not exist or is empty"),
        "{text}"
    );
}

#[test]
fn a_malformed_kubeconfig_is_named_with_its_line_and_never_quoted() {
    let text = quick_with(
        "clusters:\n- name: a\n  cluster: {server: x\nusers: [{user: {token: topsecret",
        "po",
    );
    assert!(text.starts_with("error: kubeconfig FILE, line "), "{text}");
    assert!(!text.contains("topsecret"), "{text}");
}

#[test]
fn a_context_that_is_not_there() {
    let text = quick("po --context amdin");
    assert!(text.contains("no context \"amdin\""), "{text}");
    assert!(
        text.contains("hint: the nearest name is \"admin\""),
        "{text}"
    );
}

#[test]
fn a_server_that_is_not_running() {
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a free port")
        .port();
    let text = quick_with(&config(&format!("http://127.0.0.1:{port}")), "po");
    let expected = format!(
        "error: cannot reach the API server of context \"c\" at http://127.0.0.1:{port}: connection refused\n\nhint: is that cluster running? `--context` picks another\n"
    );
    assert_eq!(text, expected);
}

#[test]
fn a_server_that_accepts_and_says_nothing() {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = socket.local_addr().expect("an address").port();
    let text = quick_with(&config(&format!("https://127.0.0.1:{port}")), "po");
    assert!(
        text.contains(&format!(
            "at https://127.0.0.1:{port}: no connection within 4 s"
        )),
        "{text}"
    );
}

#[test]
fn a_server_with_another_certificate() {
    let cluster = Cluster::shared();
    let text = quick_with(&config(&cluster.server()), "po");
    assert!(
        text.contains("its certificate is signed by an unknown authority"),
        "{text}"
    );
    assert!(!text.contains("secret-token"), "{text}");
}

#[test]
fn an_expired_client_certificate() {
    let text = quick("po --context expired");
    assert!(
        text.starts_with(
            "error: the client certificate of context \"expired\" expired on 2021-01-01"
        ),
        "{text}"
    );
}

#[test]
fn a_token_that_is_not_accepted() {
    let cluster = Cluster::shared();
    let original = fs::read_to_string(cluster.kubeconfig()).expect("the kubeconfig");
    let text = quick_with(
        &original.replace("viewer-token-2b1f", "wrong-token"),
        "po --context viewer",
    );
    assert!(
        text.contains("does not accept the credentials (401 Unauthorized)"),
        "{text}"
    );
    assert!(!text.contains("wrong-token"), "{text}");
}

#[test]
fn no_rights() {
    let text = quick("po --context nobody");
    let expected = "error: cannot list pods in namespace \"default\": not allowed for user \"nobody\"\n\
        pods is forbidden: User \"nobody\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"\n\n\
        hint: `kubectl auth can-i list pods -n default --context nobody` asks the server again\n";
    assert_eq!(text, expected);
}

#[test]
fn a_type_that_is_not_there() {
    let text = quick("deplyoment");
    let expected = "error: the server doesn't have a resource type \"deplyoment\"\n\nhint: the nearest type is \"deployment\"; `kubectl api-resources` lists all\n";
    assert_eq!(text, expected);
}

#[test]
fn a_namespace_that_is_not_there() {
    let text = quick("po -n nowhere");
    assert!(
        text.starts_with("error: namespace \"nowhere\" not found (context \"admin\")"),
        "{text}"
    );
}

#[test]
fn a_flag_that_is_not_there() {
    let answer = Sandbox::new(Cluster::shared()).quick("po --wdie");
    assert_eq!(answer.code, Some(2));
    assert!(
        answer
            .err
            .starts_with("error: unexpected argument '--wdie'"),
        "{}",
        answer.err
    );
}

#[test]
fn a_credential_plugin_that_fails() {
    let cluster = Cluster::shared();
    let sandbox = Sandbox::new(cluster).set("PLUGIN_FAILS", "1");
    let answer = sandbox.quick("po --context plugin");
    assert_eq!(answer.code, Some(2));
    assert!(
        answer
            .err
            .contains("credential-plugin\" failed with exit code 3"),
        "{}",
        answer.err
    );
    assert!(
        answer.err.contains("hint: it comes with the test cluster"),
        "{}",
        answer.err
    );
}

#[test]
fn one_type_without_rights_does_not_hide_the_others() {
    let cluster = Cluster::shared();
    let sandbox = Sandbox::new(cluster);
    let answer = sandbox.quick("sa,nodes,secrets --context team -n team");
    assert_eq!(answer.code, Some(2));
    assert!(answer.out.contains("default"), "{answer:?}");
    assert!(
        answer
            .err
            .contains("cannot list nodes: not allowed for user \"team\""),
        "{}",
        answer.err
    );
}

/// A server that begins an answer and then falls silent; no real one does so on demand.
#[test]
fn an_answer_that_stops_half_way() {
    use std::io::Write;
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = socket.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for mut stream in socket.incoming().flatten() {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"kind\":");
            open.push(stream);
        }
    });
    let text = quick_with(
        &config(&format!("http://127.0.0.1:{port}")),
        "po --request-timeout 1",
    );
    assert!(text.contains(": the answer stopped half-way"), "{text}");
}
