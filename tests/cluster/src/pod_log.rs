//! The log of one container of a played pod: a file in the container runtime's format, which a test appends to.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::json;

use crate::client::Cluster;

/// A container's log. The API server serves it, `--follow` included.
pub struct PodLog {
    file: File,
}

/// Which of its two streams a container writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Cluster {
    /// Gives a pod a log of its own, the same for all its containers.
    pub fn pod_log(&self, namespace: &str, pod: &str) -> io::Result<PodLog> {
        let path = self.folder().join(format!("log-{namespace}-{pod}"));
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let object = json!({
            "apiVersion": "kwok.x-k8s.io/v1alpha1",
            "kind": "Logs",
            "metadata": {"name": pod, "namespace": namespace},
            "spec": {"logs": [{"logsFile": path, "previousLogsFile": path, "follow": true}]},
        });
        self.try_apply(namespace, &object.to_string())?;
        Ok(PodLog { file })
    }
}

impl PodLog {
    /// Writes one line, stamped with the time now.
    pub fn append(&mut self, stream: Stream, text: &str) -> io::Result<()> {
        let stream = match stream {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        };
        let stamp = format!("{:.9}", Timestamp::now());
        writeln!(self.file, "{stamp} {stream} F {text}")
    }
}
