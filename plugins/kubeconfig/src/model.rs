//! The parts of a kubeconfig that a client needs. Absent, `null` and `""` mean the same, as in client-go.

use std::collections::BTreeMap;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What a plain scalar that is no string gets told; YAML 1.1 readers, kubectl among them, refuse it too.
pub(crate) const NOT_A_STRING: &str =
    "expected a string; a name such as 123, no or on has to be quoted";

/// Where an API server is and how to trust it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Cluster {
    /// The API server's URL; without a scheme, `https` is meant, or `http` without TLS settings.
    #[serde(deserialize_with = "text")]
    pub server: String,
    /// The name to expect in the server's certificate, instead of the host.
    #[serde(deserialize_with = "text")]
    pub tls_server_name: String,
    /// Accept any certificate.
    #[serde(deserialize_with = "or_default")]
    pub insecure_skip_tls_verify: bool,
    /// A file with the certificate authority, PEM.
    #[serde(deserialize_with = "text")]
    pub certificate_authority: String,
    /// The certificate authority, PEM in base64; wins over the file.
    #[serde(deserialize_with = "text")]
    pub certificate_authority_data: String,
    /// The proxy to use; wins over the environment.
    #[serde(deserialize_with = "text")]
    pub proxy_url: String,
    /// Ask for answers without compression.
    #[serde(deserialize_with = "or_default")]
    pub disable_compression: bool,
    /// Data of other programs, kept under their names.
    #[serde(deserialize_with = "extension_names")]
    pub extensions: Vec<String>,
}

/// How to prove who one is. [`std::fmt::Debug`] shows no secret.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct User {
    /// A file with the client certificate, PEM.
    #[serde(deserialize_with = "text")]
    pub client_certificate: String,
    /// The client certificate, PEM in base64; wins over the file.
    #[serde(deserialize_with = "text")]
    pub client_certificate_data: String,
    /// A file with the client's key, PEM.
    #[serde(deserialize_with = "text")]
    pub client_key: String,
    /// The client's key, PEM in base64; wins over the file.
    #[serde(deserialize_with = "text")]
    pub client_key_data: String,
    /// A bearer token.
    #[serde(deserialize_with = "text")]
    pub token: String,
    /// A file with a bearer token, read again as it changes.
    #[serde(rename = "tokenFile", deserialize_with = "text")]
    pub token_file: String,
    /// The user to act as.
    #[serde(rename = "as", deserialize_with = "text")]
    pub impersonate: String,
    /// The uid to act as.
    #[serde(rename = "as-uid", deserialize_with = "text")]
    pub impersonate_uid: String,
    /// The groups to act as.
    #[serde(rename = "as-groups", deserialize_with = "texts")]
    pub impersonate_groups: Vec<String>,
    /// Further attributes to act with.
    #[serde(rename = "as-user-extra", deserialize_with = "or_default")]
    pub impersonate_extra: BTreeMap<String, Vec<String>>,
    /// The name for basic authentication.
    #[serde(deserialize_with = "text")]
    pub username: String,
    /// The password for basic authentication.
    #[serde(deserialize_with = "text")]
    pub password: String,
    /// A legacy way to log in that is built into the client.
    #[serde(deserialize_with = "or_default")]
    pub auth_provider: Option<AuthProvider>,
    /// A program that hands out credentials.
    #[serde(deserialize_with = "or_default")]
    pub exec: Option<Exec>,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").finish_non_exhaustive()
    }
}

/// A legacy way to log in, such as `oidc`.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AuthProvider {
    /// Its name.
    #[serde(deserialize_with = "text")]
    pub name: String,
    /// Its settings, which may hold tokens.
    #[serde(deserialize_with = "or_default")]
    pub config: BTreeMap<String, String>,
}

