//! How the played nodes behave: kwok stages, chosen by annotations of the pod.
//!
//! | annotation | meaning |
//! |---|---|
//! | `play/behaviour` | `crash`, `oom`, `image-pull`, `never-ready`, `complete`, `fail`; without it a pod just runs |
//! | `play/start-delay` | how long it takes to start, such as `5s` |
//! | `play/run-for` | how long it runs before it does what its behaviour says |
//! | `play/back-off` | how long it waits before it is restarted |
//! | `play/delete-delay` | how long it is Terminating |
//! | `play/exit-code` | the exit code of `crash` and `fail` |
//! | `play/cpu`, `play/memory` | what it uses, by the metrics API |

use serde_json::{Value, json};

use crate::state::State;

const BEHAVIOUR: &str = r#".metadata.annotations["play/behaviour"]"#;
const PHASE: &str = ".status.phase";
const WAITING: &str = ".status.containerStatuses.[].state.waiting.reason";
const RUNNING: &str = ".status.containerStatuses.[].state.running.startedAt";
const TERMINATED: &str = ".status.containerStatuses.[].state.terminated.reason";

/// Variables that all templates use, and the parts of a status that never differ.
const PRELUDE: &str = r#"
{{ $now := Now }}
{{ $root := . }}
{{ $annotations := or .metadata.annotations dict }}
{{ $behaviour := or (index $annotations "play/behaviour") "" }}
{{ $code := or (index $annotations "play/exit-code") "1" }}
{{ $reason := "Error" }}
{{ if eq $behaviour "oom" }}{{ $code = "137" }}{{ $reason = "OOMKilled" }}{{ end }}
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}
startTime: {{ or .status.startTime $now | Quote }}
"#;

/// All that kwok is told.
pub(crate) fn configuration(state: &State) -> String {
    let mut documents = vec![logs(state), exec(), port_forward(state), usage(), metric()];
    documents.extend([node_ready(), node_heartbeat()]);
    documents.extend(starting_stages());
    documents.extend(ending_stages());
    documents
        .iter()
        .map(|document| format!("{document:#}\n---\n"))
        .collect()
}

/// From the moment a pod is bound to a node until its containers run, or cannot.
fn starting_stages() -> Vec<Value> {
    vec![
        Stage::pod("pod-create", &[(".status.podIP", "DoesNotExist", &[])])
            .after(150, "play/create-delay")
            .event("Normal", "Pulling", "Pulling image")
            .becomes(&status("Pending", "false", WAITING_CREATING)),
        Stage::pod(
            "pod-image-pull-fails",
            &[
                (WAITING, "In", &["ContainerCreating", "ImagePullBackOff"]),
                (BEHAVIOUR, "In", &["image-pull"]),
            ],
        )
        .after(1500, "play/back-off")
        .event("Warning", "Failed", "Failed to pull image: not found")
        .becomes(&status(
            "Pending",
            "false",
            &waiting(
                "ErrImagePull",
                "rpc error: code = NotFound desc = image not found",
            ),
        )),
        Stage::pod(
            "pod-image-pull-waits",
            &[(WAITING, "In", &["ErrImagePull"])],
        )
        .after(2000, "play/back-off")
        .event("Normal", "BackOff", "Back-off pulling image")
        .becomes(&status(
            "Pending",
            "false",
            &waiting("ImagePullBackOff", "Back-off pulling image: not found"),
        )),
        Stage::pod(
            "pod-start",
            &[
                (WAITING, "In", &["ContainerCreating", "CrashLoopBackOff"]),
                (PHASE, "In", &["Pending"]),
                (BEHAVIOUR, "NotIn", &["image-pull"]),
            ],
        )
        .after(700, "play/start-delay")
        .event("Normal", "Started", "Container started")
        .becomes(&status("Running", READY, RUNNING_NOW)),
    ]
}

