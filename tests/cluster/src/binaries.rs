//! The Go programs, built once into the target folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The versions of Kubernetes and of what stands beside it.
const KUBERNETES: (&str, &str) = ("1", "36.3");
const KWOK: &str = "sigs.k8s.io/kwok/cmd/kwok@v0.8.0";
const METRICS_SERVER: &str = "sigs.k8s.io/metrics-server/cmd/metrics-server@v0.9.0";

/// Where the built programs are.
#[derive(Debug, Clone)]
pub struct Binaries {
    folder: PathBuf,
}

/// One program and how it is built.
struct Recipe {
    name: &'static str,
    minutes: &'static str,
    arguments: Vec<String>,
    folder: PathBuf,
}

impl Binaries {
    /// The programs of this workspace's target folder.
    pub fn of_workspace() -> Self {
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| workspace().join("target"), PathBuf::from);
        Self {
            folder: target.join("cluster").join("bin"),
        }
    }

    /// The folder, with a `kubectl` in it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The program that is every component of Kubernetes.
    pub fn control_plane(&self) -> PathBuf {
        self.folder.join("control-plane")
    }

    /// The program that plays the nodes.
    pub fn kwok(&self) -> PathBuf {
        self.folder.join("kwok")
    }

    /// The program behind `kubectl top`.
    pub fn metrics_server(&self) -> PathBuf {
        self.folder.join("metrics-server")
    }

    /// The kubectl of the same version as the cluster.
    pub fn kubectl(&self) -> PathBuf {
        self.folder.join("kubectl")
    }

    /// Builds what is missing or older than its source; says what it does, since the first time takes minutes.
    pub fn build(&self, say: &mut dyn FnMut(&str)) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        for recipe in self.recipes() {
            if self.is_current(&recipe)? {
                continue;
            }
            require_go()?;
            say(&format!("building {} ({})", recipe.name, recipe.minutes));
            self.run(&recipe)?;
        }
        link_kubectl(&self.kubectl())
    }

    fn recipes(&self) -> [Recipe; 3] {
        let source = workspace().join("tests/cluster/control-plane");
        let (major, minor) = KUBERNETES;
        let version = "k8s.io/component-base/version";
        let flags = format!(
            "-s -w -X {version}.gitVersion=v{major}.{minor} -X {version}.gitMajor={major} \
             -X {version}.gitMinor={}",
            minor.split('.').next().unwrap_or_default()
        );
        let install = |name, minutes, package: &str| Recipe {
            name,
            minutes,
            arguments: ["install", "-trimpath", "-ldflags", "-s -w", package]
                .map(str::to_owned)
                .to_vec(),
            folder: source.clone(),
        };
        let output = self.control_plane().display().to_string();
        [
            Recipe {
                name: "control-plane",
                minutes: "5 to 8 minutes the first time",
                arguments: ["build", "-trimpath", "-ldflags", &flags, "-o", &output, "."]
                    .map(str::to_owned)
                    .to_vec(),
                folder: source.clone(),
            },
            install("kwok", "1 to 2 minutes the first time", KWOK),
            install(
                "metrics-server",
                "1 to 3 minutes the first time",
                METRICS_SERVER,
            ),
        ]
    }

    /// A stamp beside the program holds what it was built from.
    fn is_current(&self, recipe: &Recipe) -> io::Result<bool> {
        let stamp = fs::read_to_string(self.stamp(recipe)).unwrap_or_default();
        Ok(self.folder.join(recipe.name).is_file() && stamp == recipe.content()?)
    }

    fn stamp(&self, recipe: &Recipe) -> PathBuf {
        self.folder.join(format!("{}.built-from", recipe.name))
    }

    fn run(&self, recipe: &Recipe) -> io::Result<()> {
        let status = Command::new("go")
            .args(&recipe.arguments)
            .current_dir(&recipe.folder)
            .env("CGO_ENABLED", "0")
            .env("GOBIN", &self.folder)
            .stdin(Stdio::null())
            .status()?;
        if !status.success() {
            return Err(io::Error::other(format!(
                "`go` could not build {}",
                recipe.name
            )));
        }
        fs::write(self.stamp(recipe), recipe.content()?)
    }
}

impl Recipe {
    fn content(&self) -> io::Result<String> {
        let mut content = self.arguments.join(" ");
        if self.name == "control-plane" {
            for file in ["main.go", "go.mod", "go.sum"] {
                content.push_str(&fs::read_to_string(self.folder.join(file))?);
            }
        }
        Ok(content)
    }
}

fn workspace() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest
        .ancestors()
        .nth(2)
        .unwrap_or(manifest)
        .to_path_buf()
}

fn require_go() -> io::Result<()> {
    let found = Command::new("go")
        .arg("version")
        .stdout(Stdio::null())
        .status();
    match found {
        Ok(status) if status.success() => Ok(()),
        _ => Err(io::Error::other(
            "Go is missing: the cluster's control plane is built with it; install Go 1.26 or newer",
        )),
    }
}

/// The control-plane program is kubectl when it is called so.
fn link_kubectl(link: &Path) -> io::Result<()> {
    if fs::symlink_metadata(link).is_ok() {
        return Ok(());
    }
    match std::os::unix::fs::symlink("control-plane", link) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}
