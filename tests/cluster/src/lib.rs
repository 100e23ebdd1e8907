//! A real Kubernetes control plane with scripted nodes, for the tests and the demo.
//!
//! ```text
//! test ─Cluster─▶ `cluster up` (a process of its own; ends when the test does, however that happens)
//!                   └ etcd, kube-apiserver, controllers, scheduler, kwok, metrics-server: one process each
//! ```
//!
//! Everything listens on 127.0.0.1 at ports chosen at the start, and lives in one temporary folder.

#![expect(
    clippy::disallowed_methods,
    reason = "a test harness reads the environment of the test run"
)]

pub mod binaries;
mod certificates;
mod client;
mod component;
pub mod http;
mod kubeconfig;
pub mod pod_log;
mod seed;
mod stages;
mod state;
pub mod supervisor;

pub use client::{Cluster, Namespace};
pub use component::Component;
pub use kubeconfig::User;
