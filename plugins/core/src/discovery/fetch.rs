//! Discovery from the server: aggregated in two requests, or group by group from servers before 1.26.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{
    APIGroup, APIGroupList, APIResource, APIResourceList, APIVersions, GroupVersionForDiscovery,
};
use kube::core::discovery::v2::{
    APIGroupDiscovery, APIGroupDiscoveryList, APIResourceDiscovery, APIVersionDiscovery,
    GroupVersionKind,
};
use serde::de::DeserializeOwned;

use crate::session::{Session, SessionError};

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
    application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
const JSON: &str = "application/json";

/// The groups and the resources of each version, as kubectl's cache keeps them.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub groups: APIGroupList,
    pub resources: Vec<APIResourceList>,
}

/// Asks the server for everything it has.
pub(super) async fn groups(session: &Session) -> Result<Lists, SessionError> {
    let (core, named) = tokio::join!(
        session.get("/api", AGGREGATED),
        session.get("/apis", AGGREGATED)
    );
    let (core, named) = (core?, named?);
    let mut lists = Lists::default();
    for body in [&core, &named] {
        let Some(list) = aggregated(body) else {
            return group_by_group(session, &core, &named).await;
        };
        for group in list.items {
            lists.add(group);
        }
    }
    Ok(lists)
}

fn aggregated(body: &[u8]) -> Option<APIGroupDiscoveryList> {
    #[derive(serde::Deserialize)]
    struct Kind {
        kind: String,
    }
    let kind: Kind = serde_json::from_slice(body).ok()?;
    if kind.kind != "APIGroupDiscoveryList" {
        return None;
    }
    serde_json::from_slice(body).ok()
}

impl Lists {
    fn add(&mut self, group: APIGroupDiscovery) {
        let name = group
            .metadata
            .and_then(|meta| meta.name)
            .unwrap_or_default();
        let mut versions = Vec::new();
        // An aggregated API that is down answers with stale or no resources; the others stay usable.
        for version in group
            .versions
            .into_iter()
            .filter(|v| v.freshness.as_deref() != Some("Stale"))
        {
            let version_name = version.version.clone().unwrap_or_default();
            let group_version = group_version(&name, &version_name);
            versions.push(GroupVersionForDiscovery {
                group_version: group_version.clone(),
                version: version_name.clone(),
            });
            self.resources.push(APIResourceList {
                group_version,
                resources: resources(&name, &version_name, version),
            });
        }
        if versions.is_empty() {
            return;
        }
        self.groups.groups.push(APIGroup {
            name,
            preferred_version: versions.first().cloned(),
            versions,
            server_address_by_client_cidrs: None,
        });
    }
}

fn group_version(group: &str, version: &str) -> String {
    match group {
        "" => version.to_owned(),
        group => format!("{group}/{version}"),
    }
}

fn resources(group: &str, version: &str, found: APIVersionDiscovery) -> Vec<APIResource> {
    let mut all = Vec::new();
    for resource in found.resources {
        let subresources = subresources(group, version, &resource);
        all.push(api_resource(group, version, resource));
        all.extend(subresources);
    }
    all
}

fn api_resource(group: &str, version: &str, found: APIResourceDiscovery) -> APIResource {
    let (kind, kind_group, kind_version) = kind_of(group, version, found.response_kind);
    let none_if_empty = |list: Vec<String>| (!list.is_empty()).then_some(list);
    APIResource {
        name: found.resource.unwrap_or_default(),
        singular_name: found.singular_resource.unwrap_or_default(),
        namespaced: found.scope.as_deref() == Some("Namespaced"),
        kind,
        group: kind_group,
        version: kind_version,
        verbs: found.verbs,
        short_names: none_if_empty(found.short_names),
        categories: none_if_empty(found.categories),
        storage_version_hash: None,
    }
}

