//! The first word decides: it is one of ours, or else a resource type.

use std::ffi::{OsStr, OsString};

use clap::CommandFactory;

use crate::get::GetArgs;

/// What `kubectl quick` is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// Bare: where am I.
    Nothing,
    /// Show objects; also when the first word is none of ours.
    Get,
    /// `help`, `--help`.
    Help,
    /// `version`, `--version`.
    Version,
}

/// Our words, in the order in which help lists them.
pub(crate) const WORDS: [(&str, Word); 3] = [
    ("get", Word::Get),
    ("help", Word::Help),
    ("version", Word::Version),
];

/// Finds the word and takes it out of the arguments. Flags may stand before it.
pub(crate) fn split(mut arguments: Vec<OsString>) -> (Word, Vec<OsString>) {
    let Some(position) = first_word(&arguments) else {
        let word = match () {
            () if has(&arguments, &["-h", "--help"]) => Word::Help,
            () if has(&arguments, &["-V", "--version"]) => Word::Version,
            () => Word::Nothing,
        };
        return (word, arguments);
    };
    let word = WORDS
        .iter()
        .find(|(name, _)| arguments[position] == *name)
        .map(|(_, word)| *word);
    if let Some(word) = word {
        arguments.remove(position);
        return (word, arguments);
    }
    (Word::Get, arguments)
}

fn has(arguments: &[OsString], flags: &[&str]) -> bool {
    arguments
        .iter()
        .any(|argument| flags.iter().any(|flag| argument == flag))
}

/// The first argument that is neither a flag, nor a flag's value, nor `@CTX`.
fn first_word(arguments: &[OsString]) -> Option<usize> {
    let with_values = flags_with_values();
    let mut is_value = false;
    for (position, argument) in arguments.iter().enumerate() {
        if std::mem::take(&mut is_value) {
            continue;
        }
        let text = argument.to_string_lossy();
        if text == "--" {
            return None;
        }
        if text.starts_with('@') {
            continue;
        }
        if text.len() > 1 && text.starts_with('-') {
            is_value = with_values.iter().any(|flag| argument == OsStr::new(flag));
            continue;
        }
        return Some(position);
    }
    None
}

fn flags_with_values() -> Vec<String> {
    GetArgs::command()
        .get_arguments()
        .filter(|argument| argument.get_action().takes_values() && !argument.is_positional())
        .flat_map(|argument| {
            let long = argument.get_long().map(|long| format!("--{long}"));
            let short = argument.get_short().map(|short| format!("-{short}"));
            long.into_iter().chain(short)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn splits(typed: &str) -> (Word, String) {
        let arguments = typed.split_whitespace().map(OsString::from).collect();
        let (word, rest) = split(arguments);
        let rest: Vec<_> = rest
            .iter()
            .map(|argument| argument.to_string_lossy())
            .collect();
        (word, rest.join(" "))
    }

    #[test]
    fn a_type_is_shown_with_or_without_the_word() {
        assert_eq!(splits("po -w"), (Word::Get, "po -w".to_owned()));
        assert_eq!(splits("get po -w"), (Word::Get, "po -w".to_owned()));
    }

    #[test]
    fn flags_and_their_values_may_stand_before_the_word() {
        assert_eq!(splits("-n get get po"), (Word::Get, "-n get po".to_owned()));
        assert_eq!(
            splits("@kind --context=x version"),
            (Word::Version, "@kind --context=x".to_owned())
        );
    }

    #[test]
    fn flags_alone_ask_where_we_are() {
        assert_eq!(splits("-n shop"), (Word::Nothing, "-n shop".to_owned()));
        assert_eq!(splits(""), (Word::Nothing, String::new()));
    }

    #[test]
    fn an_object_called_like_a_word_is_reached_by_its_type() {
        assert_eq!(splits("po/get"), (Word::Get, "po/get".to_owned()));
        assert_eq!(splits("po version").0, Word::Get);
    }
}
