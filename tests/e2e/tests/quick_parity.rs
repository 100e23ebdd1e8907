//! `kubectl quick get` prints on a pipe what `kubectl get` prints, for every type of the server.

use cluster::Cluster;
use e2e::Sandbox;

/// Both commands run one after the other and ages tick in between, so a difference counts only if it stays.
const TRIES: usize = 10;

fn same(sandbox: &Sandbox, words: &str) {
    let mut last = (String::new(), String::new());
    for _ in 0..TRIES {
        let theirs = sandbox.kubectl(&format!("get {words}"));
        let ours = sandbox.quick(&format!("get {words}"));
        assert_eq!(ours.code, theirs.code, "{words}: {}", ours.err);
        if ours.out == theirs.out {
            return;
        }
        last = (ours.out, theirs.out);
    }
    assert_eq!(last.0, last.1, "{words}");
}

fn types(sandbox: &Sandbox) -> Vec<String> {
    let answer = sandbox.kubectl("api-resources --verbs=list -o name");
    let types: Vec<String> = answer.out.lines().map(str::to_owned).collect();
    assert!(types.len() > 50, "the server has {} types", types.len());
    types
}

/// Objects that have something to show in every kind of column.
const OBJECTS: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web, tier: front}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27", ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app: web}}
data: {a: "1"}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec: {schedule: "0 3 * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: busybox}]}}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
---
apiVersion: example.com/v1
kind: Gadget
metadata: {name: spinner, labels: {app: web}}
spec: {size: 3, colour: blue, owner: me}
---
apiVersion: example.com/v1
kind: Gadget
metadata: {name: bare}
spec: {}
"#;

#[test]
fn every_type_of_the_server_looks_as_kubectl_shows_it() {
    let cluster = Cluster::shared();
    let namespace = cluster.namespace("parity");
    namespace.apply(OBJECTS);
    namespace.ask(&[
        "wait",
        "--for=condition=Available",
        "deployment/web",
        "--timeout=60s",
    ]);
    let sandbox = Sandbox::new(cluster);
    for name in types(&sandbox) {
        same(&sandbox, &format!("{name} -n {}", namespace.name()));
        same(&sandbox, &format!("{name} -o wide -n {}", namespace.name()));
    }
}

#[test]
fn all_namespaces_labels_and_selectors_look_as_kubectl_shows_them() {
    let cluster = Cluster::shared();
    let namespace = cluster.namespace("parity");
    namespace.apply(OBJECTS);
    namespace.ask(&[
        "wait",
        "--for=condition=Available",
        "deployment/web",
        "--timeout=60s",
    ]);
    let sandbox = Sandbox::new(cluster);
    let here = format!("-n {}", namespace.name());
    // Other tests make and delete objects in their own namespaces meanwhile, so -A looks at quiet types.
    for words in [
        "nodes -A",
        "crd -A",
        "storageclasses -A",
        "clusterroles -A",
        "roles -A",
        "deployments -A -l tier=front",
        "apiservices",
        "priorityclasses -o wide --show-labels",
        "nodes -L kubernetes.io/os -L type --show-labels",
    ] {
        same(&sandbox, words);
    }
    for words in [
        "po -l app=web",
        "po --show-labels",
        "po -L app",
        "po,svc",
        "all",
        "deploy,gad",
        "gad -o wide --show-labels",
        "toys",
        "po --no-headers",
        "po --field-selector status.phase=Running",
        "svc -o name",
        "po,deploy -o name",
        "cm -o yaml",
        "gad -o json",
        "po -o jsonpath={.items[*].metadata.name}",
        "deploy -o custom-columns=N:.metadata.name,R:.spec.replicas",
        "svc -o go-template={{len.items}}",
        "po --sort-by=.metadata.name",
        "deploy/web svc/web",
        "deploy web -o yaml",
    ] {
        same(&sandbox, &format!("{words} {here}"));
    }
}

#[test]
fn every_user_sees_what_kubectl_shows_them() {
    let cluster = Cluster::shared();
    let sandbox = Sandbox::new(cluster);
    for words in [
        "nodes --context viewer",
        "sa --context plugin",
        "sa --context team -n team",
        "cm -n kube-system --as viewer",
    ] {
        // `view` may not list nodes: then both say so with an error code of their own.
        let theirs = sandbox.kubectl(&format!("get {words}"));
        let ours = sandbox.quick(&format!("get {words}"));
        assert_eq!(
            ours.code == Some(0),
            theirs.code == Some(0),
            "{words}: {}",
            ours.err
        );
        if theirs.code == Some(0) {
            same(&sandbox, words);
        }
    }
}

/// Besides the kubectl of the cluster's version, the machine's own, which may be older and differ in its caches.
#[test]
fn the_machines_own_kubectl_shows_the_same_and_is_handed_over_to() {
    let cluster = Cluster::shared();
    let Some(own) = ["/usr/bin/kubectl", "/usr/local/bin/kubectl"]
        .into_iter()
        .find(|path| std::path::Path::new(path).is_file())
    else {
        eprintln!("left out: this machine has no kubectl of its own");
        return;
    };
    let namespace = cluster.namespace("own");
    namespace.apply(OBJECTS);
    namespace.ask(&[
        "wait",
        "--for=condition=Available",
        "deployment/web",
        "--timeout=60s",
    ]);
    let sandbox = Sandbox::new(cluster).set("KUBECTL_COMMAND", own);
    for words in [
        "deploy,svc",
        "gad",
        "cm -o yaml",
        "deploy/web -o jsonpath={.spec.replicas}",
    ] {
        let words = format!("get {words} -n {}", namespace.name());
        let list: Vec<&str> = words.split_whitespace().collect();
        let same = (0..TRIES).any(|_| sandbox.run(own, &list).out == sandbox.quick(&words).out);
        assert!(same, "{words}");
    }
}
