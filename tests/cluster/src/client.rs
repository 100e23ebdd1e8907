//! What a test holds: a cluster to use, and a namespace of its own in it.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

use crate::binaries::Binaries;
use crate::component::Component;
use crate::state::State;

/// A running cluster.
pub struct Cluster {
    state: State,
    binaries: Binaries,
    control: Option<Mutex<Control>>,
}

/// The supervisor at the other end of two pipes; it stops the cluster when the first one closes.
struct Control {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Cluster {
    /// The cluster that the test run shares: the one `tests/run` has started, else one for this process.
    ///
    /// # Panics
    /// If there is none and none can be started.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(|| match std::env::var_os("CLUSTER_STATE") {
            Some(folder) => {
                Self::attach(Path::new(&folder)).expect("CLUSTER_STATE names a running cluster")
            }
            None => Self::start().expect("a cluster can be started"),
        })
    }

    /// A cluster of one's own, to kill and freeze; it stops when this is dropped or the process ends.
    pub fn start() -> io::Result<Self> {
        let mut child = Command::new(supervisor_program()?)
            .arg("up")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = child.stdin.take();
        let stdout = child
            .stdout
            .take()
            .ok_or_else(|| io::Error::other("no pipe"))?;
        let mut answers = BufReader::new(stdout);
        let mut folder = String::new();
        answers.read_line(&mut folder)?;
        if folder.trim().is_empty() {
            child.wait()?;
            return Err(io::Error::other(
                "the cluster did not start; its message is above",
            ));
        }
        let mut cluster = Self::attach(Path::new(folder.trim()))?;
        cluster.control = Some(Mutex::new(Control {
            child,
            orders,
            answers,
        }));
        Ok(cluster)
    }

    /// The running cluster of a folder.
    pub fn attach(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            state: State::read(folder)?,
            binaries: Binaries::of_workspace(),
            control: None,
        })
    }

    /// The kubeconfig with a context for each [`crate::User`].
    pub fn kubeconfig(&self) -> PathBuf {
        self.state.folder.join("kubeconfig")
    }

    /// The cluster's folder: logs of the components, `plugin-runs`, `pod.log`.
    pub fn folder(&self) -> &Path {
        &self.state.folder
    }

    /// The API server's URL.
    pub fn server(&self) -> String {
        self.state.server()
    }

    /// The folder with the `kubectl` of the cluster's version.
    pub fn programs(&self) -> &Path {
        self.binaries.folder()
    }

    /// The real kubectl, as the admin, with a cache of its own.
    pub fn kubectl<T: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = T>) -> Command {
        let mut command = Command::new(self.binaries.kubectl());
        command
            .args(arguments)
            .env("KUBECONFIG", self.kubeconfig())
            .env("KUBECACHEDIR", self.state.path("cache"))
            .env("KUBERC", "off");
        command
    }

    /// What kubectl prints.
    ///
    /// # Panics
    /// If kubectl fails.
    pub fn ask<T: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = T>) -> String {
        let output = self.kubectl(arguments).output().expect("kubectl runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "kubectl failed: {errors}");
        String::from_utf8(output.stdout).expect("kubectl prints UTF-8")
    }

    /// Applies objects.
    ///
    /// # Panics
    /// If kubectl refuses them.
    pub fn apply(&self, namespace: &str, yaml: &str) {
        self.try_apply(namespace, yaml).expect("kubectl applies");
    }

    /// Applies objects, or says what kubectl says.
    pub fn try_apply(&self, namespace: &str, yaml: &str) -> io::Result<()> {
        let mut child = self
            .kubectl(["apply", "-n", namespace, "-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(yaml.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        if output.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(io::Error::other(text))
    }

    /// A fresh namespace, deleted when the test ends.
    pub fn namespace(&self, prefix: &str) -> Namespace<'_> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{prefix}-{}-{number}", std::process::id());
        self.ask(["create", "namespace", &name]);
        Namespace {
            cluster: self,
            name,
        }
    }

    /// Kills a component as `kill -9` does.
    pub fn kill(&self, component: Component) -> io::Result<()> {
        self.order("kill", component)
    }

    /// Starts a component that was killed, on the same ports and state.
    pub fn restart(&self, component: Component) -> io::Result<()> {
        self.order("start", component)
    }

    /// Stops a component's clock: it keeps its connections and answers nothing.
    pub fn freeze(&self, component: Component) -> io::Result<()> {
        self.order("freeze", component)
    }

    /// Lets a frozen component go on.
    pub fn thaw(&self, component: Component) -> io::Result<()> {
        self.order("thaw", component)
    }

    fn order(&self, verb: &str, component: Component) -> io::Result<()> {
        let control = self
            .control
            .as_ref()
            .ok_or_else(|| io::Error::other("a shared cluster is not to be harmed; start one"))?;
        let mut control = control
            .lock()
            .map_err(|_| io::Error::other("another test panicked"))?;
        let orders = control
            .orders
            .as_mut()
            .ok_or_else(|| io::Error::other("stopping"))?;
        writeln!(orders, "{verb} {}", component.name())?;
        let mut answer = String::new();
        control.answers.read_line(&mut answer)?;
        match answer.trim() {
            "ok" => Ok(()),
            other => Err(io::Error::other(other.to_owned())),
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.orders = None;
        let _ = self.child.wait();
    }
}

/// A namespace of one test.
pub struct Namespace<'a> {
    cluster: &'a Cluster,
    name: String,
}

impl Namespace<'_> {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What kubectl prints in this namespace.
    pub fn ask(&self, arguments: &[&str]) -> String {
        let mut all = vec!["-n", self.name()];
        all.extend_from_slice(arguments);
        self.cluster.ask(all)
    }

    /// Applies objects in this namespace.
    pub fn apply(&self, yaml: &str) {
        self.cluster.apply(&self.name, yaml);
    }
}

impl Drop for Namespace<'_> {
    fn drop(&mut self) {
        let _ = self
            .cluster
            .kubectl(["delete", "namespace", self.name.as_str(), "--wait=false"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

/// The `cluster` program of the same build as this process.
fn supervisor_program() -> io::Result<PathBuf> {
    let this = std::env::current_exe()?;
    this.ancestors()
        .skip(1)
        .take(3)
        .map(|folder| folder.join("cluster"))
        .find(|program| program.is_file())
        .ok_or_else(|| {
            io::Error::other("build the `cluster` program first: `cargo build -p cluster`")
        })
}
