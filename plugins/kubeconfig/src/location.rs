use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Which files make up the kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    paths: Vec<PathBuf>,
    explicit: bool,
}

impl Location {
    /// Finds the files as kubectl does: `--kubeconfig` alone, else the list in `KUBECONFIG`, else
    /// `$HOME/.kube/config`.
    ///
    /// An empty `KUBECONFIG` counts as unset; one that holds only separators is set, and names no file.
    ///
    /// ```
    /// use kubeconfig::Location;
    /// use std::path::Path;
    ///
    /// let home = Some(Path::new("/home/me"));
    /// let list = Location::find(None, Some("a::b:a".as_ref()), home);
    /// assert_eq!(list.paths(), [Path::new("a"), Path::new("b")]);
    /// let unset = Location::find(None, Some("".as_ref()), home);
    /// assert_eq!(unset.paths(), [Path::new("/home/me/.kube/config")]);
    /// ```
    pub fn find(flag: Option<&Path>, variable: Option<&OsStr>, home: Option<&Path>) -> Self {
        if let Some(path) = flag {
            return Self {
                paths: vec![path.to_path_buf()],
                explicit: true,
            };
        }
        let paths = match variable.filter(|list| !list.is_empty()) {
            Some(list) => without_repeats(std::env::split_paths(list)),
            None => home
                .map(|home| home.join(".kube").join("config"))
                .into_iter()
                .collect(),
        };
        Self {
            paths,
            explicit: false,
        }
    }

    /// The files in the order in which they are merged; not all of them need exist.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Whether `--kubeconfig` named the file, so that it has to exist.
    pub fn is_explicit(&self) -> bool {
        self.explicit
    }
}

/// Drops empty items and exact repeats; `a` and `./a` stay two paths, as for kubectl.
fn without_repeats(paths: impl Iterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut seen = HashSet::new();
    paths
        .filter(|path| !path.as_os_str().is_empty())
        .filter(|path| seen.insert(path.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_separators_name_no_file() {
        let location = Location::find(None, Some(":".as_ref()), Some(Path::new("/home/me")));
        assert_eq!(location.paths(), [] as [PathBuf; 0]);
    }

    #[test]
    fn the_flag_wins_over_the_variable() {
        let location = Location::find(Some(Path::new("f")), Some("a:b".as_ref()), None);
        assert_eq!(location.paths(), [Path::new("f")]);
        assert!(location.is_explicit());
    }

    #[test]
    fn a_tilde_is_not_expanded() {
        let location = Location::find(None, Some("~/c".as_ref()), Some(Path::new("/home/me")));
        assert_eq!(location.paths(), [Path::new("~/c")]);
    }
}
