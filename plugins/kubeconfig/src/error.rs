use std::io;
use std::path::PathBuf;

/// Why a kubeconfig could not be read. No text here ever quotes a line of the file: it may hold a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file is there and cannot be read, or `--kubeconfig` names one that is not there.
    #[error("cannot read kubeconfig {path}: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is no kubeconfig.
    #[error("kubeconfig {}{}: {reason}", path.display(), at_line(*line))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line, where it is known; the first is 1.
        line: Option<u64>,
        /// What is wrong, in words that quote nothing of the file but names.
        reason: String,
    },
    /// The context asked for, or the file's own current-context, is defined nowhere.
    #[error("no context {name:?} in {files}")]
    NoSuchContext {
        /// The name asked for.
        name: String,
        /// The files searched, as a person would write them.
        files: String,
        /// The context with the nearest name, to offer.
        nearest: Option<String>,
    },
    /// No context was asked for and no file names a current one.
    #[error("no current context is set in {files}")]
    NoCurrentContext {
        /// The files searched.
        files: String,
        /// The contexts there are.
        contexts: Vec<String>,
    },
    /// A context names a cluster or a user that is defined nowhere.
    #[error("context {context:?} names the {kind} {name:?}, which is in none of {files}")]
    Dangling {
        /// The context.
        context: String,
        /// `cluster` or `user`.
        kind: &'static str,
        /// The missing entry's name.
        name: String,
        /// The files searched.
        files: String,
    },
    /// There is nothing to read: no file exists, or all are empty.
    #[error("no kubeconfig: {files} {}", if *many { "do not exist or are empty" } else { "does not exist or is empty" })]
    Empty {
        /// The files searched.
        files: String,
        /// Whether `files` names more than one.
        many: bool,
    },
}

fn at_line(line: Option<u64>) -> String {
    line.map(|line| format!(", line {line}"))
        .unwrap_or_default()
}
