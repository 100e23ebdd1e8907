//! Where the demo happens: a kubeconfig and a PATH of its own; the user's are untouched.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use cluster::Cluster;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The environment of the demo's commands. Its folder goes when it is dropped.
pub struct Place {
    folder: TempDir,
    programs: OsString,
}

impl Place {
    /// Writes a kubeconfig with two contexts and puts the plugins on PATH.
    pub fn make(cluster: &Cluster, plugins: PathBuf) -> io::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("kubectl-quick-demo-")
            .tempdir()?;
        let original: Value = serde_json::from_slice(&fs::read(cluster.kubeconfig())?)?;
        fs::write(folder.path().join("config"), contexts(original).to_string())?;
        let system = std::env::var_os("PATH").unwrap_or_default();
        let folders = [plugins, cluster.programs().to_path_buf()];
        let folders = folders.into_iter().chain(std::env::split_paths(&system));
        let programs = std::env::join_paths(folders).map_err(io::Error::other)?;
        Ok(Self { folder, programs })
    }

    /// A folder for what the demo needs on disk.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A command of the demo.
    pub fn command(&self, program: &str) -> Command {
        let found = std::env::split_paths(&self.programs)
            .map(|folder| folder.join(program))
            .find(|path| path.is_file());
        let mut command = Command::new(found.unwrap_or_else(|| PathBuf::from(program)));
        command
            .env("PATH", &self.programs)
            .env("KUBECONFIG", self.folder().join("config"))
            .env("KUBECACHEDIR", self.folder().join("cache"));
        command
    }
}

/// The admin's context as two: one to play in, and one that counts as production.
fn contexts(mut config: Value) -> Value {
    let context = |name: &str, namespace: &str| json!({"name": name, "context": {"cluster": "test", "user": "admin", "namespace": namespace}});
    config["contexts"] = json!([context("demo", "shop"), context("demo-prod", "shop-prod")]);
    config["current-context"] = json!("demo");
    if let Some(users) = config["users"].as_array_mut() {
        users.retain(|user| user["name"] == "admin");
    }
    config
}
