//! What can go wrong when objects are looked at.

use plugin_core::discovery::Resource;
use plugin_core::error::{Exit, Explain};
use plugin_core::render::words;
use plugin_core::session::{Session, SessionError};
use plugin_core::table::Query;

/// Why nothing is shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GetError {
    /// The user may not look.
    #[error("cannot list {plural}{place}: not allowed for user {user:?}\n{message}")]
    Forbidden {
        plural: String,
        place: String,
        user: String,
        message: String,
        check: String,
    },
    /// The server refuses this query.
    #[error("cannot list {plural}{place}: {message}")]
    Refused {
        plural: String,
        place: String,
        message: String,
    },
    /// The type cannot be listed at all.
    #[error("{0} cannot be listed: the server only answers questions of this type")]
    NotListable(String),
    /// The namespace is not there.
    #[error("namespace {namespace:?} not found (context {context:?})")]
    NoSuchNamespace { namespace: String, context: String },
    /// No name matches.
    #[error("no {plural} match {patterns}{place}")]
    NoMatch {
        plural: String,
        patterns: String,
        place: String,
        nearest: Option<String>,
        elsewhere: Vec<(String, usize)>,
    },
    /// Anything on the way to the server.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl GetError {
    /// Says of an error which objects it is about.
    pub fn of(session: &Session, resource: &Resource, query: &Query, error: SessionError) -> Self {
        let Some(status) = error.status() else {
            return Self::Session(error);
        };
        let plural = resource.plural_name();
        let namespaced = query.path.contains("/namespaces/");
        let place = place(session, namespaced && resource.namespaced);
        let message = status.message.clone();
        match status.code {
            403 => Self::Forbidden {
                user: user_in(&message).to_owned(),
                check: check(session, &plural, namespaced),
                plural,
                place,
                message,
            },
            400..=499 if status.code != 401 => Self::Refused {
                plural,
                place,
                message,
            },
            _ => Self::Session(error),
        }
    }
}

impl Explain for GetError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Forbidden { check, .. } => Some(format!("`{check}` asks the server again")),
            Self::NoSuchNamespace { .. } => Some("`kubectl get ns` lists what there is".to_owned()),
            Self::NoMatch {
                nearest, elsewhere, ..
            } => no_match_hint(nearest.as_deref(), elsewhere),
            Self::Session(error) => error.hint(),
            Self::Refused { .. } | Self::NotListable(_) => None,
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::NoMatch { .. } => Exit::No,
            _ => Exit::Failed,
        }
    }
}

/// ` in namespace "shop"`, or nothing for a cluster-wide question.
pub(crate) fn place(session: &Session, namespaced: bool) -> String {
    if namespaced {
        format!(" in namespace {:?}", session.namespace)
    } else {
        String::new()
    }
}

fn check(session: &Session, plural: &str, namespaced: bool) -> String {
    let scope = if namespaced {
        format!("-n {}", session.namespace)
    } else {
        "-A".to_owned()
    };
    format!(
        "kubectl auth can-i list {plural} {scope} --context {}",
        session.context
    )
}

/// The server's sentence is the only place that says who we are to it.
fn user_in(message: &str) -> &str {
    message
        .split_once("User \"")
        .and_then(|(_, rest)| rest.split('"').next())
        .unwrap_or("unknown")
}

fn no_match_hint(nearest: Option<&str>, elsewhere: &[(String, usize)]) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(nearest) = nearest {
        parts.push(format!("the nearest name is {nearest:?}"));
    }
    if let Some((first, _)) = elsewhere.first() {
        let places: Vec<String> = elsewhere
            .iter()
            .take(4)
            .map(|(namespace, count)| format!("{namespace} ({count})"))
            .collect();
        let more = elsewhere.len().saturating_sub(4);
        let more = if more > 0 {
            format!(" and {}", words::count(more, "more namespace"))
        } else {
            String::new()
        };
        parts.push(format!(
            "it matches in {}{more}; add `-n {first}` or `-A`",
            places.join(", ")
        ));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_is_read_from_the_servers_sentence() {
        assert_eq!(
            user_in("pods is forbidden: User \"dev\" cannot list resource"),
            "dev"
        );
        assert_eq!(user_in("no"), "unknown");
    }

    #[test]
    fn no_match_says_where_else_and_ends_with_one() {
        let error = GetError::NoMatch {
            plural: "pods".to_owned(),
            patterns: "\"web\"".to_owned(),
            place: " in namespace \"default\"".to_owned(),
            nearest: None,
            elsewhere: vec![("shop".to_owned(), 3), ("dev".to_owned(), 1)],
        };
        assert_eq!(
            error.to_string(),
            "no pods match \"web\" in namespace \"default\""
        );
        assert_eq!(
            error.hint().unwrap(),
            "it matches in shop (3), dev (1); add `-n shop` or `-A`"
        );
        assert_eq!(error.exit(), Exit::No);
    }
}
