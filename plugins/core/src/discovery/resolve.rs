//! From a typed word to resource types, by the rules of kubectl's REST mapper and shortcut expander.

use std::collections::{HashMap, HashSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::APIResource;

use super::fetch::Lists;
use super::{Discovery, Group, Resource, Version};
use crate::error::Explain;

/// A word that names no resource type of the server.
#[derive(Debug, thiserror::Error)]
#[error("the server doesn't have a resource type {word:?}")]
pub struct UnknownType {
    /// The word.
    pub word: String,
    nearest: Option<String>,
}

impl Explain for UnknownType {
    fn hint(&self) -> Option<String> {
        Some(match &self.nearest {
            Some(nearest) => {
                format!("the nearest type is {nearest:?}; `kubectl api-resources` lists all")
            }
            None => "`kubectl api-resources` lists all types".to_owned(),
        })
    }
}

impl Discovery {
    pub(super) fn of_lists(lists: &Lists) -> Self {
        let by_version: HashMap<&str, &[APIResource]> = lists
            .resources
            .iter()
            .map(|list| (list.group_version.as_str(), list.resources.as_slice()))
            .collect();
        let groups = lists.groups.groups.iter().map(|group| {
            let preferred = group.preferred_version.as_ref().map(|v| v.version.as_str());
            let mut versions: Vec<Version> = group
                .versions
                .iter()
                .map(|version| Version {
                    name: version.version.clone(),
                    resources: by_version
                        .get(version.group_version.as_str())
                        .map(|resources| resources.to_vec())
                        .unwrap_or_default(),
                })
                .collect();
            versions.sort_by_key(|version| Some(version.name.as_str()) != preferred);
            Group {
                name: group.name.clone(),
                versions,
            }
        });
        Self {
            groups: groups.collect(),
        }
    }

    /// Resolves each word; a category becomes all its types. A type named twice counts once.
    pub(super) fn resolve_all(&self, words: &[String]) -> Result<Vec<Resource>, UnknownType> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for word in words {
            for resource in self.resolve(word)? {
                if seen.insert((resource.group.clone(), resource.kind.clone())) {
                    found.push(resource);
                }
            }
        }
        Ok(found)
    }

    fn resolve(&self, word: &str) -> Result<Vec<Resource>, UnknownType> {
        let category = self.category(word);
        if !category.is_empty() {
            return Ok(category);
        }
        self.full_name(word)
            .or_else(|| self.short_name(word))
            .map(|resource| vec![resource])
            .ok_or_else(|| UnknownType {
                word: word.to_owned(),
                nearest: self.nearest(word),
            })
    }

    fn category(&self, word: &str) -> Vec<Resource> {
        self.resources()
            .filter(|(_, _, resource)| has(resource.categories.as_deref(), word))
            .filter_map(|(group, _, resource)| self.full_name(&joined(&resource.name, group)))
            .collect()
    }

    /// A plural, singular or kind, alone or with its group, or with version and group.
    fn full_name(&self, word: &str) -> Option<Resource> {
        let word = word.to_lowercase();
        let (name, rest) = word.split_once('.').unwrap_or((word.as_str(), ""));
        if let Some((version, group)) = rest.split_once('.')
            && let Some(found) = self.pick(name, |g, v| g == group && v == version)
        {
            return Some(found);
        }
        // Kubernetes' core group has no name, so `pods.v1.` asks for it.
        if let Some(version) = rest.strip_suffix('.')
            && let Some(found) = self.pick(name, |g, v| g.is_empty() && v == version)
        {
            return Some(found);
        }
        if rest.is_empty() {
            return self.pick(name, |_, _| true);
        }
        self.pick(name, |g, _| g == rest)
            .or_else(|| self.pick(name, |g, _| g.starts_with(rest)))
    }

    fn short_name(&self, word: &str) -> Option<Resource> {
        let (name, wanted_group) = word.split_once('.').unwrap_or((word, ""));
        self.resources()
            .find(|(group, _, resource)| {
                group.starts_with(wanted_group) && has(resource.short_names.as_deref(), name)
            })
            .and_then(|(group, _, resource)| self.full_name(&joined(&resource.name, group)))
    }

    /// The first type of this name, in the server's order of groups, each group's preferred version first.
    fn pick(&self, name: &str, fits: impl Fn(&str, &str) -> bool) -> Option<Resource> {
        self.resources()
            .filter(|(group, version, _)| fits(group, version))
            .find(|(_, _, resource)| {
                resource.name == name
                    || resource.singular_name == name
                    || resource.kind.to_lowercase() == name
            })
            .map(|(group, version, resource)| to_resource(group, version, resource))
    }

    /// Every type of every version; subresources are none.
    fn resources(&self) -> impl Iterator<Item = (&str, &str, &APIResource)> {
        self.groups.iter().flat_map(|group| {
            group.versions.iter().flat_map(|version| {
                version
                    .resources
                    .iter()
                    .filter(|resource| !resource.name.contains('/'))
                    .map(|resource| (group.name.as_str(), version.name.as_str(), resource))
            })
        })
    }

    fn nearest(&self, word: &str) -> Option<String> {
        let short = self
            .resources()
            .flat_map(|(_, _, resource)| resource.short_names.iter().flatten())
            .map(String::as_str)
            .filter(|name| name.len() > 2);
        let names = self
            .resources()
            .flat_map(|(_, _, resource)| [resource.name.as_str(), resource.singular_name.as_str()])
            .filter(|name| !name.is_empty());
        kubeconfig::nearest(word, names.chain(short)).map(str::to_owned)
    }
}

