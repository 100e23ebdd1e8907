//! One kubeconfig file, before it is merged with others.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use serde_saphyr::{DuplicateKeyPolicy, Spanned};

use crate::error::Error;
use crate::model::{Cluster, Context, NOT_A_STRING, User, or_default, text};

/// What one file holds.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub current_context: String,
    pub clusters: Vec<(String, Cluster)>,
    pub users: Vec<(String, User)>,
    pub contexts: Vec<(String, Context)>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
struct Raw {
    #[serde(deserialize_with = "text")]
    kind: String,
    #[serde(rename = "apiVersion", deserialize_with = "text")]
    api_version: String,
    #[serde(deserialize_with = "text")]
    current_context: String,
    #[serde(deserialize_with = "or_default")]
    clusters: Vec<NamedCluster>,
    #[serde(deserialize_with = "or_default")]
    users: Vec<NamedUser>,
    #[serde(deserialize_with = "or_default")]
    contexts: Vec<NamedContext>,
}

#[derive(Deserialize)]
struct NamedCluster {
    name: Spanned<Name>,
    #[serde(default, deserialize_with = "or_default")]
    cluster: Cluster,
}

#[derive(Deserialize)]
struct NamedUser {
    name: Spanned<Name>,
    #[serde(default, deserialize_with = "or_default")]
    user: User,
}

#[derive(Deserialize)]
struct NamedContext {
    name: Spanned<Name>,
    #[serde(default, deserialize_with = "or_default")]
    context: Context,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Name(#[serde(deserialize_with = "text")] String);

/// Reads the first YAML document of `content`; the others are not kubectl's business.
pub(crate) fn parse(path: &Path, content: &[u8]) -> Result<Document, Error> {
    let raw = first_document(content).map_err(|(line, reason)| Error::Invalid {
        path: path.to_path_buf(),
        line,
        reason,
    })?;
    check_kind(path, &raw)?;
    let directory = path.parent().unwrap_or(Path::new(""));
    let mut document = Document {
        current_context: raw.current_context,
        clusters: unique(
            path,
            "cluster",
            raw.clusters.into_iter().map(|c| (c.name, c.cluster)),
        )?,
        users: unique(
            path,
            "user",
            raw.users.into_iter().map(|u| (u.name, u.user)),
        )?,
        contexts: unique(
            path,
            "context",
            raw.contexts.into_iter().map(|c| (c.name, c.context)),
        )?,
    };
    for (_, cluster) in &mut document.clusters {
        cluster.resolve_paths(directory);
    }
    for (_, user) in &mut document.users {
        user.resolve_paths(directory);
    }
    Ok(document)
}

fn first_document(content: &[u8]) -> Result<Raw, (Option<u64>, String)> {
    let options = serde_saphyr::options! {
        // kubectl's YAML reader lets the last of two equal keys win.
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        // The lines around an error may hold a token.
        with_snippet: false,
        // Kubeconfigs of thousands of contexts are well-formed; the file is the user's own.
        budget: None,
    };
    let mut reader = content;
    let mut documents = serde_saphyr::read_with_options::<_, Option<Raw>>(&mut reader, options);
    match documents.next() {
        None => Ok(Raw::default()),
        Some(Ok(raw)) => Ok(raw.unwrap_or_default()),
        Some(Err(error)) => {
            let line = error
                .location()
                .map(|location| location.line())
                .filter(|line| *line > 0);
            Err((line, reason(&error)))
        }
    }
}

/// Says what is wrong without the parser's own text, which may quote a value.
fn reason(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    if text.contains(NOT_A_STRING) {
        return NOT_A_STRING.to_owned();
    }
    if text.contains("missing field `name`") {
        return "an entry has no name".to_owned();
    }
    if text.contains("invalid type") || text.contains("expected") && text.contains("mapping") {
        return "not the shape of a kubeconfig here".to_owned();
    }
    "not valid YAML".to_owned()
}

fn check_kind(path: &Path, raw: &Raw) -> Result<(), Error> {
    let wrong = |field: &str, value: &str, right: &str| Error::Invalid {
        path: path.to_path_buf(),
        line: None,
        reason: format!("not a kubeconfig: {field} is {value:?}, not {right:?}"),
    };
    if !raw.kind.is_empty() && raw.kind != "Config" {
        return Err(wrong("kind", &raw.kind, "Config"));
    }
    if !raw.api_version.is_empty() && raw.api_version != "v1" {
        return Err(wrong("apiVersion", &raw.api_version, "v1"));
    }
    Ok(())
}

fn unique<T>(
    path: &Path,
    kind: &'static str,
    entries: impl Iterator<Item = (Spanned<Name>, T)>,
) -> Result<Vec<(String, T)>, Error> {
    let mut first_lines = HashMap::new();
    let mut kept = Vec::new();
    for (name, value) in entries {
        let line = name.referenced.line();
        let name = name.value.0;
        if let Some(first) = first_lines.insert(name.clone(), line) {
            return Err(Error::Invalid {
                path: path.to_path_buf(),
                line: Some(line),
                reason: format!("the {kind} {name:?} is there twice, first in line {first}"),
            });
        }
        kept.push((name, value));
    }
    Ok(kept)
}
