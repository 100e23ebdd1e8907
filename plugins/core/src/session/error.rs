//! What can go wrong between us and an API server, in words.

use std::error::Error;
use std::io;
use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use crate::error::Explain;

/// Why a request got no useful answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SessionError {
    /// The kubeconfig does not tell how to get there.
    #[error(transparent)]
    Kubeconfig(#[from] SharedKubeconfigError),
    /// A setting of the context cannot be used.
    #[error("context {context:?} cannot be used: {what}")]
    Setting {
        /// The context.
        context: String,
        /// The setting and what is wrong with it.
        what: String,
    },
    /// A login method that clients no longer have built in.
    #[error(
        "context {context:?} logs in by the auth provider {name:?}, which kubectl no longer has either"
    )]
    AuthProvider {
        /// The context.
        context: String,
        /// The provider.
        name: String,
    },
    /// A credential plugin gave nothing.
    #[error("context {context:?}: the credential plugin {command:?} {what}")]
    Plugin {
        /// The context.
        context: String,
        /// The program.
        command: String,
        /// What it did.
        what: String,
        /// What its owner says about getting it.
        install_hint: String,
    },
    /// No answer.
    #[error("cannot reach the API server of context {context:?} at {server}: {cause}")]
    Unreachable {
        /// The context.
        context: String,
        /// The server's URL.
        server: String,
        /// The deepest cause.
        cause: String,
    },
    /// The client certificate is no longer valid.
    #[error("the client certificate of context {context:?} expired on {}", expired.strftime("%Y-%m-%d %H:%M UTC"))]
    CertificateExpired {
        /// The context.
        context: String,
        /// When.
        expired: Timestamp,
    },
    /// An answer that says no.
    #[error("{}", refusal(context, server, status))]
    Refused {
        /// The context.
        context: String,
        /// The server's URL.
        server: String,
        /// What it said.
        status: Status,
    },
    /// An answer that is not what was asked for.
    #[error("the API server of context {context:?} sent something that is not {expected}")]
    Garbled {
        /// The context.
        context: String,
        /// What was asked for.
        expected: &'static str,
    },
}

/// [`kubeconfig::Error`], shared so that a session error can be kept and shown again.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
pub struct SharedKubeconfigError(#[from] std::sync::Arc<kubeconfig::Error>);

impl From<kubeconfig::Error> for SessionError {
    fn from(error: kubeconfig::Error) -> Self {
        Self::Kubeconfig(SharedKubeconfigError(std::sync::Arc::new(error)))
    }
}

impl SessionError {
    /// The HTTP status, where the server answered.
    pub fn status(&self) -> Option<&Status> {
        match self {
            Self::Refused { status, .. } => Some(status),
            _ => None,
        }
    }
}

impl Explain for SessionError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Kubeconfig(error) => error.0.hint(),
            Self::Setting { context, .. } => Some(format!(
                "`kubectl config view --minify --context {context}` shows its settings"
            )),
            Self::AuthProvider { .. } => {
                Some("a credential plugin has taken its place, such as kubelogin for oidc".to_owned())
            }
            Self::Plugin { install_hint, .. } if !install_hint.is_empty() => {
                Some(install_hint.lines().next().unwrap_or_default().to_owned())
            }
            Self::Plugin { command, .. } => Some(format!("run {command:?} by hand to see what it says")),
            Self::Unreachable { cause, .. } if cause.contains("certificate") => {
                Some("is this the right cluster? its certificate-authority in the kubeconfig does not fit".to_owned())
            }
            Self::Unreachable { .. } => Some("is that cluster running? `--context` picks another".to_owned()),
            Self::CertificateExpired { .. } => Some("log in again, or get a new kubeconfig from who runs the cluster".to_owned()),
            Self::Refused { status, .. } if status.code == StatusCode::UNAUTHORIZED.as_u16() => {
                Some("the credentials may have expired: log in again as you did for this cluster".to_owned())
            }
            Self::Refused { .. } | Self::Garbled { .. } => None,
        }
    }
}

