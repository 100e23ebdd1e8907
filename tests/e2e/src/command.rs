use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cluster::Cluster;
use tempfile::TempDir;

/// A home of its own, the built plugins first on PATH, and nothing of the developer's environment.
pub struct Sandbox {
    home: TempDir,
    kubeconfig: PathBuf,
    programs: OsString,
    variables: Vec<(OsString, OsString)>,
}

/// How a command ended and what it printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Sandbox {
    /// For a cluster, as its admin.
    ///
    /// # Panics
    /// If no temporary folder can be made.
    pub fn new(cluster: &Cluster) -> Self {
        let system = std::env::var_os("PATH").unwrap_or_default();
        let folders = [plugins(), cluster.programs().to_path_buf()];
        let folders = folders.into_iter().chain(std::env::split_paths(&system));
        Self {
            home: TempDir::new().expect("a temporary home"),
            kubeconfig: cluster.kubeconfig(),
            programs: std::env::join_paths(folders).expect("no colon in these paths"),
            variables: Vec::new(),
        }
    }

    /// With another kubeconfig list.
    #[must_use]
    pub fn kubeconfig(mut self, list: impl Into<PathBuf>) -> Self {
        self.kubeconfig = list.into();
        self
    }

    /// With a variable set.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// The home.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A command of this environment.
    pub fn command<T: AsRef<OsStr>>(&self, program: &str, arguments: &[T]) -> Command {
        // `Command` looks a bare name up on the PATH of this process, not of the child.
        let program = std::env::split_paths(&self.programs)
            .map(|folder| folder.join(program))
            .find(|path| path.is_file())
            .unwrap_or_else(|| PathBuf::from(program));
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(self.environment())
            .stdin(Stdio::null());
        command
    }

    /// The whole environment.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        let mut all: Vec<(OsString, OsString)> = vec![
            ("HOME".into(), self.home().into()),
            ("PATH".into(), self.programs.clone()),
            ("KUBECONFIG".into(), self.kubeconfig.clone().into()),
            ("KUBERC".into(), "off".into()),
            ("LANG".into(), "C.UTF-8".into()),
            ("TZ".into(), "UTC".into()),
            ("SHELL".into(), "/bin/sh".into()),
        ];
        all.extend(self.variables.iter().cloned());
        all
    }

    /// Runs `kubectl-quick` with words separated by spaces.
    pub fn quick(&self, words: &str) -> Answer {
        let words: Vec<&str> = words.split_whitespace().collect();
        self.run("kubectl-quick", &words)
    }

    /// Runs the real kubectl with words separated by spaces.
    pub fn kubectl(&self, words: &str) -> Answer {
        let words: Vec<&str> = words.split_whitespace().collect();
        self.run("kubectl", &words)
    }

    /// Runs any program.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn run<T: AsRef<OsStr>>(&self, program: &str, arguments: &[T]) -> Answer {
        let output = self.command(program, arguments).output();
        output
            .unwrap_or_else(|error| panic!("{program}: {error}"))
            .into()
    }
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The folder of the built plugins: `PLUGINS`, else that of this build.
///
/// # Panics
/// If they are not built.
fn plugins() -> PathBuf {
    if let Some(folder) = std::env::var_os("PLUGINS") {
        return PathBuf::from(folder);
    }
    let this = std::env::current_exe().expect("a running test has a program");
    this.ancestors()
        .skip(1)
        .take(3)
        .find(|folder| folder.join("kubectl-quick").is_file())
        .expect("build the plugins first: `cargo build`")
        .to_path_buf()
}
