//! From what was typed to what is meant: every conflict is decided here, without looking at the world.

use plugin_core::env::Env;
use plugin_core::error::Usage;
use plugin_core::render::style::Style;
use plugin_core::table::IncludeObject;

use super::args::GetArgs;

/// What `get` is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    pub at: Option<String>,
    pub requests: Vec<TypeRequest>,
    pub all_namespaces: bool,
    pub labels: Option<String>,
    pub fields: Option<String>,
    pub output: Output,
    pub view: View,
    pub filter: Filter,
    pub style: Style,
    pub width: Option<usize>,
}

/// One type as typed, and the patterns that its objects' names have to match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypeRequest {
    pub word: String,
    pub patterns: Vec<String>,
}

/// In which form the objects are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Output {
    /// A table, once.
    Table,
    /// `type/name` lines.
    Names,
    /// A table that stays current, on a terminal.
    Live,
    /// A table whose changes are appended.
    Append {
        /// Whether the first column says what happened.
        events: bool,
    },
    /// A format that only kubectl has: its own flags for it.
    Kubectl(Vec<String>),
}

/// Which columns a table has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct View {
    pub wide: bool,
    pub namespaces: bool,
    pub label_columns: Vec<String>,
    pub all_labels: bool,
    pub headings: bool,
}

/// Which rows, in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub problems: bool,
    pub sort: Option<Sort>,
    pub limit: Option<usize>,
}

/// A column to sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sort {
    pub column: String,
    pub descending: bool,
}

impl View {
    /// How much of each object its rows need.
    pub fn include(&self) -> IncludeObject {
        if self.namespaces || self.all_labels || !self.label_columns.is_empty() {
            IncludeObject::Metadata
        } else {
            IncludeObject::None
        }
    }
}

/// Decides what the arguments mean.
pub(crate) fn resolve(args: &GetArgs, env: &Env) -> Result<Options, Usage> {
    let (at, words) = split_at(&args.words)?;
    let format = Format::parse(args.output.as_deref().unwrap_or("table"))?;
    let output = output(args, &format, env)?;
    let width = env.terminal_width.filter(|_| env.stdout_is_terminal);
    Ok(Options {
        at,
        requests: requests(&words)?,
        all_namespaces: args.all_namespaces,
        labels: args.selector.clone(),
        fields: args.field_selector.clone(),
        output,
        view: View {
            wide: format == Format::Wide,
            namespaces: args.all_namespaces,
            label_columns: args.label_columns.clone(),
            all_labels: args.show_labels,
            headings: !args.no_headers,
        },
        filter: Filter {
            problems: args.problems,
            sort: args.sort.as_deref().map(sort),
            limit: args.limit,
        },
        style: Style::of_output(args.color, env),
        width,
    })
}

/// Takes `@CTX/NS` out of the words.
fn split_at(words: &[String]) -> Result<(Option<String>, Vec<String>), Usage> {
    let (at, words): (Vec<&String>, Vec<&String>) =
        words.iter().partition(|word| word.starts_with('@'));
    match at.as_slice() {
        [] => Ok((None, words.into_iter().cloned().collect())),
        [one] => Ok((
            Some(one[1..].to_owned()),
            words.into_iter().cloned().collect(),
        )),
        [first, second, ..] => Err(Usage::new(format!(
            "{first} and {second}: one context at a time"
        ))),
    }
}

fn requests(words: &[String]) -> Result<Vec<TypeRequest>, Usage> {
    let Some((first, rest)) = words.split_first() else {
        return Err(Usage::new("which type? none was given")
            .hint("`kubectl quick po` shows pods; any type or short name will do"));
    };
    if first.contains('/') {
        return typed_names(words);
    }
    if let Some(name) = rest.iter().find(|word| word.contains('/')) {
        return Err(Usage::new(format!(
            "{name:?} names a type again; {first:?} is given already"
        ))
        .hint(format!("`kubectl quick {name}` shows that one")));
    }
    let types = first
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    Ok(types
        .map(|word| TypeRequest {
            word: word.to_owned(),
            patterns: rest.to_vec(),
        })
        .collect())
}

