//! Protected contexts: those in which a slip would hurt.

/// Why a context counts as protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Its name, or its cluster's, says production.
    ByName,
    /// The context's own `extensions` say so.
    ByExtension,
}

/// The name of the `extensions` entry that protects a context in the kubeconfig itself.
pub const EXTENSION: &str = "kubectl-quick.protected";

/// Whether a context is protected, and why.
///
/// A name says production if `prod`, `prd` or `live` stands in it as a whole word:
///
/// ```
/// use plugin_core::protect::{Protection, protection};
///
/// assert_eq!(protection("shop-prod-eu", "c1", &[]), Some(Protection::ByName));
/// assert_eq!(protection("nonprod", "preprod-1", &[]), None);
/// ```
pub fn protection(context: &str, cluster: &str, extensions: &[String]) -> Option<Protection> {
    if extensions.iter().any(|name| name == EXTENSION) {
        return Some(Protection::ByExtension);
    }
    [context, cluster]
        .iter()
        .any(|name| says_production(name))
        .then_some(Protection::ByName)
}

fn says_production(name: &str) -> bool {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(str::to_ascii_lowercase)
        .collect();
    words.iter().enumerate().any(|(index, word)| {
        let negated =
            index > 0 && matches!(words[index - 1].as_str(), "non" | "pre" | "no" | "not");
        matches!(word.as_str(), "prod" | "prd" | "live" | "production") && !negated
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clusters_name_counts_too() {
        assert_eq!(
            protection("me", "gke_acme_europe_prd", &[]),
            Some(Protection::ByName)
        );
    }

    #[test]
    fn a_part_of_a_word_does_not_count() {
        for name in [
            "product-db",
            "deliver",
            "olive",
            "non-prod",
            "pre_prod",
            "nonprod",
        ] {
            assert_eq!(protection(name, "", &[]), None, "{name}");
        }
    }

    #[test]
    fn the_kubeconfig_can_say_so_itself() {
        let extensions = [EXTENSION.to_owned()];
        assert_eq!(
            protection("kind", "kind", &extensions),
            Some(Protection::ByExtension)
        );
    }
}
