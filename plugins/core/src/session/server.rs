//! Which API server, as whom: the choice between a kubeconfig context and the pod we run in.

use std::path::PathBuf;

use http::Uri;
use http::uri::{PathAndQuery, Scheme};
use kubeconfig::{Cluster, Exec, Kubeconfig, User};

use super::error::SessionError;
use super::in_cluster;
use crate::env::Env;
use crate::protect::{self, Protection};
use crate::target::Target;

/// One API server with the user to be there.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub context: String,
    pub namespace: String,
    pub cluster_name: String,
    pub protection: Option<Protection>,
    pub cluster: Cluster,
    pub user: Option<User>,
}

impl Server {
    /// The target's context; with no kubeconfig at all, the cluster whose pod we run in.
    pub fn choose(
        kubeconfig: &Kubeconfig,
        target: &Target,
        env: &Env,
    ) -> Result<Self, SessionError> {
        if kubeconfig.is_empty()
            && target.context.is_none()
            && let Some(mut server) = in_cluster::server(env)
        {
            if let Some(namespace) = &target.namespace {
                server.namespace.clone_from(namespace);
            }
            return Ok(server);
        }
        let selection = kubeconfig.select(target.context.as_deref())?;
        let namespace = match (&target.namespace, selection.context.namespace.as_str()) {
            (Some(namespace), _) => namespace.clone(),
            (None, "") => "default".to_owned(),
            (None, namespace) => namespace.to_owned(),
        };
        Ok(Self {
            context: selection.name.to_owned(),
            namespace,
            cluster_name: selection.context.cluster.clone(),
            protection: protect::protection(
                selection.name,
                &selection.context.cluster,
                &selection.context.extensions,
            ),
            cluster: selection.cluster.clone(),
            user: selection.user.cloned(),
        })
    }

    pub fn exec(&self) -> Option<&Exec> {
        self.user.as_ref().and_then(|user| user.exec.as_ref())
    }

    pub fn token_file(&self) -> Option<PathBuf> {
        let file = &self.user.as_ref()?.token_file;
        (!file.is_empty()).then(|| PathBuf::from(file))
    }

    /// The server's URL with a scheme; like client-go, `https` where the entry has TLS settings, else `http`.
    pub fn url(&self) -> Result<Uri, SessionError> {
        let server = self.cluster.server.trim();
        let invalid = |why: &str| SessionError::Setting {
            context: self.context.clone(),
            what: format!("its server {server:?} {why}"),
        };
        if server.is_empty() {
            return Err(SessionError::Setting {
                context: self.context.clone(),
                what: format!("its cluster {:?} has no server", self.cluster_name),
            });
        }
        let text = if server.contains("://") {
            server.to_owned()
        } else if self.uses_tls() {
            format!("https://{server}")
        } else {
            format!("http://{server}")
        };
        let uri: Uri = text.parse().map_err(|_| invalid("is not a URL"))?;
        match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS || *scheme == Scheme::HTTP => Ok(uri),
            _ => Err(invalid("has to begin with https:// or http://")),
        }
    }

    fn uses_tls(&self) -> bool {
        let cluster = &self.cluster;
        let user = self.user.as_ref();
        cluster.insecure_skip_tls_verify
            || !cluster.certificate_authority.is_empty()
            || !cluster.certificate_authority_data.is_empty()
            || user.is_some_and(|user| {
                !user.client_certificate.is_empty() || !user.client_certificate_data.is_empty()
            })
    }
}

/// Puts a request's path behind the server's URL, which may have a path of its own (Rancher does that).
pub(super) fn join(base: &Uri, request: &Uri) -> Uri {
    let prefix = base.path().trim_end_matches('/');
    let path = request.path_and_query().map_or("/", PathAndQuery::as_str);
    let mut parts = base.clone().into_parts();
    parts.path_and_query = format!("{prefix}{path}").parse().ok();
    Uri::from_parts(parts).unwrap_or_else(|_| request.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> Server {
        Server {
            context: "kind".to_owned(),
            namespace: "default".to_owned(),
            cluster_name: "kind".to_owned(),
            protection: None,
            cluster: Cluster {
                server: url.to_owned(),
                ..Cluster::default()
            },
            user: None,
        }
    }

    #[test]
    fn a_server_without_a_scheme_is_plain_http_as_in_client_go() {
        assert_eq!(
            server("host:6443").url().unwrap().to_string(),
            "http://host:6443/"
        );
    }

    #[test]
    fn a_server_without_a_scheme_and_with_a_ca_is_https() {
        let mut server = server("host:6443");
        server.cluster.certificate_authority_data = "x".to_owned();
        assert_eq!(server.url().unwrap().to_string(), "https://host:6443/");
    }

    #[test]
    fn a_server_that_is_no_url_is_named() {
        let error = server("ftp://host").url().unwrap_err();
        let expected = "context \"kind\" cannot be used: its server \"ftp://host\" has to begin with https:// or http://";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn the_servers_own_path_stays_in_front() {
        let base = "https://rancher/k8s/clusters/c-1".parse().unwrap();
        let joined = join(&base, &"/api/v1/pods?limit=1".parse().unwrap());
        assert_eq!(
            joined.to_string(),
            "https://rancher/k8s/clusters/c-1/api/v1/pods?limit=1"
        );
    }
}