/// A program that hands out credentials (`client.authentication.k8s.io`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Exec {
    /// The program: a path, or a name to look up on PATH.
    #[serde(deserialize_with = "text")]
    pub command: String,
    /// Its arguments.
    #[serde(deserialize_with = "texts")]
    pub args: Vec<String>,
    /// Variables added to its environment.
    #[serde(deserialize_with = "or_default")]
    pub env: Vec<EnvVar>,
    /// The version of the protocol it speaks.
    #[serde(deserialize_with = "text")]
    pub api_version: String,
    /// What to tell a user who does not have it.
    #[serde(deserialize_with = "text")]
    pub install_hint: String,
    /// Whether it is told about the cluster.
    #[serde(deserialize_with = "or_default")]
    pub provide_cluster_info: bool,
    /// Whether it may ask the user something.
    #[serde(deserialize_with = "or_default")]
    pub interactive_mode: InteractiveMode,
}

/// Whether a credential plugin needs a terminal to ask the user something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum InteractiveMode {
    /// It never asks.
    Never,
    /// It asks where it can.
    #[default]
    IfAvailable,
    /// It cannot work without asking.
    Always,
}

/// One variable for a credential plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct EnvVar {
    /// Its name.
    #[serde(deserialize_with = "text")]
    pub name: String,
    /// Its value.
    #[serde(deserialize_with = "text")]
    pub value: String,
}

/// A cluster, a user and a namespace under one name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Context {
    /// The cluster's entry.
    #[serde(deserialize_with = "text")]
    pub cluster: String,
    /// The user's entry.
    #[serde(deserialize_with = "text")]
    pub user: String,
    /// The namespace commands use unless told otherwise; empty means `default`.
    #[serde(deserialize_with = "text")]
    pub namespace: String,
    /// Names of other programs' data in this context.
    #[serde(deserialize_with = "extension_names")]
    pub extensions: Vec<String>,
}

impl Cluster {
    pub(crate) fn resolve_paths(&mut self, directory: &Path) {
        resolve(&mut self.certificate_authority, directory);
    }
}

impl User {
    pub(crate) fn resolve_paths(&mut self, directory: &Path) {
        resolve(&mut self.client_certificate, directory);
        resolve(&mut self.client_key, directory);
        resolve(&mut self.token_file, directory);
        // A bare command is looked up on PATH; only one with a separator is a path.
        if let Some(exec) = &mut self.exec
            && exec.command.contains(['/', MAIN_SEPARATOR])
        {
            resolve(&mut exec.command, directory);
        }
    }
}

fn resolve(path: &mut String, directory: &Path) {
    if path.is_empty() || Path::new(path.as_str()).is_absolute() {
        return;
    }
    let resolved: PathBuf = directory.join(path.as_str()).components().collect();
    *path = resolved.to_string_lossy().into_owned();
}

/// Reads a string and nothing else: an unquoted `no` or `123` is refused, as kubectl refuses it.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor).map(Self)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string")
    }
    fn visit_str<E>(self, value: &str) -> Result<String, E> {
        Ok(value.to_owned())
    }
    fn visit_string<E>(self, value: String) -> Result<String, E> {
        Ok(value)
    }
    fn visit_unit<E>(self) -> Result<String, E> {
        Ok(String::new())
    }
    fn visit_none<E>(self) -> Result<String, E> {
        Ok(String::new())
    }
    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<String, E> {
        Err(E::custom(NOT_A_STRING))
    }
    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<String, E> {
        Err(E::custom(NOT_A_STRING))
    }
    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<String, E> {
        Err(E::custom(NOT_A_STRING))
    }
    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<String, E> {
        Err(E::custom(NOT_A_STRING))
    }
}

pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Text::deserialize(deserializer).map(|text| text.0)
}

fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let texts: Option<Vec<Text>> = Option::deserialize(deserializer)?;
    Ok(texts
        .unwrap_or_default()
        .into_iter()
        .map(|text| text.0)
        .collect())
}

pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Keeps the names of `extensions` (`[{name, extension}]`) and skips what they hold.
fn extension_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Names;
    impl<'de> Visitor<'de> for Names {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a list of extensions")
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            #[derive(Deserialize)]
            struct Extension {
                #[serde(default, deserialize_with = "text")]
                name: String,
            }
            let mut names = Vec::new();
            while let Some(extension) = seq.next_element::<Extension>()? {
                names.push(extension.name);
            }
            Ok(names)
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Err(A::Error::custom("extensions have to be a list"))
        }
    }
    deserializer.deserialize_any(Names)
}
