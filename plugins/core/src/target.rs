//! Which context and namespace a command is about: `@CTX/NS`, `--context`, `-n`.

use kubeconfig::Kubeconfig;

use crate::error::Explain;
use crate::render::words;

/// The context and namespace asked for; what is not asked for, the kubeconfig decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// The exact name of a context.
    pub context: Option<String>,
    /// A namespace.
    pub namespace: Option<String>,
}

/// Why no target could be made of what was typed.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// `@` together with `--context` or `-n`.
    #[error("{at} and {flag} both say where; give one of them")]
    Both {
        /// What was typed after `@`, with it.
        at: String,
        /// The flag.
        flag: &'static str,
    },
    /// `@` with nothing behind it.
    #[error("@ has to be followed by a context, as in @CONTEXT or @CONTEXT/NAMESPACE")]
    Nothing,
    /// A part of a name that several contexts have.
    #[error("{typed} may mean the contexts {}", words::list(matching, "and"))]
    Ambiguous {
        /// What was typed.
        typed: String,
        /// The contexts it fits, as many as are worth showing.
        matching: Vec<String>,
    },
    /// A name that no context has.
    #[error(transparent)]
    NoSuchContext(#[from] kubeconfig::Error),
}

impl Explain for TargetError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Ambiguous { .. } => Some("type more of the name".to_owned()),
            Self::NoSuchContext(error) => error.hint(),
            Self::Both { .. } | Self::Nothing => None,
        }
    }
}

impl Target {
    /// Makes one target of all that was typed.
    pub fn choose(
        kubeconfig: &Kubeconfig,
        at: Option<&str>,
        context: Option<&str>,
        namespace: Option<&str>,
    ) -> Result<Self, TargetError> {
        let Some(at) = at else {
            return Ok(Self {
                context: context.map(str::to_owned),
                namespace: namespace.map(str::to_owned),
            });
        };
        for (given, flag) in [(context, "--context"), (namespace, "--namespace")] {
            if given.is_some() {
                let at = format!("@{at}");
                return Err(TargetError::Both { at, flag });
            }
        }
        Self::at(kubeconfig, at)
    }

    /// Reads what stands after `@`. A name of a context may hold slashes itself, so the whole is tried first.
    fn at(kubeconfig: &Kubeconfig, typed: &str) -> Result<Self, TargetError> {
        if typed.is_empty() {
            return Err(TargetError::Nothing);
        }
        let names: Vec<&str> = kubeconfig.context_names().collect();
        let whole = find(&names, typed)?;
        let (context, namespace) = match (whole, typed.rsplit_once('/')) {
            (Some(context), _) => (Some(context), None),
            (None, Some((context, namespace))) => (find(&names, context)?, Some(namespace)),
            (None, None) => (None, None),
        };
        let Some(context) = context else {
            let context = typed.rsplit_once('/').map_or(typed, |(context, _)| context);
            return Err(kubeconfig.no_such_context(context).into());
        };
        Ok(Self {
            context: Some(context.to_owned()),
            namespace: namespace.filter(|name| !name.is_empty()).map(str::to_owned),
        })
    }
}

/// Finds a context by its name, else by a beginning, else by a part that only it has.
fn find<'a>(names: &[&'a str], typed: &str) -> Result<Option<&'a str>, TargetError> {
    if let Some(exact) = names.iter().find(|name| **name == typed) {
        return Ok(Some(exact));
    }
    let begins = |name: &str| name.starts_with(typed);
    let contains = |name: &str| name.contains(typed);
    let tiers: [&dyn Fn(&str) -> bool; 2] = [&begins, &contains];
    for fits in tiers {
        let matching: Vec<&str> = names.iter().copied().filter(|name| fits(name)).collect();
        match matching.as_slice() {
            [] => {}
            [one] => return Ok(Some(one)),
            many => {
                return Err(TargetError::Ambiguous {
                    typed: format!("@{typed}"),
                    matching: many.iter().take(5).map(|name| (*name).to_owned()).collect(),
                });
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = [
        "arn:aws:eks:eu:1:cluster/shop",
        "kind-dev",
        "kind-dev-2",
        "prod",
    ];

    #[test]
    fn an_exact_name_wins_over_a_longer_one() {
        assert_eq!(find(&NAMES, "kind-dev").unwrap(), Some("kind-dev"));
    }

    #[test]
    fn a_part_that_one_context_has_is_enough() {
        assert_eq!(find(&NAMES, "eks").unwrap(), Some(NAMES[0]));
        assert_eq!(find(&NAMES, "pr").unwrap(), Some("prod"));
    }

    #[test]
    fn a_beginning_that_two_contexts_have_is_refused() {
        let error = find(&NAMES, "kind").unwrap_err();
        assert_eq!(
            error.to_string(),
            "@kind may mean the contexts kind-dev and kind-dev-2"
        );
    }

    #[test]
    fn nothing_fits() {
        assert_eq!(find(&NAMES, "zzz").unwrap(), None);
    }
}
