use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::document::{self, Document};
use crate::error::Error;
use crate::location::Location;
use crate::model::{Cluster, Context, User};
use crate::nearest::nearest;

/// A value and the file that defines it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<T> {
    /// The file.
    pub origin: PathBuf,
    /// The value.
    pub value: T,
}

/// All files merged: the first file that has a name wins it whole.
#[derive(Debug, Clone, Default)]
pub struct Kubeconfig {
    files: Vec<PathBuf>,
    current_context: Option<Entry<String>>,
    contexts: Table<Context>,
    clusters: Table<Cluster>,
    users: Table<User>,
}

/// A context with what it names.
#[derive(Debug, Clone, Copy)]
pub struct Selection<'a> {
    /// The context's name.
    pub name: &'a str,
    /// The context.
    pub context: &'a Context,
    /// Its cluster.
    pub cluster: &'a Cluster,
    /// Its user; a context without one is anonymous.
    pub user: Option<&'a User>,
}

#[derive(Debug, Clone)]
struct Table<T> {
    order: Vec<String>,
    entries: HashMap<String, Entry<T>>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            order: Vec::new(),
            entries: HashMap::new(),
        }
    }
}

impl<T> Table<T> {
    fn merge(&mut self, origin: &Path, entries: Vec<(String, T)>) {
        for (name, value) in entries {
            if self.entries.contains_key(&name) {
                continue;
            }
            self.order.push(name.clone());
            let origin = origin.to_path_buf();
            self.entries.insert(name, Entry { origin, value });
        }
    }

    fn get(&self, name: &str) -> Option<&T> {
        self.entries.get(name).map(|entry| &entry.value)
    }
}

impl Kubeconfig {
    /// Reads and merges the files. A missing one is skipped, unless `--kubeconfig` named it; one that cannot
    /// be read or is malformed fails the whole, as for kubectl.
    pub fn load(location: &Location) -> Result<Self, Error> {
        let mut merged = Self {
            files: location.paths().to_vec(),
            ..Self::default()
        };
        for path in location.paths() {
            match fs::read(path) {
                Ok(content) => merged.add(path, document::parse(path, &content)?),
                Err(source) if is_missing(&source) && !location.is_explicit() => {}
                Err(source) => {
                    let path = path.clone();
                    return Err(Error::Read { path, source });
                }
            }
        }
        Ok(merged)
    }

    fn add(&mut self, path: &Path, document: Document) {
        if self.current_context.is_none() && !document.current_context.is_empty() {
            self.current_context = Some(Entry {
                origin: path.to_path_buf(),
                value: document.current_context,
            });
        }
        self.contexts.merge(path, document.contexts);
        self.clusters.merge(path, document.clusters);
        self.users.merge(path, document.users);
    }

    /// The files looked at, existing or not.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Whether there is neither a context nor a cluster nor a user nor a current context.
    pub fn is_empty(&self) -> bool {
        self.current_context.is_none()
            && self.contexts.order.is_empty()
            && self.clusters.order.is_empty()
            && self.users.order.is_empty()
    }

    /// The first non-empty current-context, with the file that sets it. It need not exist.
    pub fn current_context(&self) -> Option<&Entry<String>> {
        self.current_context.as_ref()
    }

    /// The names of all contexts, in the order of the files.
    pub fn context_names(&self) -> impl Iterator<Item = &str> {
        self.contexts.order.iter().map(String::as_str)
    }

    /// One context by its exact name.
    pub fn context(&self, name: &str) -> Option<&Entry<Context>> {
        self.contexts.entries.get(name)
    }

    /// One cluster by its exact name.
    pub fn cluster(&self, name: &str) -> Option<&Entry<Cluster>> {
        self.clusters.entries.get(name)
    }

    /// The context asked for, else the current one, with its cluster and user.
    pub fn select(&self, asked: Option<&str>) -> Result<Selection<'_>, Error> {
        let name = match asked {
            Some(name) => name,
            None => self.current_name()?,
        };
        let (name, entry) = self
            .contexts
            .entries
            .get_key_value(name)
            .ok_or_else(|| self.no_such_context(name))?;
        let context = &entry.value;
        let dangling = |kind, missing: &str| Error::Dangling {
            context: name.clone(),
            kind,
            name: missing.to_owned(),
            files: self.files_in_words(),
        };
        let cluster = self
            .clusters
            .get(&context.cluster)
            .ok_or_else(|| dangling("cluster", &context.cluster))?;
        let user = match context.user.as_str() {
            "" => None,
            user => Some(self.users.get(user).ok_or_else(|| dangling("user", user))?),
        };
        Ok(Selection {
            name,
            context,
            cluster,
            user,
        })
    }

    fn current_name(&self) -> Result<&str, Error> {
        if let Some(current) = &self.current_context {
            return Ok(&current.value);
        }
        if self.is_empty() {
            return Err(Error::Empty {
                files: self.files_in_words(),
                many: self.files.len() > 1,
            });
        }
        Err(Error::NoCurrentContext {
            files: self.files_in_words(),
            contexts: self.contexts.order.clone(),
        })
    }

    /// The error for a context that is not there, with the nearest name that is.
    pub fn no_such_context(&self, name: &str) -> Error {
        Error::NoSuchContext {
            name: name.to_owned(),
            files: self.files_in_words(),
            nearest: nearest(name, self.context_names()).map(str::to_owned),
        }
    }

    fn files_in_words(&self) -> String {
        match self.files.as_slice() {
            [] => "the files of KUBECONFIG (it names none)".to_owned(),
            [one] => one.display().to_string(),
            many => many
                .iter()
                .map(|path| path.display().to_string())
                .collect::<Vec<_>>()
                .join(", "),
        }
    }
}

fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}