fn refusal(context: &str, server: &str, status: &Status) -> String {
    match status.code {
        401 => format!(
            "the API server of context {context:?} at {server} does not accept the credentials (401 Unauthorized)"
        ),
        code => format!(
            "the API server of context {context:?} answered {code}: {}",
            status.message
        ),
    }
}

/// What an API server says when it says no (`metav1.Status`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Status {
    /// The HTTP status.
    pub code: u16,
    /// The machine's word, such as `Forbidden` or `Expired`.
    pub reason: String,
    /// The sentence.
    pub message: String,
    /// When to come back, where the server says so (`Retry-After`).
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

impl Status {
    /// Reads the body of a refusal; one that is no Status is kept as text, first line only.
    pub fn read(code: StatusCode, retry_after: Option<Duration>, body: &[u8]) -> Self {
        let mut status: Self = serde_json::from_slice(body).unwrap_or_default();
        status.code = code.as_u16();
        status.retry_after = retry_after;
        if status.message.is_empty() {
            let text = String::from_utf8_lossy(body);
            status.message = match text.lines().next().map(str::trim) {
                Some(line) if !line.is_empty() => line.chars().take(200).collect(),
                _ => code
                    .canonical_reason()
                    .unwrap_or("no reason given")
                    .to_owned(),
            };
        }
        status
    }

    /// Whether it says that the rights are missing.
    pub fn is_forbidden(&self) -> bool {
        self.code == 403
    }

    /// Whether it says that the resource version asked for is too old to go on from.
    pub fn is_expired(&self) -> bool {
        self.code == 410 || self.reason == "Expired" || self.reason == "Gone"
    }
}

/// The deepest cause of an error that is worth saying.
pub(super) fn cause(error: &(dyn Error + 'static)) -> String {
    let mut deepest = error;
    loop {
        if let Some(io) = deepest.downcast_ref::<io::Error>() {
            match io.get_ref() {
                Some(inner) => {
                    deepest = inner;
                    continue;
                }
                None => return io_cause(io),
            }
        }
        if let Some(tls) = deepest.downcast_ref::<rustls::Error>() {
            return tls_cause(tls);
        }
        if deepest.is::<tower::timeout::error::Elapsed>() {
            return "no connection within 4 s".to_owned();
        }
        match deepest.source() {
            Some(source) => deepest = source,
            None => return deepest.to_string(),
        }
    }
}

fn io_cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::ConnectionReset => "connection reset".to_owned(),
        io::ErrorKind::TimedOut => "no connection within 4 s".to_owned(),
        io::ErrorKind::UnexpectedEof => "connection closed".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error")
                .next()
                .unwrap_or_default()
                .to_lowercase()
        }
    }
}

fn tls_cause(error: &rustls::Error) -> String {
    use rustls::CertificateError as Bad;
    match error {
        rustls::Error::InvalidCertificate(bad) => match bad {
            Bad::UnknownIssuer => "its certificate is signed by an unknown authority".to_owned(),
            Bad::Expired | Bad::ExpiredContext { .. } => "its certificate has expired".to_owned(),
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
                "its certificate is not valid yet".to_owned()
            }
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => {
                "its certificate is for another name".to_owned()
            }
            other => format!("its certificate is not accepted: {other}"),
        },
        rustls::Error::InvalidMessage(_) => "it does not speak TLS".to_owned(),
        other => format!("TLS: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_that_is_no_status_keeps_its_first_line() {
        let status = Status::read(StatusCode::BAD_GATEWAY, None, b"upstream died\nmore");
        assert_eq!(
            (status.code, status.message.as_str()),
            (502, "upstream died")
        );
    }

    #[test]
    fn an_empty_refusal_gets_the_standard_words() {
        assert_eq!(
            Status::read(StatusCode::NOT_FOUND, None, b"").message,
            "Not Found"
        );
    }
}
