//! What `kubectl quick get` takes, spelt as `kubectl get` spells it.

use clap::Parser;
use plugin_core::args::{ColorChoice, Connection};

/// Shows objects: as a table, live, or as kubectl prints them.
#[derive(Debug, Clone, Parser)]
#[command(
    bin_name = "kubectl quick",
    override_usage = "kubectl quick [@CTX[/NS]] [get] TYPE[,TYPE…] [PATTERN…] [flags]\n       kubectl quick [@CTX[/NS]] [get] TYPE/NAME… [flags]",
    disable_version_flag = true
)]
pub(crate) struct GetArgs {
    /// A type, then patterns of names; @CTX or @CTX/NS anywhere
    #[arg(value_name = "TYPE|PATTERN")]
    pub words: Vec<String>,

    #[command(flatten)]
    pub connection: Connection,

    /// All namespaces
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub all_namespaces: bool,
    /// Only objects with these labels
    #[arg(short = 'l', long, value_name = "LABELS")]
    pub selector: Option<String>,
    /// Only objects with these fields, as far as the server knows them
    #[arg(long, value_name = "FIELDS")]
    pub field_selector: Option<String>,
    /// Only objects that are not well
    #[arg(long)]
    pub problems: bool,

    /// table, wide, json, yaml, name, or what `kubectl get -o` takes
    #[arg(short, long, value_name = "FORMAT")]
    pub output: Option<String>,
    /// Sort by a column, or by -COLUMN downwards
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// Sort by a `JSONPath`, as kubectl does
    #[arg(
        long,
        value_name = "JSONPATH",
        conflicts_with = "sort",
        hide_short_help = true
    )]
    pub sort_by: Option<String>,
    /// At most so many rows
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// No headings
    #[arg(long)]
    pub no_headers: bool,
    /// All labels as the last column
    #[arg(long)]
    pub show_labels: bool,
    /// A label as a column (can be repeated)
    #[arg(short = 'L', long, value_name = "LABEL", value_delimiter = ',')]
    pub label_columns: Vec<String>,

    /// Live: in place on a terminal, appended rows in a pipe
    #[arg(short, long)]
    pub watch: bool,
    /// With -w: append rows on a terminal, too
    #[arg(long, requires = "watch")]
    pub append: bool,
    /// With -w: what happened to each object as the first column; appends
    #[arg(long, requires = "watch")]
    pub output_watch_events: bool,

    /// When to use colour
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub color: ColorChoice,
}
