//! The users of the cluster and the kubeconfig that knows them all.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::certificates::Pair;

/// A user of the test cluster; each has a context of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum User {
    /// May do everything; a client certificate.
    Admin,
    /// May look at everything but Secrets; a token.
    Viewer,
    /// May edit the namespace `team` and see nothing else; a token.
    Team,
    /// May do nothing; a token.
    Nobody,
    /// May look, as the viewer; a credential plugin hands out the token.
    Plugin,
    /// Would be the admin, had the client certificate not expired.
    Expired,
}

impl User {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Admin,
        Self::Viewer,
        Self::Team,
        Self::Nobody,
        Self::Plugin,
        Self::Expired,
    ];

    /// The context's and user's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Viewer => "viewer",
            Self::Team => "team",
            Self::Nobody => "nobody",
            Self::Plugin => "plugin",
            Self::Expired => "expired",
        }
    }

    /// The bearer token, for those who have one.
    pub fn token(self) -> Option<&'static str> {
        match self {
            Self::Viewer => Some("viewer-token-2b1f"),
            Self::Team => Some("team-token-77ac"),
            Self::Nobody => Some("nobody-token-c0de"),
            Self::Plugin => Some("plugin-token-9e3d"),
            Self::Admin | Self::Expired => None,
        }
    }
}

/// The lines of the API server's token file.
pub(crate) fn token_file() -> String {
    User::ALL
        .into_iter()
        .filter_map(|user| Some((user.name(), user.token()?)))
        .map(|(name, token)| format!("{token},{name},{name},\"\"\n"))
        .collect()
}

/// What goes into the kubeconfig.
pub(crate) struct Access<'a> {
    pub server: &'a str,
    pub authority: &'a str,
    pub admin: &'a Pair,
    pub expired: &'a Pair,
    pub plugin: &'a str,
}

/// A kubeconfig with a context for each user, the admin's being current. JSON, which is YAML too.
pub(crate) fn render(access: &Access) -> String {
    let users: Vec<Value> = User::ALL
        .into_iter()
        .map(|user| json!({"name": user.name(), "user": credentials(user, access)}))
        .collect();
    let contexts: Vec<Value> = User::ALL
        .into_iter()
        .map(|user| json!({"name": user.name(), "context": {"cluster": "test", "user": user.name()}}))
        .collect();
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": User::Admin.name(),
        "clusters": [{"name": "test", "cluster": {
            "server": access.server,
            "certificate-authority-data": STANDARD.encode(access.authority.as_bytes()),
        }}],
        "users": users,
        "contexts": contexts,
    });
    serde_json::to_string_pretty(&config).expect("a JSON value can be written")
}

fn credentials(user: User, access: &Access) -> Value {
    let certificate = |pair: &Pair| {
        json!({
            "client-certificate-data": STANDARD.encode(pair.certificate.as_bytes()),
            "client-key-data": STANDARD.encode(pair.key.as_bytes()),
        })
    };
    match user {
        User::Admin => certificate(access.admin),
        User::Expired => certificate(access.expired),
        User::Plugin => json!({"exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": access.plugin,
            "interactiveMode": "IfAvailable",
            "installHint": "it comes with the test cluster",
        }}),
        _ => json!({"token": user.token()}),
    }
}
