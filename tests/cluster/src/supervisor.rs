//! The process that holds the cluster together: it starts the components, obeys its standard input, and takes
//! everything down when that ends.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufRead, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::binaries::Binaries;
use crate::certificates::{Authority, Validity};
use crate::component::Component;
use crate::http;
use crate::kubeconfig::{self, Access, User};
use crate::seed;
use crate::stages;
use crate::state::{Claim, State};

const READY_LIMIT: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(100);

/// A running cluster, owned by this process.
pub struct Supervisor {
    state: State,
    binaries: Binaries,
    children: BTreeMap<Component, Child>,
    stop: Arc<AtomicBool>,
    _claim: Claim,
}

impl Supervisor {
    /// Starts everything and waits until it can be used. What was started is stopped if that fails.
    pub fn start() -> io::Result<Self> {
        let binaries = Binaries::of_workspace();
        let stop = stop_flag()?;
        let (state, claim) = State::create()?;
        let children = BTreeMap::new();
        let mut supervisor = Self {
            state,
            binaries,
            children,
            stop,
            _claim: claim,
        };
        supervisor.write_files()?;
        http::answer(supervisor.state.ports.app)?;
        for component in [Component::Etcd, Component::KubeApiserver] {
            supervisor.start_component(component)?;
        }
        supervisor.wait("the API server", &["get", "--raw", "/readyz"])?;
        for component in &Component::ALL[2..] {
            supervisor.start_component(*component)?;
        }
        supervisor.apply(&seed::objects(&supervisor.state))?;
        supervisor.wait_for_nodes()?;
        supervisor.check_children()?;
        supervisor.state.describe()?;
        Ok(supervisor)
    }

    /// The folder that [`crate::Cluster`] attaches to.
    pub fn folder(&self) -> &Path {
        &self.state.folder
    }

    /// Says where the cluster is on standard output, then obeys standard input until it ends, or a signal comes.
    pub fn serve(mut self) -> io::Result<()> {
        let inbox = read_orders();
        writeln!(io::stdout(), "{}", self.state.folder.display())?;
        while !self.stop.load(Ordering::Relaxed) {
            let line = match inbox.recv_timeout(POLL) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let answer = match self.obey(&line) {
                Ok(()) => "ok".to_owned(),
                Err(error) => format!("error: {error}"),
            };
            writeln!(io::stdout(), "{answer}")?;
        }
        Ok(())
    }