/// `TYPE/NAME TYPE/NAME…`: names of one type are asked for together.
fn typed_names(words: &[String]) -> Result<Vec<TypeRequest>, Usage> {
    let mut requests: Vec<TypeRequest> = Vec::new();
    for word in words {
        let (kind, name) = match word.split_once('/') {
            Some((kind, name)) if !kind.is_empty() && !name.is_empty() => (kind, name),
            _ => {
                return Err(Usage::new(format!(
                    "{word:?} is not of the form TYPE/NAME as the others are"
                )));
            }
        };
        match requests.iter_mut().find(|request| request.word == kind) {
            Some(request) => request.patterns.push(name.to_owned()),
            None => requests.push(TypeRequest {
                word: kind.to_owned(),
                patterns: vec![name.to_owned()],
            }),
        }
    }
    Ok(requests)
}

fn output(args: &GetArgs, format: &Format, env: &Env) -> Result<Output, Usage> {
    if let Some(path) = &args.sort_by {
        let mut flags = vec![format!("--sort-by={path}")];
        flags.extend(
            args.output
                .iter()
                .map(|output| format!("--output={output}")),
        );
        flags.extend(watch_flags(args));
        return Ok(Output::Kubectl(flags));
    }
    match format {
        Format::Kubectl(format) => {
            let mut flags = vec![format!("--output={format}")];
            flags.extend(watch_flags(args));
            Ok(Output::Kubectl(flags))
        }
        Format::Name if args.watch => Ok(Output::Kubectl(vec![
            "--output=name".to_owned(),
            "--watch".to_owned(),
        ])),
        Format::Name => Ok(Output::Names),
        Format::Table | Format::Wide if !args.watch => Ok(Output::Table),
        Format::Table | Format::Wide => {
            let in_place = env.stdout_is_terminal
                && env.stdin_is_terminal
                && !args.append
                && !args.output_watch_events;
            if !in_place && args.sort.is_some() {
                return Err(Usage::new(
                    "rows that are appended as they change cannot be sorted",
                ));
            }
            Ok(if in_place {
                Output::Live
            } else {
                Output::Append {
                    events: args.output_watch_events,
                }
            })
        }
    }
}

fn watch_flags(args: &GetArgs) -> Vec<String> {
    let mut flags = Vec::new();
    if args.watch {
        flags.push("--watch".to_owned());
    }
    if args.output_watch_events {
        flags.push("--output-watch-events".to_owned());
    }
    if args.no_headers {
        flags.push("--no-headers".to_owned());
    }
    if args.show_labels {
        flags.push("--show-labels".to_owned());
    }
    flags.extend(
        args.label_columns
            .iter()
            .map(|label| format!("--label-columns={label}")),
    );
    flags
}

