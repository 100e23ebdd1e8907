//! The only place that talks to an API server.
//!
//! ```text
//! Kubeconfig + Target ─open─▶ Session ─get / stream─▶ bytes
//!                               │ credentials: once a command, again on 401 and on expiry
//!                               └ transport:   TCP_NODELAY, keep-alive, proxy, TLS
//! ```
//!
//! The connector is our own: kube's default leaves Nagle's algorithm on, which costs every first request 40 ms
//! (<https://github.com/kube-rs/kube/issues/2056>), runs credential plugins three times, and retries for minutes.

mod certificate;
mod credentials;
mod error;
mod exec;
mod in_cluster;
mod proxy;
mod server;
mod stream;
mod tcp;
mod transport;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, AUTHORIZATION, HeaderName, USER_AGENT};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use kube::client::Body;
use kubeconfig::Kubeconfig;
use tokio::time::timeout;

use crate::env::Env;
use crate::protect::Protection;
use crate::target::Target;
use credentials::Authenticator;
pub use error::{SessionError, Status};
pub use stream::Lines;
use transport::Transport;

/// How long an answer may take to begin, unless `--request-timeout` says otherwise.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// How often, and how long in all, a request is repeated because the server asks for it (`Retry-After`).
const RETRIES: usize = 3;
const RETRY_LIMIT: Duration = Duration::from_secs(5);

/// Who to act as, from the command line; wins over the kubeconfig.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Impersonation {
    /// The user.
    pub user: Option<String>,
    /// The user's uid.
    pub uid: Option<String>,
    /// The groups.
    pub groups: Vec<String>,
}

/// What the command line says about requests.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Who to act as.
    pub impersonation: Impersonation,
    /// How long an answer may take to begin.
    pub answer_limit: Option<Duration>,
    /// The program's name and version, for audit logs.
    pub user_agent: String,
}

/// One context's API server, reached with one user's credentials.
#[derive(Clone)]
pub struct Session {
    /// The context's name.
    pub context: String,
    /// The namespace that commands use unless told otherwise.
    pub namespace: String,
    /// Whether the context is protected, and why.
    pub protection: Option<Protection>,
    /// The API server's URL.
    pub server: String,
    client: kube::Client,
    answer_limit: Duration,
    warnings: Arc<Mutex<Vec<String>>>,
}

impl Session {
    /// Prepares a session; nothing is sent, and no credential plugin runs, before the first request.
    ///
    /// Has to be called on a runtime.
    pub fn open(
        kubeconfig: &Kubeconfig,
        target: &Target,
        options: &Options,
        env: &Env,
    ) -> Result<Self, SessionError> {
        let server = server::Server::choose(kubeconfig, target, env)?;
        let url = server.url()?;
        let headers = fixed_headers(&server, options)?;
        let authenticator = Authenticator::new(&server, env)?;
        let transport = Transport::new(&server, url.clone(), env)?;
        let shared = Arc::new(Wire {
            context: server.context.clone(),
            url,
            headers,
            authenticator,
            transport,
        });
        let answer_limit = options.answer_limit.unwrap_or(ANSWER_LIMIT);
        let service = {
            let wire = Arc::clone(&shared);
            tower::service_fn(move |request| {
                let wire = Arc::clone(&wire);
                async move { wire.send(request).await }
            })
        };
        Ok(Self {
            client: kube::Client::new(service, &server.namespace),
            namespace: server.namespace,
            server: shared.url.to_string().trim_end_matches('/').to_owned(),
            context: server.context,
            protection: server.protection,
            answer_limit,
            warnings: Arc::default(),
        })
    }

