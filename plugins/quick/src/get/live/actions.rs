//! What can be done with the row under the cursor: kubectl commands that change nothing.

use plugin_core::discovery::Resource;

/// One thing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Describe,
    Yaml,
    Events,
    Logs,
    Shell,
}

impl Action {
    /// The key that does it.
    pub fn letter(self) -> char {
        match self {
            Self::Describe => 'd',
            Self::Yaml => 'y',
            Self::Events => 'v',
            Self::Logs => 'l',
            Self::Shell => 's',
        }
    }

    /// Its name in the menu.
    pub fn label(self) -> &'static str {
        match self {
            Self::Describe => "describe",
            Self::Yaml => "yaml",
            Self::Events => "events",
            Self::Logs => "logs",
            Self::Shell => "shell",
        }
    }

    /// kubectl's arguments for it.
    pub fn arguments(self, resource: &Resource, namespace: &str, name: &str) -> Vec<String> {
        const SHELL: &str = "command -v bash >/dev/null && exec bash || exec sh";
        let object = format!("{}/{name}", resource.plural_name());
        let words: Vec<&str> = match self {
            Self::Describe => vec!["describe", &object],
            Self::Yaml => vec!["get", &object, "--output=yaml"],
            Self::Events => vec!["events", "--for", &object],
            Self::Logs => vec![
                "logs",
                name,
                "--all-containers",
                "--prefix",
                "--tail=50",
                "--follow",
            ],
            Self::Shell => vec!["exec", "--stdin", "--tty", name, "--", "sh", "-c", SHELL],
        };
        let mut arguments: Vec<String> = words.into_iter().map(str::to_owned).collect();
        if resource.namespaced {
            arguments.insert(1, format!("--namespace={namespace}"));
        }
        arguments
    }
}

/// What can be done with objects of a type.
pub(super) fn of(resource: &Resource) -> &'static [Action] {
    match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "pods") => &[
            Action::Describe,
            Action::Logs,
            Action::Shell,
            Action::Events,
            Action::Yaml,
        ],
        _ => &[Action::Describe, Action::Events, Action::Yaml],
    }
}
