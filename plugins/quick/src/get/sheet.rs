//! A table of one type, with the columns that were asked for: what kubectl would show, as plain text.

use std::collections::BTreeMap;

use plugin_core::discovery::Resource;
use plugin_core::pattern::Patterns;
use plugin_core::render::age;
use plugin_core::render::columns::Worth;
use plugin_core::render::sanitize;
use plugin_core::table::{Column, Row, name_column};

use super::options::{Filter, Sort, View};
use crate::problem;

/// Which cell of a server's row, or which part of the metadata, makes a column.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Namespace,
    Cell(usize),
    Label(String),
    Labels,
}

/// The columns of one type under one view.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape {
    pub headings: Vec<String>,
    sources: Vec<Source>,
    /// The position of the object's name among the columns.
    pub name: usize,
    /// The server's index of the name cell, which may not be among the columns.
    name_cell: usize,
}

/// One row as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SheetRow {
    pub namespace: String,
    pub name: String,
    pub cells: Vec<String>,
}

/// All rows of one type.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    pub resource: Resource,
    pub shape: Shape,
    pub rows: Vec<SheetRow>,
}

/// A column to sort by that is not there.
#[derive(Debug, thiserror::Error)]
#[error("{} have no column {column:?}", resource)]
pub(crate) struct NoSuchColumn {
    column: String,
    resource: String,
    headings: Vec<String>,
}

impl plugin_core::error::Explain for NoSuchColumn {
    fn hint(&self) -> Option<String> {
        let headings = plugin_core::render::words::list(&self.headings, "and");
        Some(format!("they have {headings}"))
    }
}

impl Shape {
    /// Lays out the columns as kubectl does: NAMESPACE, the server's own, label columns, LABELS.
    pub fn new(columns: &[Column], view: &View, namespaced: bool) -> Self {
        let name_cell = name_column(columns);
        let mut headings = Vec::new();
        let mut sources = Vec::new();
        let mut add = |heading: String, source| {
            headings.push(heading);
            sources.push(source);
        };
        if view.namespaces && namespaced {
            add("NAMESPACE".to_owned(), Source::Namespace);
        }
        for (index, column) in columns.iter().enumerate() {
            if view.wide || column.priority == 0 {
                add(column.name.to_uppercase(), Source::Cell(index));
            }
        }
        for label in &view.label_columns {
            let heading = label.rsplit('/').next().unwrap_or(label).to_uppercase();
            add(heading, Source::Label(label.clone()));
        }
        if view.all_labels {
            add("LABELS".to_owned(), Source::Labels);
        }
        let name = sources
            .iter()
            .position(|source| *source == Source::Cell(name_cell))
            .unwrap_or(0);
        Self {
            headings,
            sources,
            name,
            name_cell,
        }
    }

    /// One row under these columns.
    pub fn row(&self, row: &Row) -> SheetRow {
        let metadata = row.object.as_ref().map(|object| &object.metadata);
        let namespace = metadata
            .map(|meta| meta.namespace.clone())
            .unwrap_or_default();
        let no_labels = BTreeMap::new();
        let labels = metadata.map_or(&no_labels, |meta| &meta.labels);
        let name = match metadata {
            Some(metadata) if !metadata.name.is_empty() => metadata.name.clone(),
            _ => row
                .cells
                .get(self.name_cell)
                .map(|cell| cell.text().into_owned())
                .unwrap_or_default(),
        };
        let cells = self.sources.iter().map(|source| match source {
            Source::Namespace => namespace.clone(),
            Source::Cell(index) => {
                let text = row
                    .cells
                    .get(*index)
                    .map(|cell| cell.text())
                    .unwrap_or_default();
                sanitize::cell(&text).into_owned()
            }
            Source::Label(label) => labels
                .get(label)
                .map_or("<none>", String::as_str)
                .to_owned(),
            Source::Labels => all_labels(labels),
        });
        SheetRow {
            cells: cells.collect(),
            namespace: namespace.clone(),
            name,
        }
    }