/// What befalls containers that run, and how a pod ends.
fn ending_stages() -> Vec<Value> {
    vec![
        Stage::pod(
            "pod-crash",
            &[
                (RUNNING, "Exists", &[]),
                (PHASE, "In", &["Running"]),
                (BEHAVIOUR, "In", &["crash", "oom"]),
            ],
        )
        .after(3000, "play/run-for")
        .becomes(&status("Running", "false", TERMINATED_NOW)),
        Stage::pod(
            "pod-back-off",
            &[
                (TERMINATED, "Exists", &[]),
                (PHASE, "In", &["Running"]),
                (BEHAVIOUR, "In", &["crash", "oom"]),
            ],
        )
        .after(1000, "play/no-such-annotation")
        .event("Warning", "BackOff", "Back-off restarting failed container")
        .becomes(&status("Running", "false", BACK_OFF)),
        Stage::pod(
            "pod-restart",
            &[
                (WAITING, "In", &["CrashLoopBackOff"]),
                (PHASE, "In", &["Running"]),
            ],
        )
        .after(10_000, "play/back-off")
        .event("Normal", "Started", "Container started")
        .becomes(&status("Running", READY, RESTARTED)),
        Stage::pod(
            "pod-complete-job",
            &[
                (PHASE, "In", &["Running"]),
                (BEHAVIOUR, "NotIn", &["fail", "never-ready", "crash", "oom"]),
                (".metadata.ownerReferences.[].kind", "In", &["Job"]),
            ],
        )
        .after(3000, "play/run-for")
        .becomes(&status("Succeeded", "false", COMPLETED)),
        Stage::pod(
            "pod-complete",
            &[
                (PHASE, "In", &["Running"]),
                (BEHAVIOUR, "In", &["complete"]),
            ],
        )
        .after(3000, "play/run-for")
        .becomes(&status("Succeeded", "false", COMPLETED)),
        Stage::pod(
            "pod-fail",
            &[(PHASE, "In", &["Running"]), (BEHAVIOUR, "In", &["fail"])],
        )
        .after(3000, "play/run-for")
        .becomes(&status("Failed", "false", TERMINATED_NOW)),
        Stage::pod_deleted("pod-delete")
            .after(800, "play/delete-delay")
            .deletes(),
    ]
}

const READY: &str = r#"{{ if eq $behaviour "never-ready" }}false{{ else }}true{{ end }}"#;

const WAITING_CREATING: &str = r"
  restartCount: 0
  started: false
  state:
    waiting:
      reason: ContainerCreating";

const RUNNING_NOW: &str = r"
  restartCount: 0
  started: true
  state:
    running:
      startedAt: {{ $now | Quote }}";

const TERMINATED_NOW: &str = r"
  restartCount: {{ $origin.restartCount }}
  started: false
  state:
    terminated:
      containerID: {{ $origin.containerID | Quote }}
      exitCode: {{ $code }}
      reason: {{ $reason }}
      startedAt: {{ $origin.state.running.startedAt | Quote }}
      finishedAt: {{ $now | Quote }}";

const COMPLETED: &str = r"
  restartCount: {{ $origin.restartCount }}
  started: false
  state:
    terminated:
      containerID: {{ $origin.containerID | Quote }}
      exitCode: 0
      reason: Completed
      startedAt: {{ $origin.state.running.startedAt | Quote }}
      finishedAt: {{ $now | Quote }}";

const BACK_OFF: &str = r"
  restartCount: {{ $origin.restartCount }}
  started: false
  lastState:
    terminated:
      containerID: {{ $origin.containerID | Quote }}
      exitCode: {{ $code }}
      reason: {{ $reason }}
      startedAt: {{ $origin.state.terminated.startedAt | Quote }}
      finishedAt: {{ $origin.state.terminated.finishedAt | Quote }}
  state:
    waiting:
      reason: CrashLoopBackOff
      message: back-off restarting failed container={{ .name }} pod={{ $root.metadata.name }}";

const RESTARTED: &str = r"
  restartCount: {{ add $origin.restartCount 1 }}
  started: true
  lastState:
    terminated:
      containerID: {{ $origin.containerID | Quote }}
      exitCode: {{ $code }}
      reason: {{ $reason }}
      startedAt: {{ $origin.lastState.terminated.startedAt | Quote }}
      finishedAt: {{ $origin.lastState.terminated.finishedAt | Quote }}
  state:
    running:
      startedAt: {{ $now | Quote }}";

fn waiting(reason: &str, message: &str) -> String {
    format!(
        "\n  restartCount: 0\n  started: false\n  state:\n    waiting:\n      reason: {reason}\n      message: {message:?}"
    )
}

