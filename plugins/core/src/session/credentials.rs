//! Who we are to the server, by client-go's order: token, token file, password, credential plugin.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::error::SessionError;
use super::exec::ExecPlugin;
use super::server::Server;
use crate::env::{self, Env};

/// A client certificate with its key, both PEM.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub certificate: Vec<u8>,
    pub key: Vec<u8>,
}

/// What goes with each request.
#[derive(Clone, Default)]
pub(super) struct Credentials {
    pub authorization: Option<HeaderValue>,
    pub identity: Option<Identity>,
    pub expires: Option<Timestamp>,
}

enum Source {
    Fixed,
    TokenFile(PathBuf),
    Exec(Box<ExecPlugin>),
}

/// Hands out credentials and renews them where that is possible.
pub(super) struct Authenticator {
    context: String,
    source: Source,
    current: Mutex<Option<Arc<Credentials>>>,
}

/// Projected service account tokens change on disk; client-go reads the file again after a minute.
const TOKEN_FILE_LIFE: SignedDuration = SignedDuration::from_secs(60);

impl Authenticator {
    pub fn new(server: &Server, env: &Env) -> Result<Self, SessionError> {
        let context = server.context.clone();
        let user = server.user.clone().unwrap_or_default();
        let fixed = |authorization| {
            Some(Arc::new(Credentials {
                authorization,
                ..Credentials::default()
            }))
        };
        let token = user.token.trim();
        let (source, current) = if !token.is_empty() {
            (Source::Fixed, fixed(Some(bearer(&context, token)?)))
        } else if let Some(file) = server.token_file() {
            (Source::TokenFile(file), None)
        } else if !user.username.is_empty() || !user.password.is_empty() {
            let pair = STANDARD.encode(format!("{}:{}", user.username, user.password));
            (
                Source::Fixed,
                fixed(Some(secret(
                    &context,
                    "password",
                    &format!("Basic {pair}"),
                )?)),
            )
        } else if let Some(exec) = server.exec() {
            let plugin = ExecPlugin::new(&context, exec, &server.cluster, env)?;
            (Source::Exec(Box::new(plugin)), None)
        } else if let Some(provider) = user.auth_provider.filter(|p| !p.name.is_empty()) {
            return Err(SessionError::AuthProvider {
                context,
                name: provider.name,
            });
        } else {
            (Source::Fixed, fixed(None))
        };
        Ok(Self {
            context,
            source,
            current: Mutex::new(current),
        })
    }

    /// Whether new credentials may help after the server has refused these.
    pub fn can_refresh(&self) -> bool {
        !matches!(self.source, Source::Fixed)
    }

    /// The credentials to use now. Requests that come at once wait for one run of a plugin.
    pub async fn credentials(&self, refresh: bool) -> Result<Arc<Credentials>, SessionError> {
        let mut current = self.current.lock().await;
        let now = env::now();
        if let Some(kept) = current.as_ref()
            && !refresh
            && kept.expires.is_none_or(|end| now < end)
        {
            return Ok(Arc::clone(kept));
        }
        let fresh = Arc::new(match &self.source {
            Source::Fixed => return Ok(current.clone().unwrap_or_default()),
            Source::TokenFile(path) => self.read_token(path, now)?,
            Source::Exec(plugin) => plugin.run().await?,
        });
        *current = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    fn read_token(&self, path: &PathBuf, now: Timestamp) -> Result<Credentials, SessionError> {
        let token = fs::read_to_string(path).map_err(|error| SessionError::Setting {
            context: self.context.clone(),
            what: format!("its token file {} cannot be read: {error}", path.display()),
        })?;
        Ok(Credentials {
            authorization: Some(bearer(&self.context, token.trim())?),
            identity: None,
            expires: Some(now + TOKEN_FILE_LIFE),
        })
    }
}

/// A bearer token as a header, marked so that it is never shown.
pub(super) fn bearer(context: &str, token: &str) -> Result<HeaderValue, SessionError> {
    secret(context, "token", &format!("Bearer {token}"))
}

fn secret(context: &str, what: &str, text: &str) -> Result<HeaderValue, SessionError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| SessionError::Setting {
        context: context.to_owned(),
        what: format!("its {what} holds characters that cannot be sent"),
    })?;
    value.set_sensitive(true);
    Ok(value)
}