fn sort(typed: &str) -> Sort {
    match typed.strip_prefix('-') {
        Some(column) => Sort {
            column: column.to_owned(),
            descending: true,
        },
        None => Sort {
            column: typed.to_owned(),
            descending: false,
        },
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Format {
    Table,
    Wide,
    Name,
    Kubectl(String),
}

impl Format {
    /// Reads `-o`. Names without an argument may be shortened as long as they are unique.
    fn parse(typed: &str) -> Result<Self, Usage> {
        const PLAIN: [&str; 6] = ["table", "wide", "json", "yaml", "kyaml", "name"];
        const WITH_ARGUMENT: [&str; 9] = [
            "custom-columns",
            "custom-columns-file",
            "go-template",
            "go-template-file",
            "template",
            "templatefile",
            "jsonpath",
            "jsonpath-as-json",
            "jsonpath-file",
        ];
        let name = typed.split('=').next().unwrap_or(typed);
        if typed.contains('=') || WITH_ARGUMENT.contains(&name) {
            if !WITH_ARGUMENT.contains(&name) {
                return Err(unknown_format(typed, &WITH_ARGUMENT));
            }
            return Ok(Self::Kubectl(typed.to_owned()));
        }
        let exact = PLAIN.iter().find(|format| **format == typed);
        let mut begun = PLAIN
            .iter()
            .filter(|format| !typed.is_empty() && format.starts_with(typed));
        let found = match (exact, begun.next(), begun.next()) {
            (Some(exact), ..) => exact,
            (None, Some(only), None) => only,
            _ => return Err(unknown_format(typed, &PLAIN)),
        };
        Ok(match *found {
            "table" => Self::Table,
            "wide" => Self::Wide,
            "name" => Self::Name,
            other => Self::Kubectl(other.to_owned()),
        })
    }
}

fn unknown_format(typed: &str, known: &[&str]) -> Usage {
    let known = plugin_core::render::words::list(known, "or");
    Usage::new(format!("no output format {typed:?}")).hint(format!("-o takes {known}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn options(typed: &str, env: &Env) -> Result<Options, String> {
        let arguments = std::iter::once("kubectl quick").chain(typed.split_whitespace());
        let args = GetArgs::try_parse_from(arguments).map_err(|error| error.to_string())?;
        resolve(&args, env).map_err(|error| error.to_string())
    }

    fn in_pipe(typed: &str) -> Result<Options, String> {
        options(typed, &Env::default())
    }

    fn on_terminal(typed: &str) -> Options {
        let env = Env::default().on_terminal(80);
        options(typed, &env).unwrap()
    }

    #[test]
    fn patterns_go_to_every_type() {
        let options = in_pipe("po,svc web api").unwrap();
        let words: Vec<_> = options
            .requests
            .iter()
            .map(|request| request.word.as_str())
            .collect();
        assert_eq!(words, ["po", "svc"]);
        assert_eq!(options.requests[1].patterns, ["web", "api"]);
    }

    #[test]
    fn names_with_their_types_are_grouped() {
        let options = in_pipe("po/a svc/b po/c").unwrap();
        assert_eq!(options.requests.len(), 2);
        assert_eq!(options.requests[0].patterns, ["a", "c"]);
    }

    #[test]
    fn the_target_may_stand_anywhere() {
        let options = in_pipe("po @prod/shop web").unwrap();
        assert_eq!(options.at.as_deref(), Some("prod/shop"));
        assert_eq!(options.requests[0].patterns, ["web"]);
    }

    #[test]
    fn two_targets_are_refused() {
        assert_eq!(
            in_pipe("po @a @b").unwrap_err(),
            "@a and @b: one context at a time"
        );
    }

    #[test]
    fn a_type_given_twice_is_refused() {
        assert_eq!(
            in_pipe("po svc/web").unwrap_err(),
            "\"svc/web\" names a type again; \"po\" is given already"
        );
    }

    #[test]
    fn live_needs_a_terminal() {
        assert_eq!(on_terminal("po -w").output, Output::Live);
        assert_eq!(
            on_terminal("po -w --append").output,
            Output::Append { events: false }
        );
        assert_eq!(
            in_pipe("po -w").unwrap().output,
            Output::Append { events: false }
        );
    }

    #[test]
    fn formats_may_be_shortened() {
        assert!(in_pipe("po -o w").unwrap().view.wide);
        assert_eq!(
            in_pipe("po -oj").unwrap().output,
            Output::Kubectl(vec!["--output=json".to_owned()])
        );
        assert_eq!(
            in_pipe("po -ojsonpath={.items}").unwrap().output,
            Output::Kubectl(vec!["--output=jsonpath={.items}".to_owned()])
        );
        assert_eq!(
            in_pipe("po -o xml").unwrap_err(),
            "no output format \"xml\""
        );
    }

    #[test]
    fn only_what_the_rows_need_is_asked_for() {
        assert_eq!(in_pipe("po").unwrap().view.include(), IncludeObject::None);
        assert_eq!(
            in_pipe("po -A").unwrap().view.include(),
            IncludeObject::Metadata
        );
        assert_eq!(
            in_pipe("po -L app").unwrap().view.include(),
            IncludeObject::Metadata
        );
    }

    #[test]
    fn a_column_may_be_sorted_downwards() {
        let sort = in_pipe("po --sort -age").unwrap().filter.sort.unwrap();
        assert_eq!((sort.column.as_str(), sort.descending), ("age", true));
    }
}