    /// What the server has warned of since this was last asked, such as the use of a deprecated type; each once.
    pub fn take_warnings(&self) -> Vec<String> {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *warnings)
    }

    fn note_warnings(&self, headers: &http::HeaderMap) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        for warning in headers.get_all(http::header::WARNING) {
            if let Some(text) = warning.to_str().ok().and_then(warning_text)
                && !warnings.contains(&text)
            {
                warnings.push(text);
            }
        }
    }

    /// The same session as kube's client, for what kube does on top of requests.
    pub fn client(&self) -> &kube::Client {
        &self.client
    }

    /// Asks for `path` (with its query) and reads the whole answer.
    pub async fn get(&self, path: &str, accept: &'static str) -> Result<Bytes, SessionError> {
        let mut body = self.ask(path, accept).await?.into_body();
        let mut whole = BytesMut::new();
        // The limit is for silence: a large answer over a slow line may take its time.
        while let Some(frame) = timeout(self.answer_limit, body.frame())
            .await
            .map_err(|_| self.unreachable("the answer stopped half-way"))?
        {
            let frame = frame.map_err(|error| self.unreachable(&error::cause(&error)))?;
            if let Ok(chunk) = frame.into_data() {
                whole.extend_from_slice(&chunk);
            }
        }
        Ok(whole.freeze())
    }

    /// Asks for `path` and reads the answer line by line as it comes.
    pub async fn stream(&self, path: &str, accept: &'static str) -> Result<Lines, SessionError> {
        let response = self.ask(path, accept).await?;
        Ok(Lines::new(response.into_body()))
    }

    /// Asks, and asks again where the server says when: a few times, and for a few seconds in all.
    async fn ask(&self, path: &str, accept: &'static str) -> Result<Response<Body>, SessionError> {
        let mut patience = RETRY_LIMIT;
        for _ in 0..RETRIES {
            match self.ask_once(path, accept).await {
                Err(SessionError::Refused { status, .. })
                    if status.retry_after.is_some_and(|wait| wait <= patience) =>
                {
                    let wait = status.retry_after.unwrap_or_default();
                    patience -= wait;
                    tokio::time::sleep(wait).await;
                }
                outcome => return outcome,
            }
        }
        self.ask_once(path, accept).await
    }

    async fn ask_once(
        &self,
        path: &str,
        accept: &'static str,
    ) -> Result<Response<Body>, SessionError> {
        let request = Request::get(path)
            .header(ACCEPT, accept)
            .body(Body::empty())
            .expect("paths are built from percent-encoded parts");
        let response = timeout(self.answer_limit, self.client.send(request))
            .await
            .map_err(|_| {
                let seconds = self.answer_limit.as_secs();
                self.unreachable(&format!("no answer within {seconds} s"))
            })?
            .map_err(|error| self.failed(error))?;
        self.note_warnings(response.headers());
        if response.status().is_success() {
            return Ok(response);
        }
        Err(self.refused(response).await)
    }

    async fn refused(&self, response: Response<Body>) -> SessionError {
        let status = response.status();
        let retry_after = retry_after(response.headers());
        let body = timeout(self.answer_limit, response.into_body().collect())
            .await
            .ok()
            .and_then(Result::ok)
            .map(http_body_util::Collected::to_bytes)
            .unwrap_or_default();
        SessionError::Refused {
            context: self.context.clone(),
            server: self.server.clone(),
            status: Status::read(status, retry_after, &body),
        }
    }

    fn failed(&self, error: kube::Error) -> SessionError {
        match error {
            kube::Error::Service(error) => match error.downcast::<SessionError>() {
                Ok(error) => *error,
                Err(error) => self.unreachable(&error::cause(&*error)),
            },
            other => self.unreachable(&error::cause(&other)),
        }
    }

    fn unreachable(&self, cause: &str) -> SessionError {
        SessionError::Unreachable {
            context: self.context.clone(),
            server: self.server.clone(),
            cause: cause.to_owned(),
        }
    }
}

/// What every request of a session shares.
struct Wire {
    context: String,
    url: http::Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
    authenticator: Authenticator,
    transport: Transport,
}

