//! Which resource types a server has, and which one a typed word means.
//!
//! ```text
//! word ─resolve─▶ Resource
//!        ▲ groups: kubectl's own cache folder while it is fresh, else the server (and then written back)
//! ```

mod cache;
mod fetch;
mod resolve;

use std::path::Path;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::APIResource;

use crate::error::Report;
use crate::session::Session;
use cache::Cache;
pub use resolve::UnknownType;

/// One resource type, as the server names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The API group; empty for the core group.
    pub group: String,
    /// The version to ask for.
    pub version: String,
    /// The plural, as in URLs.
    pub plural: String,
    /// The singular, in lower case.
    pub singular: String,
    /// The kind.
    pub kind: String,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// Whether it can be listed.
    pub listable: bool,
}

impl Resource {
    /// The type as kubectl prints it before a name: `pod`, `deployment.apps`.
    pub fn type_name(&self) -> String {
        match self.group.as_str() {
            "" => self.singular.clone(),
            group => format!("{}.{group}", self.singular),
        }
    }

    /// The type as one can ask for it without ambiguity: `pods`, `deployments.apps`.
    pub fn plural_name(&self) -> String {
        match self.group.as_str() {
            "" => self.plural.clone(),
            group => format!("{}.{group}", self.plural),
        }
    }

    /// The URL path of the collection, in one namespace or, with `None`, over all.
    pub fn path(&self, namespace: Option<&str>) -> String {
        let root = match self.group.as_str() {
            "" => format!("/api/{}", self.version),
            group => format!("/apis/{group}/{}", self.version),
        };
        match namespace.filter(|_| self.namespaced) {
            Some(namespace) => format!("{root}/namespaces/{namespace}/{}", self.plural),
            None => format!("{root}/{}", self.plural),
        }
    }
}

/// All groups of a server, in its order of preference.
#[derive(Debug, Clone, Default)]
pub struct Discovery {
    groups: Vec<Group>,
}

#[derive(Debug, Clone)]
struct Group {
    name: String,
    /// The preferred version first.
    versions: Vec<Version>,
}

#[derive(Debug, Clone)]
struct Version {
    name: String,
    resources: Vec<APIResource>,
}

/// Finds what the words mean, asking the server only where kubectl's cache cannot tell.
///
/// A word that the cache does not know is looked up once more at the server: its type may be a minute old.
pub async fn resolve(
    session: &Session,
    cache_folder: Option<&Path>,
    words: &[String],
) -> Result<Vec<Resource>, Report> {
    let cache = cache_folder.map(|folder| Cache::new(folder, &session.server));
    if let Some(cached) = cache.as_ref().and_then(Cache::read)
        && let Ok(found) = cached.resolve_all(words)
    {
        return Ok(found);
    }
    let fresh = fetch::groups(session).await?;
    let discovery = Discovery::of_lists(&fresh);
    if let Some(cache) = &cache {
        // A folder that cannot be written costs speed, not truth.
        let _ = cache.write(&fresh);
    }
    Ok(discovery.resolve_all(words)?)
}
