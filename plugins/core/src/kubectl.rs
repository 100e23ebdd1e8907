//! Handing over to the real kubectl.

use std::ffi::{OsStr, OsString};
use std::io;

use crate::app::Foreground;
use crate::env::Env;
use crate::error::{Exit, Explain};

/// A kubectl command, ready to be shown or run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kubectl {
    program: OsString,
    arguments: Vec<OsString>,
}

/// Why kubectl could not be run.
#[derive(Debug, thiserror::Error)]
#[error("cannot run {program}: {reason}")]
pub struct KubectlError {
    program: String,
    reason: String,
}

impl Explain for KubectlError {
    fn hint(&self) -> Option<String> {
        Some("install kubectl, or name another program in the variable KUBECTL_COMMAND".to_owned())
    }
}

impl Kubectl {
    /// A command with these arguments, for the program that the environment names.
    pub fn new<T: Into<OsString>>(env: &Env, arguments: impl IntoIterator<Item = T>) -> Self {
        Self {
            program: env.kubectl().to_owned(),
            arguments: arguments.into_iter().map(Into::into).collect(),
        }
    }

    /// The command as one would type it.
    pub fn typed(&self) -> String {
        let program = OsStr::new("kubectl");
        std::iter::once(program)
            .chain(self.arguments.iter().map(OsString::as_os_str))
            .map(quoted)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Runs it with our own standard streams and waits for its end. Ctrl-c is for it meanwhile.
    pub async fn run(&self) -> Result<Exit, KubectlError> {
        let _lent = Foreground::lend();
        let status = tokio::process::Command::new(&self.program)
            .args(&self.arguments)
            .status()
            .await
            .map_err(|error| self.failed(&error))?;
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        Ok(code.map_or(Exit::Interrupted, Exit::Handed))
    }

    /// Puts kubectl in the place of this process; returns only if that fails.
    #[cfg(unix)]
    #[expect(clippy::unused_async, reason = "it waits where there is no exec")]
    pub async fn exec(&self) -> Result<Exit, KubectlError> {
        use std::os::unix::process::CommandExt;
        let error = std::process::Command::new(&self.program)
            .args(&self.arguments)
            .exec();
        Err(self.failed(&error))
    }

    /// Where a process cannot take another's place: runs it and passes its exit code on.
    #[cfg(not(unix))]
    pub async fn exec(&self) -> Result<Exit, KubectlError> {
        self.run().await
    }

    fn failed(&self, error: &io::Error) -> KubectlError {
        KubectlError {
            program: self.program.to_string_lossy().into_owned(),
            reason: match error.kind() {
                io::ErrorKind::NotFound => "it is not installed, or not on PATH".to_owned(),
                _ => error.to_string(),
            },
        }
    }
}

/// Quotes a word for a POSIX shell where it has to be.
fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_shown_can_be_pasted() {
        let kubectl = Kubectl::new(
            &Env::default(),
            ["get", "po", "-o", "jsonpath={.items[*]}", "it's", ""],
        );
        assert_eq!(
            kubectl.typed(),
            r"kubectl get po -o 'jsonpath={.items[*]}' 'it'\''s' ''"
        );
    }
}
