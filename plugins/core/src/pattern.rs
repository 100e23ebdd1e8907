//! The one way in which all plugins match names.
//!
//! Plain text matches exactly, else as a beginning, else anywhere; the first of these tiers that hits decides.
//! A `*` makes it a glob. Any of `^ $ | \ ( ) [ ] + ?` or `.*` makes it a regular expression: none of these
//! can stand in a name.

use regex::Regex;

use crate::error::Explain;

/// One or several patterns; a name matches if any of them does.
#[derive(Debug, Default)]
pub struct Patterns(Vec<Pattern>);

#[derive(Debug)]
enum Pattern {
    Plain(String),
    Regex(Regex),
}

/// A pattern that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the pattern {pattern:?} is not a valid regular expression: {reason}")]
pub struct PatternError {
    pattern: String,
    reason: String,
}

impl Explain for PatternError {
    fn hint(&self) -> Option<String> {
        Some("plain text matches any part of a name, and * stands for anything".to_owned())
    }
}

impl Patterns {
    /// Reads patterns as typed.
    pub fn parse<T: AsRef<str>>(typed: &[T]) -> Result<Self, PatternError> {
        typed
            .iter()
            .map(|text| Pattern::parse(text.as_ref()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether there is none, so that everything matches.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The indexes of the names that match, in order. Without a pattern, all.
    ///
    /// ```
    /// use plugin_core::pattern::Patterns;
    ///
    /// let names = ["web", "web-1", "my-web"];
    /// let matching = |typed: &str| Patterns::parse(&[typed]).unwrap().select(&names);
    /// assert_eq!(matching("web"), [0]);
    /// assert_eq!(matching("web-"), [1]);
    /// assert_eq!(matching("eb"), [0, 1, 2]);
    /// assert_eq!(matching("*web"), [0, 2]);
    /// assert_eq!(matching("^w.*[0-9]$"), [1]);
    /// ```
    pub fn select<T: AsRef<str>>(&self, names: &[T]) -> Vec<usize> {
        if self.is_empty() {
            return (0..names.len()).collect();
        }
        let mut hit = vec![false; names.len()];
        for pattern in &self.0 {
            pattern.mark(names, &mut hit);
        }
        (0..names.len()).filter(|index| hit[*index]).collect()
    }

    /// Whether a name alone matches, for streams in which not all names are known: the tiers of plain text
    /// become "anywhere in the name".
    pub fn may_match(&self, name: &str) -> bool {
        self.is_empty()
            || self.0.iter().any(|pattern| match pattern {
                Pattern::Plain(text) => name.contains(text.as_str()),
                Pattern::Regex(regex) => regex.is_match(name),
            })
    }
}

impl Pattern {
    fn parse(typed: &str) -> Result<Self, PatternError> {
        const REGEX_ONLY: [char; 10] = ['^', '$', '|', '\\', '(', ')', '[', ']', '+', '?'];
        let source = if typed.contains(REGEX_ONLY) || typed.contains(".*") {
            typed.to_owned()
        } else if typed.contains('*') {
            let parts: Vec<String> = typed.split('*').map(regex::escape).collect();
            format!("^{}$", parts.join(".*"))
        } else {
            return Ok(Self::Plain(typed.to_owned()));
        };
        Regex::new(&source)
            .map(Self::Regex)
            .map_err(|error| PatternError {
                pattern: typed.to_owned(),
                reason: last_line(&error.to_string()),
            })
    }

    fn mark<T: AsRef<str>>(&self, names: &[T], hit: &mut [bool]) {
        let mut mark = |fits: &dyn Fn(&str) -> bool| {
            let mut any = false;
            for (name, hit) in names.iter().zip(hit.iter_mut()) {
                if fits(name.as_ref()) {
                    *hit = true;
                    any = true;
                }
            }
            any
        };
        match self {
            Self::Regex(regex) => {
                mark(&|name| regex.is_match(name));
            }
            Self::Plain(text) => {
                let _ = mark(&|name| name == text)
                    || mark(&|name| name.starts_with(text.as_str()))
                    || mark(&|name| name.contains(text.as_str()));
            }
        }
    }
}

/// The regex crate draws the pattern with a mark under the mistake; the sentence stands last.
fn last_line(text: &str) -> String {
    let line = text.lines().last().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn several_patterns_are_a_union() {
        let patterns = Patterns::parse(&["api", "web-1"]).unwrap();
        assert_eq!(patterns.select(&["web-1", "db", "api-0"]), [0, 2]);
    }

    #[test]
    fn a_dot_alone_is_plain_text() {
        let patterns = Patterns::parse(&["a.b"]).unwrap();
        assert_eq!(patterns.select(&["axb", "a.b.example.com"]), [1]);
    }

    #[test]
    fn a_broken_expression_is_explained_in_one_line() {
        let error = Patterns::parse(&["web["]).unwrap_err();
        let expected =
            "the pattern \"web[\" is not a valid regular expression: unclosed character class";
        assert_eq!(error.to_string(), expected);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(typed in "\\PC{0,12}", name in "[a-z0-9.-]{1,20}") {
            if let Ok(patterns) = Patterns::parse(&[typed]) {
                let _ = patterns.select(&[name.as_str()]);
            }
        }

        #[test]
        fn a_name_matches_itself(name in "[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?") {
            let patterns = Patterns::parse(&[name.as_str()]).unwrap();
            prop_assert_eq!(patterns.select(&[name.as_str()]), [0]);
            prop_assert!(patterns.may_match(&name));
        }

        #[test]
        fn what_is_selected_may_match(typed in "[a-z0-9-]{1,3}\\*?", names in prop::collection::vec("[a-z0-9-]{1,8}", 0..8)) {
            let patterns = Patterns::parse(&[typed]).unwrap();
            for index in patterns.select(&names) {
                prop_assert!(patterns.may_match(&names[index]));
            }
        }
    }
}