/// A pod's whole status: phase, conditions and one entry per container.
fn status(phase: &str, ready: &str, container: &str) -> String {
    let condition = |kind: &str, value: &str| {
        format!(
            "- type: {kind}\n  status: \"{value}\"\n  lastTransitionTime: {{{{ $now | Quote }}}}\n"
        )
    };
    let when_ready =
        format!("{{{{ if eq \"{ready}\" \"true\" }}}}True{{{{ else }}}}False{{{{ end }}}}");
    let when_ready = if ready == READY {
        r#"{{ if eq $behaviour "never-ready" }}False{{ else }}True{{ end }}"#.to_owned()
    } else {
        when_ready
    };
    format!(
        r#"{PRELUDE}
phase: {phase}
conditions:
{initialized}{ready_condition}{containers_ready}
{{{{ if .spec.initContainers }}}}
initContainerStatuses:
{{{{ range .spec.initContainers }}}}
- name: {{{{ .name | Quote }}}}
  image: {{{{ .image | Quote }}}}
  imageID: {{{{ .image | Quote }}}}
  containerID: {{{{ printf "containerd://%s" (sha256sum (printf "%s/%s" $root.metadata.uid .name)) | Quote }}}}
  ready: true
  restartCount: 0
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{{{ $now | Quote }}}}
      finishedAt: {{{{ $now | Quote }}}}
{{{{ end }}}}
{{{{ end }}}}
containerStatuses:
{{{{ range $index, $item := .spec.containers }}}}
{{{{ $origin := dict "restartCount" 0 "containerID" "" "state" dict "lastState" dict }}}}
{{{{ if $root.status.containerStatuses }}}}{{{{ $origin = index $root.status.containerStatuses $index }}}}{{{{ end }}}}
- name: {{{{ $item.name | Quote }}}}
  image: {{{{ $item.image | Quote }}}}
  imageID: {{{{ $item.image | Quote }}}}
  containerID: {{{{ printf "containerd://%s" (sha256sum (printf "%s/%s/%s" $root.metadata.uid $item.name $now)) | Quote }}}}
  ready: {ready}{container}
{{{{ end }}}}
"#,
        initialized = condition("Initialized", "True"),
        ready_condition = condition("Ready", &when_ready),
        containers_ready = condition("ContainersReady", &when_ready),
        container = container.replace("{{ .name }}", "{{ $item.name }}"),
    )
}

/// A stage in the making.
struct Stage {
    name: &'static str,
    matches: Vec<Value>,
    delay: Value,
    event: Option<Value>,
}

impl Stage {
    fn pod(name: &'static str, when: &[(&str, &str, &[&str])]) -> Self {
        let mut matches = vec![expression(
            ".metadata.deletionTimestamp",
            "DoesNotExist",
            &[],
        )];
        matches.extend(
            when.iter()
                .map(|(key, operator, values)| expression(key, operator, values)),
        );
        Self {
            name,
            matches,
            delay: Value::Null,
            event: None,
        }
    }

    fn pod_deleted(name: &'static str) -> Self {
        Self {
            name,
            matches: vec![expression(".metadata.deletionTimestamp", "Exists", &[])],
            delay: Value::Null,
            event: None,
        }
    }

    fn after(mut self, milliseconds: u32, annotation: &str) -> Self {
        let from = json!({"expressionFrom": format!(".metadata.annotations[{annotation:?}]")});
        self.delay = json!({"durationMilliseconds": milliseconds, "durationFrom": from});
        self
    }

    fn event(mut self, kind: &str, reason: &str, message: &str) -> Self {
        self.event = Some(json!({"type": kind, "reason": reason, "message": message}));
        self
    }

    fn becomes(self, template: &str) -> Value {
        let next = match &self.event {
            Some(event) => json!({"event": event, "statusTemplate": template}),
            None => json!({"statusTemplate": template}),
        };
        self.build(&next)
    }

    fn deletes(self) -> Value {
        self.build(&json!({"delete": true}))
    }

    fn build(&self, next: &Value) -> Value {
        json!({
            "apiVersion": "kwok.x-k8s.io/v1alpha1",
            "kind": "Stage",
            "metadata": {"name": self.name},
            "spec": {
                "resourceRef": {"apiGroup": "v1", "kind": "Pod"},
                "selector": {"matchExpressions": self.matches},
                "delay": self.delay,
                "next": next,
            },
        })
    }
}

fn expression(key: &str, operator: &str, values: &[&str]) -> Value {
    if values.is_empty() {
        return json!({"key": key, "operator": operator});
    }
    json!({"key": key, "operator": operator, "values": values})
}