/// `pods/log` and the like: kubectl looks them up in the cache it shares with us.
fn subresources(group: &str, version: &str, found: &APIResourceDiscovery) -> Vec<APIResource> {
    let parent = found.resource.as_deref().unwrap_or_default();
    found
        .subresources
        .iter()
        .map(|subresource| {
            let (kind, kind_group, kind_version) =
                kind_of(group, version, subresource.response_kind.clone());
            APIResource {
                name: format!(
                    "{parent}/{}",
                    subresource.subresource.as_deref().unwrap_or_default()
                ),
                namespaced: found.scope.as_deref() == Some("Namespaced"),
                kind,
                group: kind_group,
                version: kind_version,
                verbs: subresource.verbs.clone(),
                ..APIResource::default()
            }
        })
        .collect()
}

/// The kind, with its group and version where they are not those of the resource.
fn kind_of(
    group: &str,
    version: &str,
    found: Option<GroupVersionKind>,
) -> (String, Option<String>, Option<String>) {
    let found = found.unwrap_or_default();
    let kind_group = found.group.unwrap_or_default();
    let kind_version = found.version.unwrap_or_default();
    let same = kind_group == group && kind_version == version;
    let other = |text: String| (!same && !text.is_empty()).then_some(text);
    (
        found.kind.unwrap_or_default(),
        other(kind_group),
        other(kind_version),
    )
}

async fn group_by_group(
    session: &Session,
    core: &[u8],
    named: &[u8],
) -> Result<Lists, SessionError> {
    let core: APIVersions = read(session, core, "a list of API versions")?;
    let named: APIGroupList = read(session, named, "a list of API groups")?;
    let versions: Vec<GroupVersionForDiscovery> = core
        .versions
        .into_iter()
        .map(|version| GroupVersionForDiscovery {
            group_version: version.clone(),
            version,
        })
        .collect();
    let core = APIGroup {
        preferred_version: versions.first().cloned(),
        versions,
        ..APIGroup::default()
    };
    let mut lists = Lists::default();
    for group in std::iter::once(core).chain(named.groups) {
        for version in &group.versions {
            let root = if group.name.is_empty() { "api" } else { "apis" };
            let path = format!("/{root}/{}", version.group_version);
            // One API that is down does not hide the others.
            if let Ok(body) = session.get(&path, JSON).await
                && let Ok(list) = serde_json::from_slice(&body)
            {
                lists.resources.push(list);
            }
        }
        lists.groups.groups.push(group);
    }
    Ok(lists)
}

fn read<T: DeserializeOwned>(
    session: &Session,
    body: &[u8],
    expected: &'static str,
) -> Result<T, SessionError> {
    serde_json::from_slice(body).map_err(|_| SessionError::Garbled {
        context: session.context.clone(),
        expected,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aggregated_answer_becomes_what_kubectl_caches() {
        let body = br#"{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[
            {"metadata":{"name":"apps","creationTimestamp":null},"versions":[{"version":"v1","freshness":"Current","resources":[
              {"resource":"deployments","responseKind":{"group":"apps","version":"v1","kind":"Deployment"},"scope":"Namespaced",
               "singularResource":"deployment","verbs":["get","list"],"shortNames":["deploy"],"categories":["all"],
               "subresources":[{"subresource":"scale","responseKind":{"group":"autoscaling","version":"v1","kind":"Scale"},"verbs":["get"]}]}]}]},
            {"metadata":{"name":"broken.example","creationTimestamp":null},"versions":[{"version":"v1","freshness":"Stale","resources":[]}]}]}"#;
        let mut lists = Lists::default();
        for group in aggregated(body).expect("aggregated").items {
            lists.add(group);
        }
        assert_eq!(lists.groups.groups.len(), 1, "the stale group is left out");
        let resources = &lists.resources[0].resources;
        assert_eq!(resources[0].short_names, Some(vec!["deploy".to_owned()]));
        assert_eq!(resources[0].group, None);
        assert_eq!(resources[1].name, "deployments/scale");
        assert_eq!(resources[1].group.as_deref(), Some("autoscaling"));
    }

    #[test]
    fn an_old_servers_answer_is_not_aggregated() {
        assert!(aggregated(br#"{"kind":"APIGroupList","groups":[]}"#).is_none());
    }
}
