//! Asking the server: tables of the types, and where else something would match.

use std::collections::BTreeMap;

use plugin_core::discovery::Resource;
use plugin_core::pattern::Patterns;
use plugin_core::session::{Session, SessionError};
use plugin_core::table::{ACCEPT, IncludeObject, Query, Table};

use super::error::GetError;
use super::options::Options;

/// The query for one type under these options.
pub(crate) fn query(session: &Session, resource: &Resource, options: &Options) -> Query {
    let namespace = (!options.all_namespaces).then_some(session.namespace.as_str());
    Query {
        path: resource.path(namespace),
        include: options.view.include(),
        labels: options.labels.clone(),
        fields: options.fields.clone(),
        limit: None,
    }
}

/// Asks for one table.
pub(crate) async fn table(
    session: &Session,
    resource: &Resource,
    query: &Query,
) -> Result<Table, GetError> {
    let body = session
        .get(&query.list(), ACCEPT)
        .await
        .map_err(|error| GetError::of(session, resource, query, error))?;
    match serde_json::from_slice::<Table>(&body) {
        Ok(table) if table.kind == "Table" => Ok(table),
        _ => Err(GetError::Session(SessionError::Garbled {
            context: session.context.clone(),
            expected: "a table",
        })),
    }
}

/// Whether the session's namespace exists; `None` if the server does not tell.
pub(crate) async fn namespace_exists(session: &Session) -> Option<bool> {
    let path = format!("/api/v1/namespaces/{}", session.namespace);
    match session
        .get(
            &path,
            "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json",
        )
        .await
    {
        Ok(_) => Some(true),
        Err(error) if error.status().is_some_and(|status| status.code == 404) => Some(false),
        Err(_) => None,
    }
}

/// The namespaces in which names would match, with how many; nothing where listing is not allowed.
pub(crate) async fn elsewhere(
    session: &Session,
    resource: &Resource,
    query: &Query,
    patterns: &Patterns,
) -> Vec<(String, usize)> {
    if !resource.namespaced {
        return Vec::new();
    }
    let query = Query {
        path: resource.path(None),
        include: IncludeObject::Metadata,
        ..query.clone()
    };
    let Ok(table) = table(session, resource, &query).await else {
        return Vec::new();
    };
    let objects: Vec<_> = table
        .rows
        .iter()
        .filter_map(|row| row.object.as_ref())
        .collect();
    let names: Vec<&str> = objects
        .iter()
        .map(|object| object.metadata.name.as_str())
        .collect();
    let mut found = BTreeMap::new();
    for index in patterns.select(&names) {
        *found
            .entry(objects[index].metadata.namespace.clone())
            .or_insert(0) += 1;
    }
    found.remove(&session.namespace);
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    found
}

/// The names of all objects of a type here, to offer the nearest.
pub(crate) fn names(table: &Table) -> Vec<String> {
    let column = table.name_column();
    table
        .rows
        .iter()
        .filter_map(|row| row.cells.get(column))
        .map(|cell| cell.text().into_owned())
        .collect()
}
