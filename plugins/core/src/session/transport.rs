//! Connections: TCP with nodelay and keep-alive, a proxy where there is one, TLS.

use std::sync::Mutex;
use std::time::Duration;

use http::Uri;
use hyper_rustls::{FixedServerNameResolver, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use jiff::Timestamp;
use kube::client::{Body, ConfigExt};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tower::BoxError;
use tower::timeout::Timeout;
use tower::util::BoxCloneSyncService;

use super::certificate;
use super::credentials::Identity;
use super::error::SessionError;
use super::proxy;
use super::server::Server;
use super::tcp::Tcp;
use crate::env::Env;

/// How long TCP and TLS together may take before the server counts as unreachable.
const CONNECT_LIMIT: Duration = Duration::from_secs(4);
type Connector = BoxCloneSyncService<Uri, MaybeHttpsStream<TokioIo<TcpStream>>, BoxError>;
pub(super) type HttpClient = Client<Connector, Body>;

/// Makes clients, and keeps the one in use.
pub(super) struct Transport {
    context: String,
    url: Uri,
    tcp: Tcp,
    cluster: kubeconfig::Cluster,
    identity: Option<Identity>,
    client: Mutex<Option<(Option<Identity>, HttpClient)>>,
}

impl Transport {
    pub fn new(server: &Server, url: Uri, env: &Env) -> Result<Self, SessionError> {
        let route = proxy::route(server, &url, env)?;
        Ok(Self {
            context: server.context.clone(),
            url,
            tcp: Tcp::new(route, CONNECT_LIMIT),
            cluster: server.cluster.clone(),
            identity: identity_of(server)?,
            client: Mutex::default(),
        })
    }

    /// The client for this identity; a new one only where a credential plugin has handed out a new certificate.
    pub fn client(&self, handed_out: Option<&Identity>) -> Result<HttpClient, SessionError> {
        let wanted = handed_out.or(self.identity.as_ref());
        let mut kept = self
            .client
            .lock()
            .expect("nothing panics while it holds the client");
        if let Some((identity, client)) = kept.as_ref()
            && identity.as_ref() == wanted
        {
            return Ok(client.clone());
        }
        let client = self.build(wanted)?;
        *kept = Some((wanted.cloned(), client.clone()));
        Ok(client)
    }

    /// When the client certificate of the kubeconfig expired, if it has.
    pub fn expired_client_certificate(&self, now: Timestamp) -> Option<Timestamp> {
        let end = certificate::not_after(&self.identity.as_ref()?.certificate)?;
        (end < now).then_some(end)
    }

    fn build(&self, identity: Option<&Identity>) -> Result<HttpClient, SessionError> {
        let tls = self.tls(identity)?;
        let builder = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http();
        let builder = match self.cluster.tls_server_name.as_str() {
            "" => builder.enable_http1(),
            name => {
                let name = ServerName::try_from(name.to_owned()).map_err(|_| {
                    self.setting(format!("its tls-server-name {name:?} is no name"))
                })?;
                builder
                    .with_server_name_resolver(FixedServerNameResolver::new(name))
                    .enable_http1()
            }
        };
        let tls = builder.wrap_connector(self.tcp.clone());
        let connector = BoxCloneSyncService::new(Timeout::new(tls, CONNECT_LIMIT));
        Ok(Client::builder(TokioExecutor::new()).build(connector))
    }

    fn tls(&self, identity: Option<&Identity>) -> Result<rustls::ClientConfig, SessionError> {
        let mut config = kube::Config::new(self.url.clone());
        config.accept_invalid_certs = self.cluster.insecure_skip_tls_verify;
        if !config.accept_invalid_certs {
            let pem = certificate::read_pem(
                "certificate-authority",
                &self.cluster.certificate_authority_data,
                &self.cluster.certificate_authority,
            )
            .map_err(|what| self.setting(what))?;
            config.root_cert = pem
                .map(|pem| certificate::certificates("certificate-authority", &pem))
                .transpose()
                .map_err(|what| self.setting(what))?;
        }
        if let Some(identity) = identity {
            use base64::Engine;
            let base64 = &base64::engine::general_purpose::STANDARD;
            config.auth_info.client_certificate_data = Some(base64.encode(&identity.certificate));
            config.auth_info.client_key_data = Some(base64.encode(&identity.key).into());
        }
        config
            .rustls_client_config()
            .map_err(|error| self.setting(format!("TLS: {}", super::error::cause(&error))))
    }

    fn setting(&self, what: String) -> SessionError {
        SessionError::Setting {
            context: self.context.clone(),
            what,
        }
    }
}

/// The client certificate and key of the kubeconfig's user.
fn identity_of(server: &Server) -> Result<Option<Identity>, SessionError> {
    let Some(user) = &server.user else {
        return Ok(None);
    };
    let read = |what, inline: &str, file: &str| {
        certificate::read_pem(what, inline, file).map_err(|what| SessionError::Setting {
            context: server.context.clone(),
            what,
        })
    };
    let certificate = read(
        "client-certificate",
        &user.client_certificate_data,
        &user.client_certificate,
    )?;
    let key = read("client-key", &user.client_key_data, &user.client_key)?;
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some(Identity { certificate, key })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(half(server, "client-certificate but no client-key")),
        (None, Some(_)) => Err(half(server, "client-key but no client-certificate")),
    }
}

fn half(server: &Server, what: &str) -> SessionError {
    SessionError::Setting {
        context: server.context.clone(),
        what: format!("its user has a {what}"),
    }
}