    /// How dear each column is in a narrow window.
    pub fn worth(&self, index: usize) -> Worth {
        if index == self.name || self.sources[index] == Source::Namespace {
            return Worth::Identity;
        }
        match self.headings[index].as_str() {
            "STATUS" | "TYPE" | "REASON" | "COMPLETIONS" | "TARGETS" | "EXTERNAL-IP" => {
                Worth::State
            }
            "READY" | "AGE" | "RESTARTS" | "LAST SEEN" | "MESSAGE" | "REPLICAS" => Worth::Normal,
            _ => Worth::Extra,
        }
    }
}

fn all_labels(labels: &BTreeMap<String, String>) -> String {
    if labels.is_empty() {
        return "<none>".to_owned();
    }
    let pairs: Vec<String> = labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    pairs.join(",")
}

impl Sheet {
    /// A sheet of the server's rows.
    pub fn new(resource: Resource, columns: &[Column], rows: &[Row], view: &View) -> Self {
        let shape = Shape::new(columns, view, resource.namespaced);
        let rows = rows.iter().map(|row| shape.row(row)).collect();
        Self {
            resource,
            shape,
            rows,
        }
    }

    /// Keeps the rows whose names match.
    pub fn keep_matching(&mut self, patterns: &Patterns) {
        let names: Vec<&str> = self.rows.iter().map(|row| row.name.as_str()).collect();
        let selected = patterns.select(&names);
        let mut wanted = selected.into_iter().peekable();
        let mut index = 0;
        self.rows.retain(|_| {
            let keep = wanted.next_if_eq(&index).is_some();
            index += 1;
            keep
        });
    }

    /// Leaves out what is well, sorts, and cuts off.
    pub fn apply(&mut self, filter: &Filter) -> Result<(), NoSuchColumn> {
        if filter.problems {
            let headings = &self.shape.headings;
            self.rows
                .retain(|row| problem::row(headings, &row.cells).is_problem());
        }
        if let Some(sort) = &filter.sort {
            let column = self.column(sort)?;
            self.rows.sort_by(|a, b| {
                let order = compare(&a.cells[column], &b.cells[column]);
                if sort.descending {
                    order.reverse()
                } else {
                    order
                }
            });
        }
        if let Some(limit) = filter.limit {
            self.rows.truncate(limit);
        }
        Ok(())
    }

    /// The column meant by a heading or its beginning, in any case.
    fn column(&self, sort: &Sort) -> Result<usize, NoSuchColumn> {
        let wanted = sort.column.to_uppercase();
        let headings = &self.shape.headings;
        let exact = headings.iter().position(|heading| *heading == wanted);
        exact
            .or_else(|| {
                headings
                    .iter()
                    .position(|heading| heading.starts_with(&wanted))
            })
            .ok_or_else(|| NoSuchColumn {
                column: sort.column.clone(),
                resource: self.resource.plural_name(),
                headings: headings.clone(),
            })
    }
}

/// Compares cells as a person would: numbers by size, ages by length, the rest as text.
pub(crate) fn compare(a: &str, b: &str) -> std::cmp::Ordering {
    let age = |text: &str| age::parse(text);
    let number = |text: &str| -> Option<f64> {
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let rest = &text[end..];
        let alone = rest.is_empty() || rest.starts_with([' ', '/', '%']);
        text[..end].parse().ok().filter(|_| alone)
    };
    if let (Some(a), Some(b)) = (age(a), age(b)) {
        return a.cmp(&b);
    }
    if let (Some(x), Some(y)) = (number(a), number(b)) {
        return x.total_cmp(&y).then_with(|| a.cmp(b));
    }
    a.cmp(b)
}

/// Whether two rows differ in nothing but the time that has passed.
pub(crate) fn same_but_age(a: &SheetRow, b: &SheetRow) -> bool {
    a.cells.len() == b.cells.len() && a.cells.iter().zip(&b.cells).all(|(a, b)| same_cell(a, b))
}

/// Whether two cells say the same at different times: `3 (5m ago)` and `3 (6m ago)` do.
pub(crate) fn same_cell(a: &str, b: &str) -> bool {
    let are_ages = age::parse(a).is_some() && age::parse(b).is_some();
    a == b || are_ages || without_ago(a) == without_ago(b)
}

