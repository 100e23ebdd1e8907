//! kubectl's discovery cache on disk, shared with it: same folder, same files, same age limit
//! (`k8s.io/client-go/discovery/cached/disk`).

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{APIGroupList, APIResourceList};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Discovery;
use super::fetch::Lists;

/// How long kubectl trusts a file.
const LIFE: Duration = Duration::from_hours(6);

pub(super) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The folder for one server below kubectl's cache folder.
    pub fn new(cache_folder: &Path, server: &str) -> Self {
        Self {
            folder: cache_folder.join("discovery").join(folder_name(server)),
        }
    }

    /// Everything, if every file is there and fresh.
    pub fn read(&self) -> Option<Discovery> {
        let groups: APIGroupList = read_fresh(&self.folder.join("servergroups.json"))?;
        let mut resources = Vec::new();
        for version in groups.groups.iter().flat_map(|group| &group.versions) {
            let file = self
                .folder
                .join(&version.group_version)
                .join("serverresources.json");
            let list: APIResourceList = read_fresh(&file)?;
            resources.push(list);
        }
        Some(Discovery::of_lists(&Lists { groups, resources }))
    }

    /// Writes what the server said, each file whole or not at all.
    pub fn write(&self, lists: &Lists) -> io::Result<()> {
        for list in &lists.resources {
            let folder = self.folder.join(&list.group_version);
            write_whole(&folder, "serverresources.json", "APIResourceList", list)?;
        }
        write_whole(
            &self.folder,
            "servergroups.json",
            "APIGroupList",
            &lists.groups,
        )
    }
}

/// The name kubectl gives a server's folder: the URL without its scheme, odd characters as `_`.
fn folder_name(server: &str) -> String {
    let without_scheme = server.split_once("://").map_or(server, |(_, rest)| rest);
    without_scheme
        .chars()
        .map(|c| {
            let kept = c.is_ascii_alphanumeric() || matches!(c, '_' | '/' | '.' | '(' | ')');
            if kept { c } else { '_' }
        })
        .collect()
}

fn read_fresh<T: DeserializeOwned>(file: &Path) -> Option<T> {
    // A file from the future counts as fresh, as for kubectl.
    let age = fs::metadata(file)
        .ok()?
        .modified()
        .ok()?
        .elapsed()
        .unwrap_or_default();
    if age > LIFE {
        return None;
    }
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

/// Writes through a file of its own and a rename, with kubectl's modes.
fn write_whole<T: Serialize>(folder: &Path, name: &str, kind: &str, content: &T) -> io::Result<()> {
    create_folder(folder)?;
    let mut json = serde_json::to_value(content)?;
    json["kind"] = kind.into();
    json["apiVersion"] = "v1".into();
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut file, &json)?;
    file.flush()?;
    set_mode(file.path())?;
    file.persist(folder.join(name))?;
    Ok(())
}

#[cfg(unix)]
fn create_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o750)
        .create(folder)
}

#[cfg(unix)]
fn set_mode(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o660))
}

#[cfg(not(unix))]
fn create_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn set_mode(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_named_as_kubectl_names_it() {
        assert_eq!(folder_name("https://127.0.0.1:16443"), "127.0.0.1_16443");
        assert_eq!(folder_name("https://rancher/k8s/c-1"), "rancher/k8s/c_1");
    }
}
