//! What the contenders are let loose on.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use cluster::{Cluster, User};

/// How many pods.
pub const PODS: u32 = 5000;
/// Where they are.
pub const NAMESPACE: &str = "load";
/// How many contexts a large kubeconfig has.
const CONTEXTS: u32 = 1500;

/// Makes the pods and waits until all run.
pub fn pods(cluster: &Cluster) -> io::Result<()> {
    let namespace = format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {NAMESPACE}}}\n");
    cluster.try_apply("default", &namespace)?;
    let deployment = format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: many}}
spec:
  replicas: {PODS}
  progressDeadlineSeconds: 1200
  selector: {{matchLabels: {{app: many}}}}
  template:
    metadata: {{labels: {{app: many}}}}
    spec: {{containers: [{{name: app, image: x}}]}}
"
    );
    cluster.try_apply(NAMESPACE, &deployment)?;
    let wait = [
        "rollout",
        "status",
        "deployment/many",
        "-n",
        NAMESPACE,
        "--timeout=15m",
    ];
    let output = cluster.kubectl(wait).output()?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(io::Error::other(text))
}

/// curl's arguments for the cheapest table of the pods there is.
pub fn raw_request(cluster: &Cluster) -> Vec<String> {
    let token = User::Viewer.token().unwrap_or_default();
    let url = format!(
        "{}/api/v1/namespaces/{NAMESPACE}/pods?includeObject=None",
        cluster.server()
    );
    [
        "--silent",
        "--fail",
        "--insecure",
        "--header",
        &format!("Authorization: Bearer {token}"),
        "--header",
        "Accept: application/json;as=Table;v=v1;g=meta.k8s.io",
        &url,
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Writes a kubeconfig of many contexts and returns its path.
pub fn many_contexts(folder: &Path) -> io::Result<String> {
    let mut text =
        String::from("apiVersion: v1\nkind: Config\ncurrent-context: context-700\nclusters:\n");
    for number in 0..CONTEXTS {
        let _ = write!(
            text,
            "- name: cluster-{number}\n  cluster:\n    server: https://10.0.0.{}:6443\n",
            number % 250
        );
    }
    text.push_str("users:\n");
    for number in 0..CONTEXTS {
        let _ = write!(
            text,
            "- name: user-{number}\n  user:\n    token: token-{number}\n"
        );
    }
    text.push_str("contexts:\n");
    for number in 0..CONTEXTS {
        let _ = write!(
            text,
            "- name: context-{number}\n  context:\n    cluster: cluster-{number}\n    user: user-{number}\n    namespace: team\n"
        );
    }
    let path = folder.join("many-contexts");
    fs::write(&path, text)?;
    Ok(path.display().to_string())
}