fn without_ago(cell: &str) -> &str {
    match cell.split_once(" (") {
        Some((count, rest)) if rest.ends_with(" ago)") => count,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_core::table::Table;

    const PODS: &str = r#"{"kind":"Table","metadata":{},
        "columnDefinitions":[{"name":"Name","format":"name","priority":0},{"name":"Status","priority":0},{"name":"Restarts","priority":0},{"name":"Age","priority":0},{"name":"IP","priority":1}],
        "rows":[
          {"cells":["web-1","Running","10 (5m ago)","3d4h","10.0.0.1"],"object":{"metadata":{"name":"web-1","namespace":"shop","labels":{"app":"web","tier":"front"}}}},
          {"cells":["web-0","CrashLoopBackOff","9","5m","10.0.0.2"],"object":{"metadata":{"name":"web-0","namespace":"shop"}}}]}"#;

    fn pods(view: &View) -> Sheet {
        let table: Table = serde_json::from_str(PODS).unwrap();
        let resource = Resource {
            group: String::new(),
            version: "v1".to_owned(),
            plural: "pods".to_owned(),
            singular: "pod".to_owned(),
            kind: "Pod".to_owned(),
            namespaced: true,
            listable: true,
        };
        Sheet::new(resource, &table.column_definitions, &table.rows, view)
    }

    fn names(sheet: &Sheet) -> Vec<&str> {
        sheet.rows.iter().map(|row| row.name.as_str()).collect()
    }

    #[test]
    fn wide_columns_come_only_with_wide() {
        assert_eq!(
            pods(&View::default()).shape.headings,
            ["NAME", "STATUS", "RESTARTS", "AGE"]
        );
        let wide = View {
            wide: true,
            ..View::default()
        };
        assert_eq!(pods(&wide).shape.headings.last().unwrap(), "IP");
    }

    #[test]
    fn namespace_and_labels_stand_where_kubectl_puts_them() {
        let view = View {
            namespaces: true,
            label_columns: vec!["example.com/app".to_owned(), "app".to_owned()],
            all_labels: true,
            ..View::default()
        };
        let sheet = pods(&view);
        assert_eq!(
            sheet.shape.headings,
            [
                "NAMESPACE",
                "NAME",
                "STATUS",
                "RESTARTS",
                "AGE",
                "APP",
                "APP",
                "LABELS"
            ]
        );
        assert_eq!(
            sheet.rows[0].cells[5..],
            ["<none>", "web", "app=web,tier=front"]
        );
        assert_eq!(sheet.rows[1].cells[7], "<none>");
    }

    #[test]
    fn numbers_and_ages_are_sorted_by_size() {
        let sorted = |column: &str, descending| {
            let mut sheet = pods(&View::default());
            let sort = Some(Sort {
                column: column.to_owned(),
                descending,
            });
            sheet
                .apply(&Filter {
                    sort,
                    ..Filter::default()
                })
                .unwrap();
            names(&sheet).join(" ")
        };
        assert_eq!(sorted("rest", false), "web-0 web-1");
        assert_eq!(sorted("age", true), "web-1 web-0");
    }

    #[test]
    fn an_unknown_column_names_those_there_are() {
        let sort = Some(Sort {
            column: "cpu".to_owned(),
            descending: false,
        });
        let error = pods(&View::default())
            .apply(&Filter {
                sort,
                ..Filter::default()
            })
            .unwrap_err();
        assert_eq!(error.to_string(), "pods have no column \"cpu\"");
    }

    #[test]
    fn problems_are_what_is_not_well() {
        let mut sheet = pods(&View::default());
        sheet
            .apply(&Filter {
                problems: true,
                ..Filter::default()
            })
            .unwrap();
        assert_eq!(names(&sheet), ["web-0"]);
    }

    #[test]
    fn patterns_keep_the_order_of_the_server() {
        let mut sheet = pods(&View::default());
        sheet.keep_matching(&Patterns::parse(&["web-0", "web-1"]).unwrap());
        assert_eq!(names(&sheet), ["web-1", "web-0"]);
    }
}
