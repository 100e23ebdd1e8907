//! `kubectl quick --help`: one page of 80 × 24; the rest under `help all`.

use std::ffi::OsString;
use std::io::Write;

use clap::CommandFactory;
use plugin_core::app::App;
use plugin_core::error::{Exit, Report};

use crate::get::GetArgs;

const PAGE: &str = "\
kubectl quick [@CTX[/NS]] [get] TYPE[,TYPE...] [PATTERN...] [flags]

  kubectl quick                 where am I: context, cluster, namespace
  kubectl quick po              the pods here        (any type, any short name)
  kubectl quick po -w           the same, live: scroll, filter, sort, act
  kubectl quick po web          those whose name is, begins with, or holds web
  kubectl quick po '*-0' 'a|b'  a glob, a regular expression, several at once
  kubectl quick @prod/shop po   in another context and namespace, this once
  kubectl quick all --problems  only what is not well

  -w  live          -A  all namespaces      -o wide|json|yaml|name|jsonpath=...
  -n  namespace     -l  label selector      --sort COLUMN    --limit N
  -L  label columns --show-labels           --no-headers     --field-selector
  --append  rows as they change, as kubectl get -w (always so in a pipe)

Words: get, help, version. `kubectl quick help all` has every flag.
Plain text matches exactly, else as a beginning, else anywhere in the name.
Exit codes: 0 done, 1 nothing matches, 2 could not do it, 130 ctrl-c.
";

/// Prints the page, or with `all` everything.
pub(crate) fn run(arguments: &[OsString], app: &mut App) -> Result<Exit, Report> {
    if arguments.iter().any(|argument| argument == "all") {
        write!(app.out, "{}", GetArgs::command().render_long_help())?;
    } else {
        app.out.write_all(PAGE.as_bytes())?;
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word::WORDS;

    #[test]
    fn the_page_fits_a_small_terminal() {
        assert!(PAGE.lines().count() <= 24);
        for line in PAGE.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    #[test]
    fn the_page_names_only_flags_and_words_there_are() {
        let command = GetArgs::command();
        let known: Vec<String> = command
            .get_arguments()
            .flat_map(|argument| {
                let long = argument.get_long().map(|long| format!("--{long}"));
                let short = argument.get_short().map(|short| format!("-{short}"));
                long.into_iter().chain(short)
            })
            .collect();
        let flags = PAGE
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
            .filter(|word| word.starts_with('-') && word.len() > 1 && !word.ends_with("-0"));
        for flag in flags {
            assert!(known.iter().any(|name| name == flag), "{flag}");
        }
        let words: Vec<&str> = WORDS.iter().map(|(name, _)| *name).collect();
        assert!(PAGE.contains(&format!("Words: {}.", words.join(", "))));
    }
}
