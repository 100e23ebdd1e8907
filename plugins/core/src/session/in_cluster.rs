//! The API server of the pod we run in, by the rules of client-go's `rest.InClusterConfig`.

use std::fs;
use std::path::Path;

use kubeconfig::{Cluster, User};

use super::server::Server;
use crate::env::Env;

const FOLDER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The server, if this is a pod with a service account.
pub(super) fn server(env: &Env) -> Option<Server> {
    let host = env.text("KUBERNETES_SERVICE_HOST")?;
    let port = env.text("KUBERNETES_SERVICE_PORT")?;
    let folder = Path::new(FOLDER);
    let token = folder.join("token");
    if !token.is_file() {
        return None;
    }
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    let namespace = env
        .text("POD_NAMESPACE")
        .map(str::to_owned)
        .or_else(|| fs::read_to_string(folder.join("namespace")).ok())
        .map(|namespace| namespace.trim().to_owned())
        .filter(|namespace| !namespace.is_empty())
        .unwrap_or_else(|| "default".to_owned());
    Some(Server {
        context: "in-cluster".to_owned(),
        namespace,
        cluster_name: "in-cluster".to_owned(),
        protection: None,
        cluster: Cluster {
            server: format!("https://{host}:{port}"),
            certificate_authority: folder.join("ca.crt").to_string_lossy().into_owned(),
            ..Cluster::default()
        },
        user: Some(User {
            token_file: token.to_string_lossy().into_owned(),
            ..User::default()
        }),
    })
}
