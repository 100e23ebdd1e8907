//! Everything that comes from outside the arguments: variables, the terminal, the clock.
//!
//! It is read once, here, so that the rest can be tested with an [`Env`] made by hand.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The environment of one run.
#[derive(Debug, Clone, Default)]
pub struct Env {
    variables: HashMap<OsString, OsString>,
    /// Whether a person can type at standard input.
    pub stdin_is_terminal: bool,
    /// Whether standard output is looked at rather than read by a program.
    pub stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// The terminal's columns, where standard output is one.
    pub terminal_width: Option<usize>,
}

impl Env {
    /// Reads the environment of this process.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads it"
    )]
    pub fn of_process() -> Self {
        let stdout_is_terminal = std::io::stdout().is_terminal();
        Self {
            variables: std::env::vars_os().collect(),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal,
            stderr_is_terminal: std::io::stderr().is_terminal(),
            terminal_width: stdout_is_terminal
                .then(terminal_size::terminal_size)
                .flatten()
                .map(|(width, _)| usize::from(width.0)),
        }
    }

    /// An environment of just these variables and no terminal, for tests.
    pub fn of_variables<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self {
            variables: variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            ..Self::default()
        }
    }

    /// The same environment with a person at a terminal of this width, for tests.
    #[must_use]
    pub fn on_terminal(self, width: usize) -> Self {
        Self {
            stdin_is_terminal: true,
            stdout_is_terminal: true,
            stderr_is_terminal: true,
            terminal_width: Some(width),
            ..self
        }
    }

    /// A variable that is set, even if it is empty.
    pub fn raw(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
    }

    /// A variable that is set to something.
    fn set(&self, name: &str) -> Option<&OsStr> {
        self.raw(name).filter(|value| !value.is_empty())
    }

    /// A variable that is set to something that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.set(name).and_then(OsStr::to_str)
    }

    /// The home directory.
    pub fn home(&self) -> Option<&Path> {
        self.set("HOME")
            .or_else(|| self.set("USERPROFILE"))
            .map(Path::new)
    }

    /// A path as its owner would write it, with `~` for the home directory.
    pub fn tilde(&self, path: &Path) -> String {
        match self.home().and_then(|home| path.strip_prefix(home).ok()) {
            Some(rest) => format!("~/{}", rest.display()),
            None => path.display().to_string(),
        }
    }

    /// The list of kubeconfig files, `KUBECONFIG`.
    pub fn kubeconfig(&self) -> Option<&OsStr> {
        self.raw("KUBECONFIG")
    }

    /// The folder of kubectl's caches: `KUBECACHEDIR`, else `~/.kube/cache`.
    pub fn kube_cache(&self) -> Option<PathBuf> {
        self.set("KUBECACHEDIR")
            .map(PathBuf::from)
            .or_else(|| self.home().map(|home| home.join(".kube").join("cache")))
    }

    /// The program that stands for kubectl: `KUBECTL_COMMAND`, else `kubectl`.
    pub fn kubectl(&self) -> &OsStr {
        self.set("KUBECTL_COMMAND").unwrap_or(OsStr::new("kubectl"))
    }

    /// The folders searched for programs.
    pub fn path(&self) -> impl Iterator<Item = PathBuf> + '_ {
        self.set("PATH").into_iter().flat_map(std::env::split_paths)
    }

    /// Where a program of this name is, if PATH has it.
    pub fn find_program(&self, name: &OsStr) -> Option<PathBuf> {
        if Path::new(name).components().count() > 1 {
            return Some(PathBuf::from(name)).filter(|path| path.is_file());
        }
        self.path()
            .map(|folder| folder.join(name))
            .find(|path| path.is_file())
    }

    /// Whether the user asked for no colour (<https://no-color.org>) or the terminal has none.
    pub fn refuses_color(&self) -> bool {
        self.set("NO_COLOR").is_some() || self.text("TERM") == Some("dumb")
    }

    /// Whether the terminal shows characters beyond ASCII, by the locale variables in their order.
    pub fn speaks_utf8(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(|name| self.text(name));
        locale.is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
    }
}

/// The time now. Functions that decide something by the time take it as a parameter.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the clock"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The time zone of this machine, for times that people read.
pub fn time_zone() -> TimeZone {
    TimeZone::system()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_counts_as_unset_where_kubectl_says_so() {
        let env = Env::of_variables([("KUBECACHEDIR", ""), ("HOME", "/h"), ("KUBECONFIG", "")]);
        assert_eq!(env.kube_cache(), Some(PathBuf::from("/h/.kube/cache")));
        assert_eq!(env.kubeconfig(), Some(OsStr::new("")));
    }

    #[test]
    fn the_locale_is_read_in_the_order_of_posix() {
        assert!(Env::of_variables([("LC_ALL", "C.UTF-8"), ("LANG", "C")]).speaks_utf8());
        assert!(!Env::of_variables([("LC_ALL", "C"), ("LANG", "C.UTF-8")]).speaks_utf8());
        assert!(!Env::default().speaks_utf8());
    }
}
