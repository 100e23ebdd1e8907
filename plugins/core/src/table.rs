//! The server's own tables (`meta.k8s.io/v1 Table`): its columns, for every type and CRD, so that what we show
//! never falls behind kubectl.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The media type to ask for; the second is what a server answers that has no tables.
pub const ACCEPT: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

/// How much of each object comes with its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncludeObject {
    /// The cells alone: a tenth of the bytes, and enough in one namespace.
    None,
    /// The metadata too, for namespaces and labels.
    Metadata,
}

impl IncludeObject {
    /// The value of the query parameter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Metadata => "Metadata",
        }
    }
}

/// A table, or the part of one that a watch event brings.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Table {
    /// Always `Table`; servers that have none answer with another kind.
    pub kind: String,
    /// Resource version and continuation.
    pub metadata: ListMeta,
    /// The columns; a watch sends them with its first event only.
    #[serde(deserialize_with = "null_is_empty")]
    pub column_definitions: Vec<Column>,
    /// The rows.
    #[serde(deserialize_with = "null_is_empty")]
    pub rows: Vec<Row>,
}

/// The part of `ListMeta` that matters for reading on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ListMeta {
    /// From here a watch can go on.
    pub resource_version: String,
    /// Where the next page begins.
    #[serde(rename = "continue")]
    pub continue_token: String,
    /// How many objects the next pages hold, where the server tells.
    pub remaining_item_count: Option<usize>,
}

/// One column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Column {
    /// Its heading, in the server's mixed case.
    pub name: String,
    /// `name` for the column with the object's name.
    pub format: String,
    /// 0 for always, more for `-o wide`.
    pub priority: i32,
}

/// One object's row.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Row {
    /// One cell per column.
    pub cells: Vec<Cell>,
    /// What [`IncludeObject`] asked for.
    pub object: Option<PartialObject>,
}

/// The metadata of a row's object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PartialObject {
    /// The metadata.
    pub metadata: ObjectMeta,
}

/// The part of an object's metadata that rows need.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectMeta {
    /// The name.
    pub name: String,
    /// The namespace; empty for a cluster-wide type.
    pub namespace: String,
    /// The labels.
    pub labels: BTreeMap<String, String>,
    /// The resource version, which bookmarks carry here.
    pub resource_version: String,
}

/// One cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Null,
    /// Text, shown as it is.
    Text(String),
    /// A whole number.
    Int(i64),
    /// Anything else, kept as the JSON it came as.
    Other(String),
}

impl Cell {
    /// The text kubectl shows for it.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        use std::borrow::Cow;
        match self {
            Self::Null => Cow::Borrowed(""),
            Self::Text(text) | Self::Other(text) => Cow::Borrowed(text),
            Self::Int(number) => Cow::Owned(number.to_string()),
        }
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw: &RawValue = Deserialize::deserialize(deserializer)?;
        let json = raw.get();
        Ok(match json.as_bytes().first() {
            Some(b'"') => Self::Text(serde_json::from_str(json).map_err(serde::de::Error::custom)?),
            Some(b'n') => Self::Null,
            _ => json
                .parse()
                .map_or_else(|_| Self::Other(json.to_owned()), Self::Int),
        })
    }
}

fn null_is_empty<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Table {
    /// The column with the object's name: the first of format `name`, which need not be the first of all.
    pub fn name_column(&self) -> usize {
        name_column(&self.column_definitions)
    }
}

/// The column with the object's name.
pub fn name_column(columns: &[Column]) -> usize {
    columns
        .iter()
        .position(|column| column.format == "name")
        .unwrap_or(0)
}

/// The query that asks for a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The collection's path.
    pub path: String,
    /// How much of each object.
    pub include: IncludeObject,
    /// A label selector.
    pub labels: Option<String>,
    /// A field selector.
    pub fields: Option<String>,
    /// At most so many rows.
    pub limit: Option<usize>,
}

impl Query {
    /// The URL for all rows there are now.
    pub fn list(&self) -> String {
        let mut url = self.base();
        if let Some(limit) = self.limit {
            url.push_str(&format!("&limit={limit}"));
        }
        url
    }

    /// The URL for the changes after a resource version, for at most `seconds`.
    pub fn watch(&self, since: &str, seconds: u64) -> String {
        let base = self.base();
        format!(
            "{base}&watch=1&allowWatchBookmarks=true&timeoutSeconds={seconds}&resourceVersion={}",
            encoded(since)
        )
    }

    fn base(&self) -> String {
        let mut url = format!("{}?includeObject={}", self.path, self.include.as_str());
        for (name, value) in [
            ("labelSelector", &self.labels),
            ("fieldSelector", &self.fields),
        ] {
            if let Some(value) = value {
                url.push_str(&format!("&{name}={}", encoded(value)));
            }
        }
        url
    }
}

/// Percent-encodes a value for a query.
fn encoded(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_read_as_kubectl_prints_them() {
        let cells: Vec<Cell> = serde_json::from_str(r#"["a\"b", 3, null, 1.5, true]"#).unwrap();
        let texts: Vec<_> = cells.iter().map(|cell| cell.text().into_owned()).collect();
        assert_eq!(texts, ["a\"b", "3", "", "1.5", "true"]);
    }

    #[test]
    fn the_name_column_need_not_be_the_first() {
        let column = |format: &str| Column {
            format: format.to_owned(),
            ..Column::default()
        };
        assert_eq!(
            name_column(&[column(""), column("name"), column("name")]),
            1
        );
    }

    #[test]
    fn selectors_are_encoded() {
        let query = Query {
            path: "/api/v1/pods".to_owned(),
            include: IncludeObject::None,
            labels: Some("app in (a,b)".to_owned()),
            fields: None,
            limit: Some(5),
        };
        assert_eq!(
            query.list(),
            "/api/v1/pods?includeObject=None&labelSelector=app%20in%20%28a%2Cb%29&limit=5"
        );
    }

    #[test]
    fn a_table_without_rows_may_say_null() {
        let table: Table = serde_json::from_str(
            r#"{"kind":"Table","metadata":{},"columnDefinitions":null,"rows":null}"#,
        )
        .unwrap();
        assert_eq!(table.rows, []);
    }
}