    /// Runs a command beside the cluster and gives back its exit code.
    pub fn run_beside(&mut self, command: &[OsString]) -> io::Result<i32> {
        let [program, arguments @ ..] = command else {
            return Err(io::Error::other("no command given"));
        };
        let mut child = Command::new(program)
            .args(arguments)
            .env("CLUSTER_STATE", &self.state.folder)
            .spawn()?;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status.code().unwrap_or(130));
            }
            if self.stop.load(Ordering::Relaxed) {
                terminate(&mut child, Duration::from_secs(5));
                return Ok(130);
            }
            thread::sleep(POLL);
        }
    }

    fn obey(&mut self, line: &str) -> io::Result<()> {
        let (verb, name) = line.split_once(' ').unwrap_or((line, ""));
        let component = Component::ALL
            .into_iter()
            .find(|component| component.name() == name)
            .ok_or_else(|| io::Error::other(format!("no component {name:?}")))?;
        match verb {
            "start" => self.start_component(component),
            "kill" => self.kill_component(component),
            "freeze" => self.signal(component, Signal::SIGSTOP),
            "thaw" => self.signal(component, Signal::SIGCONT),
            _ => Err(io::Error::other(format!("no order {verb:?}"))),
        }
    }

    fn signal(&self, component: Component, signal: Signal) -> io::Result<()> {
        let child = self
            .children
            .get(&component)
            .ok_or_else(|| io::Error::other("it is not running"))?;
        kill(pid(child), signal).map_err(Into::into)
    }

    fn kill_component(&mut self, component: Component) -> io::Result<()> {
        let mut child = self
            .children
            .remove(&component)
            .ok_or_else(|| io::Error::other("it is not running"))?;
        child.kill()?;
        child.wait().map(|_| ())
    }

    fn start_component(&mut self, component: Component) -> io::Result<()> {
        let log = File::create(self.state.folder.join(format!("{}.log", component.name())))?;
        let child = component
            .command(&self.binaries, &self.state)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            // Ctrl-c in a terminal is for us alone: we stop them in order.
            .process_group(0)
            .spawn()?;
        self.children.insert(component, child);
        Ok(())
    }

    fn write_files(&self) -> io::Result<()> {
        let folder = &self.state.folder;
        let broken = |error: rcgen::Error| io::Error::other(error.to_string());
        let authority = Authority::new().map_err(broken)?;
        let names = ["127.0.0.1", "localhost", "kubernetes.default.svc"];
        authority
            .server(&names)
            .map_err(broken)?
            .write(folder, "server")?;
        let proxy = authority
            .client("front-proxy", None, Validity::Now)
            .map_err(broken)?;
        proxy.write(folder, "front-proxy")?;
        let masters = Some("system:masters");
        let admin = authority
            .client("admin", masters, Validity::Now)
            .map_err(broken)?;
        let expired = authority
            .client("admin", masters, Validity::Over)
            .map_err(broken)?;
        fs::write(folder.join("ca.crt"), &authority.certificate)?;
        fs::write(folder.join("tokens.csv"), kubeconfig::token_file())?;
        fs::write(folder.join("kwok.yaml"), stages::configuration(&self.state))?;
        fs::write(folder.join("pod.log"), shared_log())?;
        let plugin = self.state.path("credential-plugin");
        write_plugin(Path::new(&plugin), &self.state)?;
        let access = Access {
            server: &self.state.server(),
            authority: &authority.certificate,
            admin: &admin,
            expired: &expired,
            plugin: &plugin,
        };
        fs::write(folder.join("kubeconfig"), kubeconfig::render(&access))
    }

    fn kubectl(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.binaries.kubectl());
        command
            .args(arguments)
            .env("KUBECONFIG", self.state.path("kubeconfig"))
            .env("KUBECACHEDIR", self.state.path("cache"));
        command
    }

    fn wait(&mut self, what: &str, arguments: &[&str]) -> io::Result<()> {
        let started = Instant::now();
        loop {
            let output = self.kubectl(arguments).output()?;
            if output.status.success() {
                return Ok(());
            }
            self.check_children()?;
            if self.stop.load(Ordering::Relaxed) {
                return Err(io::Error::from(io::ErrorKind::Interrupted));
            }
            if started.elapsed() > READY_LIMIT {
                let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                return Err(io::Error::other(format!(
                    "{what} did not get ready: {text}"
                )));
            }
            thread::sleep(POLL);
        }
    }

    fn wait_for_nodes(&mut self) -> io::Result<()> {
        self.wait(
            "the nodes",
            &[
                "wait",
                "--for=condition=Ready",
                "node",
                "--all",
                "--timeout=5s",
            ],
        )?;
        self.wait("the service account", &["get", "serviceaccount", "default"])
    }

    fn apply(&self, objects: &str) -> io::Result<()> {
        let mut child = self
            .kubectl(&["apply", "--server-side", "-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(objects.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        if output.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(io::Error::other(format!(
            "the seed objects were refused: {text}"
        )))
    }

    /// A component that ended by itself is an error that shows the end of its log.
    fn check_children(&mut self) -> io::Result<()> {
        for (component, child) in &mut self.children {
            if let Some(status) = child.try_wait()? {
                let log = self.state.folder.join(format!("{}.log", component.name()));
                let log = fs::read_to_string(log).unwrap_or_default();
                let lines: Vec<&str> = log.lines().rev().take(8).collect();
                let end: Vec<&str> = lines.into_iter().rev().collect();
                let name = component.name();
                return Err(io::Error::other(format!(
                    "{name} ended ({status}):\n{}",
                    end.join("\n")
                )));
            }
        }
        Ok(())
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        for component in Component::ALL.into_iter().rev() {
            if let Some(mut child) = self.children.remove(&component) {
                let _ = kill(pid(&child), Signal::SIGCONT);
                // The state is thrown away, so nobody needs time to say goodbye.
                let _ = child.kill();
                let _ = child.wait();
            }
        }
        let _ = self.state.remove();
    }
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX))
}

fn terminate(child: &mut Child, limit: Duration) {
    let _ = kill(pid(child), Signal::SIGTERM);
    let started = Instant::now();
    while started.elapsed() < limit {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn read_orders() -> Receiver<String> {
    let (orders, inbox) = mpsc::channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if orders.send(line).is_err() {
                return;
            }
        }
    });
    inbox
}

/// Set once ctrl-c, a hang-up or a polite kill has come.
fn stop_flag() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

/// A credential plugin that counts its runs; `PLUGIN_LIFE` (seconds) makes its tokens expire, `PLUGIN_FAILS` it fail.
fn write_plugin(path: &Path, state: &State) -> io::Result<()> {
    let token = User::Plugin.token().unwrap_or_default();
    let runs = state.path("plugin-runs");
    let script = format!(
        "#!/bin/sh\necho \"$$\" >> '{runs}'\n\
         if [ -n \"$PLUGIN_FAILS\" ]; then echo 'please log in' >&2; exit 3; fi\n\
         expiry=\n\
         if [ -n \"$PLUGIN_LIFE\" ]; then\n\
           expiry=\",\\\"expirationTimestamp\\\":\\\"$(date -u -d \"+$PLUGIN_LIFE seconds\" +%Y-%m-%dT%H:%M:%SZ)\\\"\"\n\
         fi\n\
         printf '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{{\"token\":\"{token}\"%s}}}}\\n' \"$expiry\"\n"
    );
    fs::write(path, script)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

fn shared_log() -> String {
    (1..=20)
        .map(|number| format!("2026-01-01T00:00:{number:02}.000000000Z stdout F line {number} of the log all pods share\n"))
        .collect()
}
