//! How a run ends, and what it says when it ends badly.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

/// The exit codes of all plugins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It was done, or the answer is yes.
    Done,
    /// The answer is no: nothing matches, a probe fails, something is not ready.
    No,
    /// It could not be done: usage, cluster, permission.
    Failed,
    /// The user pressed ctrl-c.
    Interrupted,
    /// A command that was handed over ended with this code.
    Handed(u8),
}

impl Exit {
    /// The number the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Failed => 2,
            Self::Interrupted => 130,
            Self::Handed(code) => code,
        }
    }

    /// The worse of two outcomes, for a command that does several things.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if other.code() > self.code() {
            other
        } else {
            self
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// An error that knows what its reader can do next.
///
/// Its `Display` is one sentence without a full stop that names the object and where it is.
pub trait Explain: Error + Send + Sync + 'static {
    /// A command that can be pasted, or one thing to try.
    fn hint(&self) -> Option<String> {
        None
    }

    /// The exit code it ends the run with.
    fn exit(&self) -> Exit {
        Exit::Failed
    }
}

/// Any error on its way to the user.
pub struct Report(Kind);

enum Kind {
    Explained(Box<dyn Explain>),
    Output(io::Error),
    Interrupted,
}

impl Report {
    /// The user pressed ctrl-c.
    pub fn interrupted() -> Self {
        Self(Kind::Interrupted)
    }

    /// Whether whoever read our output went away, which is no error (`kubectl quick po | head -1`).
    fn is_closed_pipe(&self) -> bool {
        matches!(&self.0, Kind::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The exit code to end with.
    pub fn exit(&self) -> Exit {
        match &self.0 {
            Kind::Explained(error) => error.exit(),
            Kind::Output(_) if self.is_closed_pipe() => Exit::Done,
            Kind::Output(_) => Exit::Failed,
            Kind::Interrupted => Exit::Interrupted,
        }
    }

    /// What to print, or nothing.
    pub fn text(&self) -> Option<String> {
        let (message, hint) = match &self.0 {
            Kind::Interrupted => return None,
            Kind::Output(_) if self.is_closed_pipe() => return None,
            Kind::Output(error) => (format!("cannot write the output: {error}"), None),
            Kind::Explained(error) => (error.to_string(), error.hint()),
        };
        let hint = hint
            .map(|hint| format!("\n\nhint: {hint}"))
            .unwrap_or_default();
        Some(format!("error: {message}{hint}\n"))
    }
}

impl<E: Explain> From<E> for Report {
    fn from(error: E) -> Self {
        Self(Kind::Explained(Box::new(error)))
    }
}

impl From<io::Error> for Report {
    fn from(error: io::Error) -> Self {
        Self(Kind::Output(error))
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_deref().unwrap_or("interrupted").trim_end())
    }
}

impl Explain for kubeconfig::Error {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoSuchContext {
                nearest: Some(nearest),
                ..
            } => format!("the nearest name is {nearest:?}"),
            Self::NoSuchContext { .. } | Self::Dangling { .. } => {
                "`kubectl config get-contexts` lists what there is".to_owned()
            }
            Self::NoCurrentContext { contexts, .. } => match contexts.as_slice() {
                [] => "there is no context in it either".to_owned(),
                [first, ..] => format!(
                    "`kubectl config use-context {first}` sets one, `--context` picks one for this command"
                ),
            },
            Self::Empty { .. } => {
                "`--kubeconfig FILE` or the variable KUBECONFIG names another file".to_owned()
            }
            Self::Read { .. } => "check that the file is there and that you may read it".to_owned(),
            Self::Invalid { .. } => {
                "nothing was read from any kubeconfig; mend that file first".to_owned()
            }
        })
    }
}

/// A mistake in what was typed, found after the arguments were parsed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Usage {
    message: String,
    hint: Option<String>,
}

impl Usage {
    /// A mistake without a hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
        }
    }

    /// Adds what to type instead.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

impl Explain for Usage {
    fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_success_and_silent() {
        let report = Report::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(report.exit(), Exit::Done);
        assert_eq!(report.text(), None);
    }

    #[test]
    fn the_hint_stands_after_a_blank_line() {
        let report = Report::from(Usage::new("no such column \"AG\"").hint("it has NAME and AGE"));
        let expected = "error: no such column \"AG\"\n\nhint: it has NAME and AGE\n";
        assert_eq!(report.text().as_deref(), Some(expected));
        assert_eq!(report.exit(), Exit::Failed);
    }

    #[test]
    fn the_worse_outcome_counts() {
        assert_eq!(Exit::Done.and(Exit::No), Exit::No);
        assert_eq!(Exit::Failed.and(Exit::No), Exit::Failed);
    }
}
