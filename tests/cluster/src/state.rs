//! The folder and the ports of one cluster.

use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};

const PREFIX: &str = "kubectl-quick-cluster-";
const LOCK: &str = "lock";
const DESCRIPTION: &str = "cluster.json";

/// Where a cluster keeps everything.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct State {
    pub folder: PathBuf,
    pub ports: Ports,
}

/// The ports chosen for one cluster, all on 127.0.0.1.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ports {
    pub etcd: u16,
    pub etcd_peer: u16,
    pub api_server: u16,
    pub node: u16,
    pub metrics_server: u16,
    pub app: u16,
}

/// Held as long as the cluster runs, so that the next one can tell a live folder from one left behind.
pub(crate) struct Claim(#[expect(dead_code, reason = "dropping it gives up the lock")] Flock<File>);

impl State {
    /// A fresh folder and free ports. Folders that killed clusters left behind are removed first.
    pub fn create() -> io::Result<(Self, Claim)> {
        let temporary = std::env::temp_dir();
        sweep(&temporary)?;
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(temporary)?
            .keep();
        let claim = claim(&folder)?;
        let state = Self {
            ports: Ports::choose()?,
            folder,
        };
        Ok((state, claim))
    }

    /// The cluster of a folder that is there already.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let json = fs::read(folder.join(DESCRIPTION))?;
        Ok(serde_json::from_slice(&json)?)
    }

    /// Leaves word for [`State::read`].
    pub fn describe(&self) -> io::Result<()> {
        fs::write(self.folder.join(DESCRIPTION), serde_json::to_vec(self)?)
    }

    /// A file of the folder, as a flag wants it.
    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    pub fn server(&self) -> String {
        format!("https://127.0.0.1:{}", self.ports.api_server)
    }

    pub fn remove(&self) -> io::Result<()> {
        fs::remove_dir_all(&self.folder)
    }
}

impl Ports {
    /// All are held until all are chosen, so that they differ.
    fn choose() -> io::Result<Self> {
        let mut held = Vec::new();
        let mut port = || -> io::Result<u16> {
            let listener = TcpListener::bind(("127.0.0.1", 0))?;
            let port = listener.local_addr()?.port();
            held.push(listener);
            Ok(port)
        };
        Ok(Self {
            etcd: port()?,
            etcd_peer: port()?,
            api_server: port()?,
            node: port()?,
            metrics_server: port()?,
            app: port()?,
        })
    }
}

fn claim(folder: &Path) -> io::Result<Claim> {
    let file = File::create(folder.join(LOCK))?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock)
        .map(Claim)
        .map_err(|(_, errno)| errno.into())
}

fn sweep(temporary: &Path) -> io::Result<()> {
    for entry in fs::read_dir(temporary)?.flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        // A folder without a lock file is being made right now.
        if is_ours && entry.path().join(LOCK).exists() && claim(&entry.path()).is_ok() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}