impl Wire {
    /// Sends one request; if the server does not accept the credentials and a plugin can make new ones, once more.
    async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, SessionError> {
        let (parts, body) = request.into_parts();
        let again = body.try_clone();
        let first = Request::from_parts(parts.clone(), body);
        let response = self.send_once(first, false).await?;
        match again {
            Some(body)
                if response.status() == StatusCode::UNAUTHORIZED
                    && self.authenticator.can_refresh() =>
            {
                self.send_once(Request::from_parts(parts, body), true).await
            }
            _ if response.status() == StatusCode::UNAUTHORIZED => self.unauthorized(response),
            _ => Ok(response),
        }
    }

    async fn send_once(
        &self,
        mut request: Request<Body>,
        refresh: bool,
    ) -> Result<Response<Incoming>, SessionError> {
        let credentials = self.authenticator.credentials(refresh).await?;
        *request.uri_mut() = server::join(&self.url, request.uri());
        let headers = request.headers_mut();
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        if let Some(value) = &credentials.authorization {
            headers.insert(AUTHORIZATION, value.clone());
        }
        let client = self.transport.client(credentials.identity.as_ref())?;
        match client.request(request).await {
            Ok(response) => Ok(response),
            Err(error) => Err(SessionError::Unreachable {
                context: self.context.clone(),
                server: self.url.to_string().trim_end_matches('/').to_owned(),
                cause: error::cause(&error),
            }),
        }
    }

    /// An expired client certificate gets its own message: the server only says "Unauthorized".
    fn unauthorized(
        &self,
        response: Response<Incoming>,
    ) -> Result<Response<Incoming>, SessionError> {
        match self.transport.expired_client_certificate(crate::env::now()) {
            Some(expired) => Err(SessionError::CertificateExpired {
                context: self.context.clone(),
                expired,
            }),
            None => Ok(response),
        }
    }
}

/// The text of a `Warning` header of the form API servers send: `299 - "text"`.
fn warning_text(header: &str) -> Option<String> {
    let quoted = header.strip_prefix("299 ")?.split_once(' ')?.1;
    let inner = quoted.trim().strip_prefix('"')?.strip_suffix('"')?;
    Some(inner.replace("\\\"", "\"").replace("\\\\", "\\"))
}

/// `Retry-After` in seconds, the only form API servers use.
fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    let seconds = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

fn fixed_headers(
    server: &server::Server,
    options: &Options,
) -> Result<Vec<(HeaderName, HeaderValue)>, SessionError> {
    let user = server.user.clone().unwrap_or_default();
    let asked = &options.impersonation;
    let from_flags = *asked != Impersonation::default();
    let (as_user, as_uid, as_groups) = if from_flags {
        (
            asked.user.clone().unwrap_or_default(),
            asked.uid.clone().unwrap_or_default(),
            asked.groups.clone(),
        )
    } else {
        (
            user.impersonate,
            user.impersonate_uid,
            user.impersonate_groups,
        )
    };
    let mut texts = vec![
        (USER_AGENT, options.user_agent.clone()),
        (HeaderName::from_static("impersonate-user"), as_user),
        (HeaderName::from_static("impersonate-uid"), as_uid),
    ];
    for group in as_groups {
        texts.push((HeaderName::from_static("impersonate-group"), group));
    }
    texts.retain(|(_, text)| !text.is_empty());
    texts
        .into_iter()
        .map(|(name, text)| match HeaderValue::from_str(&text) {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(SessionError::Setting {
                context: server.context.clone(),
                what: format!("{name} cannot be sent: it holds control characters"),
            }),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_read_from_its_header() {
        let header = r#"299 - "v1 ComponentStatus is deprecated in v1.19+""#;
        let text = warning_text(header);
        assert_eq!(
            text.as_deref(),
            Some("v1 ComponentStatus is deprecated in v1.19+")
        );
        assert_eq!(warning_text("110 - \"stale\""), None);
    }
}
