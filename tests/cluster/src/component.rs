//! The processes of the cluster and their command lines.

use std::path::PathBuf;
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::binaries::Binaries;
use crate::state::State;

/// One process of the cluster, which a test can kill, freeze and start again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Component {
    /// The store.
    Etcd,
    /// The API server.
    KubeApiserver,
    /// The controllers.
    KubeControllerManager,
    /// The scheduler.
    KubeScheduler,
    /// The nodes, played.
    Kwok,
    /// What answers `kubectl top` and feeds the HPA.
    MetricsServer,
}

impl Component {
    /// All, in the order in which they start; they stop in the opposite order.
    ///
    /// The API server lingers when the store goes first.
    pub const ALL: [Self; 6] = [
        Self::Etcd,
        Self::KubeApiserver,
        Self::KubeControllerManager,
        Self::KubeScheduler,
        Self::Kwok,
        Self::MetricsServer,
    ];

    /// Its name, as in its log file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Etcd => "etcd",
            Self::KubeApiserver => "kube-apiserver",
            Self::KubeControllerManager => "kube-controller-manager",
            Self::KubeScheduler => "kube-scheduler",
            Self::Kwok => "kwok",
            Self::MetricsServer => "metrics-server",
        }
    }

    /// The command that starts it.
    pub(crate) fn command(self, binaries: &Binaries, state: &State) -> Command {
        let (program, arguments) = match self {
            Self::Etcd => (binaries.control_plane(), etcd(state)),
            Self::KubeApiserver => (binaries.control_plane(), api_server(state)),
            Self::KubeControllerManager => (binaries.control_plane(), controllers(state)),
            Self::KubeScheduler => (binaries.control_plane(), scheduler(state)),
            Self::Kwok => (binaries.kwok(), kwok(state)),
            Self::MetricsServer => (binaries.metrics_server(), metrics_server(state)),
        };
        dying_with_parent(program, arguments)
    }
}

/// On Linux, the kernel ends the process when the supervisor ends, even by kill -9.
fn dying_with_parent(program: PathBuf, arguments: Vec<String>) -> Command {
    if !cfg!(target_os = "linux") {
        let mut command = Command::new(program);
        command.args(arguments);
        return command;
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "--"])
        .arg(program)
        .args(arguments);
    command
}

fn etcd(state: &State) -> Vec<String> {
    let client = format!("http://127.0.0.1:{}", state.ports.etcd);
    let peer = format!("http://127.0.0.1:{}", state.ports.etcd_peer);
    vec![
        "etcd".to_owned(),
        format!("--data-dir={}", state.path("etcd")),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=default={peer}"),
        "--unsafe-no-fsync".to_owned(),
        "--log-level=error".to_owned(),
    ]
}

fn api_server(state: &State) -> Vec<String> {
    let file = |name: &str| state.path(name);
    vec![
        "kube-apiserver".to_owned(),
        format!("--etcd-servers=http://127.0.0.1:{}", state.ports.etcd),
        "--bind-address=127.0.0.1".to_owned(),
        "--advertise-address=127.0.0.1".to_owned(),
        format!("--secure-port={}", state.ports.api_server),
        format!("--cert-dir={}", file("certificates")),
        "--endpoint-reconciler-type=none".to_owned(),
        "--service-cluster-ip-range=10.96.0.0/16".to_owned(),
        "--authorization-mode=Node,RBAC".to_owned(),
        "--allow-privileged=true".to_owned(),
        format!("--tls-cert-file={}", file("server.crt")),
        format!("--tls-private-key-file={}", file("server.key")),
        format!("--client-ca-file={}", file("ca.crt")),
        format!("--token-auth-file={}", file("tokens.csv")),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        format!("--service-account-key-file={}", file("server.crt")),
        format!("--service-account-signing-key-file={}", file("server.key")),
        "--kubelet-preferred-address-types=InternalIP".to_owned(),
        format!("--requestheader-client-ca-file={}", file("ca.crt")),
        "--requestheader-allowed-names=front-proxy".to_owned(),
        "--requestheader-username-headers=X-Remote-User".to_owned(),
        "--requestheader-group-headers=X-Remote-Group".to_owned(),
        "--requestheader-extra-headers-prefix=X-Remote-Extra-".to_owned(),
        format!("--proxy-client-cert-file={}", file("front-proxy.crt")),
        format!("--proxy-client-key-file={}", file("front-proxy.key")),
        "--max-requests-inflight=2000".to_owned(),
        "--max-mutating-requests-inflight=1000".to_owned(),
        "--v=0".to_owned(),
    ]
}

fn controllers(state: &State) -> Vec<String> {
    let mut arguments = internal_client("kube-controller-manager", state);
    arguments.extend([
        format!(
            "--service-account-private-key-file={}",
            state.path("server.key")
        ),
        format!("--root-ca-file={}", state.path("ca.crt")),
        "--horizontal-pod-autoscaler-sync-period=5s".to_owned(),
        "--concurrent-deployment-syncs=20".to_owned(),
        "--concurrent-replicaset-syncs=20".to_owned(),
    ]);
    arguments
}

fn scheduler(state: &State) -> Vec<String> {
    internal_client("kube-scheduler", state)
}

/// Without these limits 5,000 pods would take minutes.
fn internal_client(component: &str, state: &State) -> Vec<String> {
    vec![
        component.to_owned(),
        format!("--kubeconfig={}", state.path("kubeconfig")),
        "--leader-elect=false".to_owned(),
        "--secure-port=0".to_owned(),
        "--kube-api-qps=500".to_owned(),
        "--kube-api-burst=1000".to_owned(),
    ]
}

fn kwok(state: &State) -> Vec<String> {
    vec![
        format!("--kubeconfig={}", state.path("kubeconfig")),
        format!("--config={}", state.path("kwok.yaml")),
        "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake".to_owned(),
        "--enable-crds=Logs".to_owned(),
        "--node-ip=127.0.0.1".to_owned(),
        format!("--node-port={}", state.ports.node),
        format!("--server-address=127.0.0.1:{}", state.ports.node),
        format!("--tls-cert-file={}", state.path("server.crt")),
        format!("--tls-private-key-file={}", state.path("server.key")),
        "--node-lease-duration-seconds=40".to_owned(),
    ]
}

fn metrics_server(state: &State) -> Vec<String> {
    let kubeconfig = state.path("kubeconfig");
    vec![
        format!("--kubeconfig={kubeconfig}"),
        format!("--authentication-kubeconfig={kubeconfig}"),
        format!("--authorization-kubeconfig={kubeconfig}"),
        "--bind-address=127.0.0.1".to_owned(),
        format!("--secure-port={}", state.ports.metrics_server),
        format!("--tls-cert-file={}", state.path("server.crt")),
        format!("--tls-private-key-file={}", state.path("server.key")),
        "--kubelet-insecure-tls".to_owned(),
        "--kubelet-use-node-status-port".to_owned(),
        "--kubelet-preferred-address-types=InternalIP".to_owned(),
        "--metric-resolution=10s".to_owned(),
        "--kubelet-request-timeout=5s".to_owned(),
    ]
}