fn has(list: Option<&[String]>, word: &str) -> bool {
    list.is_some_and(|list| list.iter().any(|entry| entry == word))
}

fn joined(name: &str, group: &str) -> String {
    match group {
        "" => name.to_owned(),
        group => format!("{name}.{group}"),
    }
}

fn to_resource(group: &str, version: &str, resource: &APIResource) -> Resource {
    let singular = match resource.singular_name.as_str() {
        // Servers before 1.27 leave it out for built-in types.
        "" => resource.kind.to_lowercase(),
        singular => singular.to_owned(),
    };
    Resource {
        group: group.to_owned(),
        version: version.to_owned(),
        plural: resource.name.clone(),
        singular,
        kind: resource.kind.clone(),
        namespaced: resource.namespaced,
        listable: resource.verbs.iter().any(|verb| verb == "list"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::{
        APIGroup, APIResourceList, GroupVersionForDiscovery,
    };

    fn resource(name: &str, kind: &str, short: &[&str], categories: &[&str]) -> APIResource {
        let list = |words: &[&str]| Some(words.iter().map(|w| (*w).to_owned()).collect());
        APIResource {
            name: name.to_owned(),
            singular_name: kind.to_lowercase(),
            kind: kind.to_owned(),
            namespaced: true,
            verbs: vec!["list".to_owned()],
            short_names: list(short),
            categories: list(categories),
            ..APIResource::default()
        }
    }

    fn discovery(groups: &[(&str, &str, Vec<APIResource>)]) -> Discovery {
        let mut lists = Lists::default();
        for (name, version, resources) in groups {
            let group_version = joined_version(name, version);
            lists.resources.push(APIResourceList {
                group_version: group_version.clone(),
                resources: resources.clone(),
            });
            let version = GroupVersionForDiscovery {
                group_version,
                version: (*version).to_owned(),
            };
            lists.groups.groups.push(APIGroup {
                name: (*name).to_owned(),
                versions: vec![version.clone()],
                preferred_version: Some(version),
                ..APIGroup::default()
            });
        }
        Discovery::of_lists(&lists)
    }

    fn joined_version(group: &str, version: &str) -> String {
        if group.is_empty() {
            version.to_owned()
        } else {
            format!("{group}/{version}")
        }
    }

    fn sample() -> Discovery {
        discovery(&[
            (
                "",
                "v1",
                vec![
                    resource("pods", "Pod", &["po"], &["all"]),
                    resource("events", "Event", &["ev"], &[]),
                ],
            ),
            (
                "apps",
                "v1",
                vec![resource("deployments", "Deployment", &["deploy"], &["all"])],
            ),
            (
                "events.k8s.io",
                "v1",
                vec![resource("events", "Event", &["ev"], &[])],
            ),
        ])
    }

    fn resolved(word: &str) -> Vec<String> {
        sample()
            .resolve_all(&[word.to_owned()])
            .map(|found| found.iter().map(Resource::plural_name).collect())
            .unwrap_or_default()
    }

    #[test]
    fn every_spelling_of_a_type_is_understood() {
        for word in ["pods", "pod", "po", "Pod", "pods.v1."] {
            assert_eq!(resolved(word), ["pods"], "{word}");
        }
        for word in [
            "deploy",
            "deployments.apps",
            "deployment.v1.apps",
            "deployments.app",
            "deploy.apps",
        ] {
            assert_eq!(resolved(word), ["deployments.apps"], "{word}");
        }
    }

    #[test]
    fn the_earlier_group_wins_a_name_that_two_have() {
        assert_eq!(resolved("events"), ["events"]);
        assert_eq!(resolved("events.events.k8s.io"), ["events.events.k8s.io"]);
    }

    #[test]
    fn a_category_is_all_its_types() {
        assert_eq!(resolved("all"), ["pods", "deployments.apps"]);
    }

    #[test]
    fn an_unknown_type_names_the_nearest() {
        let error = sample()
            .resolve_all(&["deployement".to_owned()])
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the server doesn't have a resource type \"deployement\""
        );
        let hint = "the nearest type is \"deployment\"; `kubectl api-resources` lists all";
        assert_eq!(error.hint().as_deref(), Some(hint));
    }

    #[test]
    fn a_type_named_twice_counts_once() {
        let words = ["po".to_owned(), "all".to_owned()];
        assert_eq!(sample().resolve_all(&words).unwrap().len(), 2);
    }
}
