//! kubectl's rules for reading kubeconfig files, without a network, a runtime or TLS.
//!
//! ```text
//! flag, KUBECONFIG, HOME ─Location─▶ paths ─document─▶ one File each ─merge─▶ Kubeconfig ─select─▶ Selection
//! ```
//!
//! The rules are those of client-go 0.36 (`tools/clientcmd`), found out by running kubectl; where this
//! crate differs on purpose, the item says so.

mod document;
mod error;
mod location;
mod merged;
mod model;
mod nearest;

pub use error::Error;
pub use location::Location;
pub use merged::{Entry, Kubeconfig, Selection};
pub use model::{AuthProvider, Cluster, Context, EnvVar, Exec, InteractiveMode, User};
pub use nearest::nearest;