const NODE_CONDITIONS: &str = r"
{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
  message: {{ .message | Quote }}
  reason: {{ .reason | Quote }}
  status: {{ .status | Quote }}
  type: {{ .type | Quote }}
{{ end }}
";

const READY_CONDITION: &str = r#".status.conditions.[] | select( .type == "Ready" ) | .status"#;

fn node_stage(name: &str, operator: &str, delay: &Value, template: &str) -> Value {
    json!({
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": name},
        "spec": {
            "resourceRef": {"apiGroup": "v1", "kind": "Node"},
            "selector": {"matchExpressions": [expression(READY_CONDITION, operator, &["True"])]},
            "delay": delay,
            "next": {"statusTemplate": template},
            "immediateNextStage": operator == "In",
        },
    })
}

fn node_ready() -> Value {
    let template = format!(
        "{NODE_CONDITIONS}
addresses:
- type: InternalIP
  address: 127.0.0.1
- type: Hostname
  address: {{{{ .metadata.name }}}}
{{{{ $external := index (or .metadata.annotations dict) \"play/external-ip\" }}}}
{{{{ if $external }}}}
- type: ExternalIP
  address: {{{{ $external | Quote }}}}
{{{{ end }}}}
daemonEndpoints:
  kubeletEndpoint:
    Port: {{{{ NodePort }}}}
allocatable: {{cpu: \"32\", memory: 256Gi, pods: \"5000\"}}
capacity: {{cpu: \"32\", memory: 256Gi, pods: \"5000\"}}
nodeInfo:
  architecture: amd64
  bootID: \"\"
  containerRuntimeVersion: containerd://2.2.1
  kernelVersion: 6.1.0
  kubeProxyVersion: v1.36.3
  kubeletVersion: v1.36.3
  machineID: \"\"
  operatingSystem: linux
  osImage: Debian GNU/Linux 12 (bookworm)
  systemUUID: \"\"
phase: Running
"
    );
    node_stage("node-ready", "NotIn", &Value::Null, &template)
}

fn node_heartbeat() -> Value {
    let delay = json!({"durationMilliseconds": 20_000, "jitterDurationMilliseconds": 25_000});
    node_stage("node-heartbeat", "In", &delay, NODE_CONDITIONS)
}

fn kwok(kind: &str, name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": spec,
    })
}

/// Pods without a log of their own share one.
fn logs(state: &State) -> Value {
    kwok(
        "ClusterLogs",
        "all",
        &json!({"logs": [{"logsFile": state.path("pod.log"), "previousLogsFile": state.path("pod.log"), "follow": true}]}),
    )
}

fn exec() -> Value {
    kwok("ClusterExec", "all", &json!({"execs": [{"local": {}}]}))
}

fn port_forward(state: &State) -> Value {
    let target = json!({"port": state.ports.app, "address": "127.0.0.1"});
    kwok(
        "ClusterPortForward",
        "all",
        &json!({"forwards": [{"target": target}]}),
    )
}

fn usage() -> Value {
    let from = |annotation: &str, otherwise: &str| {
        let expression = format!(
            "\"{annotation}\" in pod.metadata.annotations ? Quantity(pod.metadata.annotations[\"{annotation}\"]) : Quantity(\"{otherwise}\")"
        );
        json!({"expression": expression})
    };
    let usage = json!({"cpu": from("play/cpu", "5m"), "memory": from("play/memory", "20Mi")});
    kwok(
        "ClusterResourceUsage",
        "all",
        &json!({"usages": [{"usage": usage}]}),
    )
}

/// What a kubelet answers at /metrics/resource, and metrics-server reads.
fn metric() -> Value {
    let label = |name: &str, value: &str| json!({"name": name, "value": value});
    let pod = [
        label("namespace", "pod.metadata.namespace"),
        label("pod", "pod.metadata.name"),
    ];
    let container = [
        label("container", "container.name"),
        pod[0].clone(),
        pod[1].clone(),
    ];
    let entry = |name: &str, dimension: &str, kind: &str, labels: &[Value], value: &str| json!({"name": name, "dimension": dimension, "help": name, "kind": kind, "labels": labels, "value": value});
    let metrics = [
        entry("scrape_error", "node", "gauge", &[], "0"),
        entry(
            "container_start_time_seconds",
            "container",
            "gauge",
            &container,
            "pod.SinceSecond()",
        ),
        entry(
            "container_cpu_usage_seconds_total",
            "container",
            "counter",
            &container,
            "pod.CumulativeUsage(\"cpu\", container.name)",
        ),
        entry(
            "container_memory_working_set_bytes",
            "container",
            "gauge",
            &container,
            "pod.Usage(\"memory\", container.name)",
        ),
        entry(
            "pod_cpu_usage_seconds_total",
            "pod",
            "counter",
            &pod,
            "pod.CumulativeUsage(\"cpu\")",
        ),
        entry(
            "pod_memory_working_set_bytes",
            "pod",
            "gauge",
            &pod,
            "pod.Usage(\"memory\")",
        ),
        entry(
            "node_cpu_usage_seconds_total",
            "node",
            "counter",
            &[],
            "node.CumulativeUsage(\"cpu\")",
        ),
        entry(
            "node_memory_working_set_bytes",
            "node",
            "gauge",
            &[],
            "node.Usage(\"memory\")",
        ),
    ];
    kwok(
        "Metric",
        "metrics-resource",
        &json!({"path": "/metrics/nodes/{nodeName}/metrics/resource", "metrics": metrics}),
    )
}
