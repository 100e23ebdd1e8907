//! What `kubectl quick get` does beyond `kubectl get`.

use cluster::Cluster;
use e2e::Sandbox;

const PODS: &str = r"
apiVersion: v1
kind: Pod
metadata: {name: web-1}
spec: {containers: [{name: a, image: x}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-2}
spec: {containers: [{name: a, image: x}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db-0, annotations: {play/behaviour: never-ready}}
spec: {containers: [{name: a, image: x}]}
";

#[test]
fn patterns_select_by_name_and_types_may_be_combined() {
    let cluster = Cluster::shared();
    let namespace = cluster.namespace("patterns");
    namespace.apply(PODS);
    let sandbox = Sandbox::new(cluster);
    let names = |words: &str| {
        let answer = sandbox.quick(&format!("{words} -o name -n {}", namespace.name()));
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        answer
            .out
            .replace("pod/", "")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(names("po web-1"), "web-1");
    assert_eq!(names("po web"), "web-1 web-2");
    assert_eq!(names("po eb"), "web-1 web-2");
    assert_eq!(names("po *-0"), "db-0");
    assert_eq!(names("po 1|0"), "db-0 web-1");
    assert_eq!(names("po db web-2"), "db-0 web-2");
    assert_eq!(names("pod/web"), "web-1 web-2");
}

#[test]
fn problems_are_what_is_not_well() {
    let cluster = Cluster::shared();
    let namespace = cluster.namespace("problems");
    namespace.apply(PODS);
    namespace.ask(&[
        "wait",
        "--for=condition=Ready",
        "pod/web-1",
        "pod/web-2",
        "--timeout=60s",
    ]);
    namespace.ask(&[
        "wait",
        "--for=jsonpath={.status.phase}=Running",
        "pod/db-0",
        "--timeout=60s",
    ]);
    let sandbox = Sandbox::new(cluster);
    let answer = sandbox.quick(&format!("po --problems -o name -n {}", namespace.name()));
    assert_eq!(answer.out, "pod/db-0\n");
    let none = sandbox.quick(&format!("po web --problems -n {}", namespace.name()));
    assert_eq!(
        (none.code, none.err.as_str()),
        (Some(0), "No problems found\n")
    );
}

#[test]
fn a_pattern_without_a_match_says_where_it_would_and_ends_with_one() {
    let cluster = Cluster::shared();
    let here = cluster.namespace("here");
    let there = cluster.namespace("there");
    there.apply(&PODS.replace("web-1", "only-in-there"));
    let sandbox = Sandbox::new(cluster);
    let answer = sandbox.quick(&format!("po only-in -n {}", here.name()));
    assert_eq!(answer.code, Some(1));
    let expected = format!(
        "error: no pods match \"only-in\" in namespace {:?}\n\nhint: it matches in {there} (1); add `-n {there}` or `-A`\n",
        here.name(),
        there = there.name()
    );
    assert_eq!(answer.err, expected);
}

#[test]
fn the_nearest_name_is_offered() {
    let cluster = Cluster::shared();
    let namespace = cluster.namespace("nearest");
    namespace.apply(PODS);
    let sandbox = Sandbox::new(cluster);
    let answer = sandbox.quick(&format!("po wbe-1 -n {}", namespace.name()));
    assert_eq!(answer.code, Some(1));
    assert!(
        answer.err.contains("hint: the nearest name is \"web-1\""),
        "{}",
        answer.err
    );
}

#[test]
fn rows_are_sorted_and_limited() {
    let cluster = Cluster::shared();
    let namespace = cluster.namespace("sorted");
    namespace.apply(PODS);
    let sandbox = Sandbox::new(cluster);
    let answer = sandbox.quick(&format!(
        "po --sort -name --limit 2 -o name -n {}",
        namespace.name()
    ));
    assert_eq!(answer.out, "pod/web-2\npod/web-1\n");
}

#[test]
fn a_crd_installed_a_second_ago_resolves_from_an_old_cache() {
    let cluster = Cluster::shared();
    let sandbox = Sandbox::new(cluster);
    assert_eq!(sandbox.quick("po").code, Some(0));
    cluster.apply(
        "default",
        r"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: brandnews.e2e.example.com}
spec:
  group: e2e.example.com
  scope: Namespaced
  names: {kind: BrandNew, plural: brandnews, singular: brandnew, shortNames: [bn]}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
",
    );
    // The server takes a moment until its discovery document has it.
    while cluster
        .ask([
            "api-resources",
            "--cached=false",
            "--api-group=e2e.example.com",
            "-o",
            "name",
        ])
        .is_empty()
    {
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    let answer = sandbox.quick("bn -A");
    cluster.ask(["delete", "crd", "brandnews.e2e.example.com"]);
    assert_eq!(
        (answer.code, answer.err.as_str()),
        (Some(0), "No resources found\n")
    );
}

#[test]
fn kubectl_reads_the_discovery_cache_we_write() {
    let cluster = Cluster::shared();
    let sandbox = Sandbox::new(cluster);
    assert_eq!(sandbox.quick("po -n kube-system").code, Some(0));
    let answer = sandbox.kubectl("get deployments -n kube-system -v=6");
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    let asked: Vec<&str> = answer
        .err
        .lines()
        .filter(|line| line.contains("verb=\"GET\""))
        .collect();
    assert!(
        !asked.is_empty(),
        "kubectl logs its requests: {}",
        answer.err
    );
    assert!(
        !asked
            .iter()
            .any(|line| line.contains("/api?") || line.contains("/apis?")),
        "{asked:?}"
    );
}

#[test]
fn a_credential_plugin_runs_once_a_command() {
    let cluster = Cluster::start().expect("a cluster of its own, to count the runs");
    let runs = || {
        std::fs::read_to_string(cluster.folder().join("plugin-runs"))
            .unwrap_or_default()
            .lines()
            .count()
    };
    let sandbox = Sandbox::new(&cluster);
    let answer = sandbox.quick("po,svc,deploy --context plugin");
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    assert_eq!(runs(), 1);
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let cluster = Cluster::shared();
    let sandbox = Sandbox::new(cluster);
    let answer = sandbox.run(
        "bash",
        &[
            "-c",
            "set -o pipefail; kubectl-quick leases -A -w | head -2; echo ${PIPESTATUS[0]}",
        ],
    );
    let lines: Vec<&str> = answer.out.lines().collect();
    assert_eq!((lines.len(), lines[2], answer.err.as_str()), (3, "0", ""));
}

#[test]
fn the_servers_warnings_are_passed_on() {
    let sandbox = Sandbox::new(Cluster::shared());
    let (ours, theirs) = (
        sandbox.quick("componentstatuses"),
        sandbox.kubectl("get componentstatuses"),
    );
    assert_eq!(ours.err, theirs.err);
    assert!(
        ours.err
            .starts_with("Warning: v1 ComponentStatus is deprecated"),
        "{}",
        ours.err
    );
}
