//! What every cluster holds from the start: nodes, rights, a CRD, the metrics API.

use serde_json::{Value, json};

use crate::kubeconfig::User;
use crate::state::State;

/// The nodes' names.
pub(crate) const NODES: [&str; 3] = ["node-a", "node-b", "node-c"];

/// All seed objects as one List. The CRDs come first, since the API server takes a moment to serve them.
pub(crate) fn objects(state: &State) -> String {
    let mut items = vec![logs_crd(), gadgets_crd(), namespace("team")];
    items.extend(
        NODES
            .iter()
            .enumerate()
            .map(|(index, name)| node(name, index)),
    );
    items.extend(rights());
    items.extend(metrics_api(state));
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

fn namespace(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
}

fn node(name: &str, index: usize) -> Value {
    let mut annotations = json!({
        "kwok.x-k8s.io/node": "fake",
        "metrics.k8s.io/resource-metrics-path": format!("/metrics/nodes/{name}/metrics/resource"),
    });
    // One node can be reached from outside, as in a small cluster at a cloud provider.
    if index == 0 {
        annotations["play/external-ip"] = json!("203.0.113.10");
    }
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": annotations,
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "topology.kubernetes.io/zone": format!("zone-{}", ["a", "b", "c"][index % 3]),
                "type": "kwok",
            },
        },
    })
}

fn rights() -> Vec<Value> {
    let user = |user: User| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user.name()});
    let role = |name: &str| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name});
    vec![
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "test-viewers"},
            "subjects": [user(User::Viewer), user(User::Plugin)],
            "roleRef": role("view"),
        }),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "test-team", "namespace": "team"},
            "subjects": [user(User::Team)],
            "roleRef": role("edit"),
        }),
    ]
}

/// kwok reads the logs of single pods from these; only the fields it needs are spelt out.
fn logs_crd() -> Value {
    crd(
        "kwok.x-k8s.io",
        "v1alpha1",
        "Logs",
        "logs",
        "logs",
        &json!([]),
    )
}

/// A type with printer columns, a short name and a category, for everything that has to work with CRDs.
fn gadgets_crd() -> Value {
    let columns = json!([
        {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
        {"name": "Colour", "type": "string", "jsonPath": ".spec.colour"},
        {"name": "Ready", "type": "string", "jsonPath": ".status.ready"},
        {"name": "Owner", "type": "string", "jsonPath": ".spec.owner", "priority": 1},
        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
    ]);
    crd("example.com", "v1", "Gadget", "gadgets", "gadget", &columns)
}

fn crd(
    group: &str,
    version: &str,
    kind: &str,
    plural: &str,
    singular: &str,
    columns: &Value,
) -> Value {
    let open = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{group}")},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {
                "kind": kind, "plural": plural, "singular": singular,
                "shortNames": if kind == "Gadget" { json!(["gad"]) } else { json!([]) },
                "categories": if kind == "Gadget" { json!(["toys"]) } else { json!([]) },
            },
            "versions": [{
                "name": version, "served": true, "storage": true,
                "additionalPrinterColumns": columns,
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": open, "status": open}}},
            }],
        },
    })
}

/// The real aggregated API. Its Service points outside, since no pod here answers on a network.
fn metrics_api(state: &State) -> Vec<Value> {
    let port = state.ports.metrics_server;
    vec![
        json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "metrics-server", "namespace": "kube-system"},
            "spec": {"type": "ExternalName", "externalName": "localhost", "ports": [{"port": port}]},
        }),
        json!({
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": "v1beta1.metrics.k8s.io"},
            "spec": {
                "group": "metrics.k8s.io", "version": "v1beta1",
                "groupPriorityMinimum": 100, "versionPriority": 100,
                "insecureSkipTLSVerify": true,
                "service": {"name": "metrics-server", "namespace": "kube-system", "port": port},
            },
        }),
    ]
}
