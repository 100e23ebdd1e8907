//! Credential plugins (`client.authentication.k8s.io`), run by kubectl's rules.

use std::process::Stdio;

use jiff::Timestamp;
use kubeconfig::{Cluster, Exec, InteractiveMode};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use super::credentials::{self, Credentials, Identity};
use super::error::SessionError;
use crate::env::Env;

/// A plugin that is ready to run.
pub(super) struct ExecPlugin {
    context: String,
    exec: Exec,
    request: String,
    stdin: Stdin,
}

#[derive(Clone, Copy)]
enum Stdin {
    Terminal,
    Nothing,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    api_version: &'a str,
    kind: &'static str,
    spec: Spec,
}

#[derive(Serialize)]
struct Spec {
    interactive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<ClusterInfo>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ClusterInfo {
    server: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    tls_server_name: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    insecure_skip_tls_verify: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    certificate_authority_data: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    proxy_url: String,
    config: Option<()>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    api_version: String,
    status: Option<AnswerStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnswerStatus {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
    expiration_timestamp: Option<Timestamp>,
}

impl ExecPlugin {
    pub fn new(
        context: &str,
        exec: &Exec,
        cluster: &Cluster,
        env: &Env,
    ) -> Result<Self, SessionError> {
        let terminal = env.stdin_is_terminal;
        let interactive = match exec.interactive_mode {
            InteractiveMode::Never => false,
            InteractiveMode::IfAvailable => terminal,
            InteractiveMode::Always if terminal => true,
            InteractiveMode::Always => {
                return Err(SessionError::Plugin {
                    context: context.to_owned(),
                    command: exec.command.clone(),
                    what: "needs a terminal to log in, and standard input is none".to_owned(),
                    install_hint: String::new(),
                });
            }
        };
        let request = Request {
            api_version: &exec.api_version,
            kind: "ExecCredential",
            spec: Spec {
                interactive,
                cluster: exec.provide_cluster_info.then(|| cluster_info(cluster)),
            },
        };
        Ok(Self {
            context: context.to_owned(),
            exec: exec.clone(),
            request: serde_json::to_string(&request).expect("strings and booleans serialize"),
            stdin: if interactive {
                Stdin::Terminal
            } else {
                Stdin::Nothing
            },
        })
    }

    /// Runs the plugin. Its standard error is the user's; its output is never shown.
    pub async fn run(&self) -> Result<Credentials, SessionError> {
        let mut command = Command::new(&self.exec.command);
        command
            .args(&self.exec.args)
            .envs(self.exec.env.iter().map(|var| (&var.name, &var.value)))
            .env("KUBERNETES_EXEC_INFO", &self.request)
            .stdin(match self.stdin {
                Stdin::Terminal => Stdio::inherit(),
                Stdin::Nothing => Stdio::null(),
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true);
        let child = command.spawn().map_err(|error| self.cannot_start(&error))?;
        let output = child
            .wait_with_output()
            .await
            .map_err(|error| self.failed(format!("could not be waited for: {error}")))?;
        if !output.status.success() {
            let how = match output.status.code() {
                Some(code) => format!("failed with exit code {code}"),
                None => "was killed by a signal".to_owned(),
            };
            return Err(self.failed(how));
        }
        self.read(&output.stdout)
    }

    fn read(&self, output: &[u8]) -> Result<Credentials, SessionError> {
        // The parser's own message may quote a token.
        let answer: Answer = serde_saphyr::from_slice(output)
            .map_err(|_| self.failed("did not answer with an ExecCredential".to_owned()))?;
        if answer.api_version != self.exec.api_version {
            let (said, wanted) = (&answer.api_version, &self.exec.api_version);
            return Err(self.failed(format!(
                "answered with API version {said:?}, not {wanted:?}"
            )));
        }
        let status = answer
            .status
            .ok_or_else(|| self.failed("answered without a status".to_owned()))?;
        let token = status
            .token
            .as_deref()
            .map(str::trim)
            .filter(|token| !token.is_empty());
        let identity = match (status.client_certificate_data, status.client_key_data) {
            (Some(certificate), Some(key)) => Some(Identity {
                certificate: certificate.into_bytes(),
                key: key.into_bytes(),
            }),
            (None, None) => None,
            _ => return Err(self.failed("answered with half a client certificate".to_owned())),
        };
        if token.is_none() && identity.is_none() {
            return Err(
                self.failed("answered with neither a token nor a client certificate".to_owned())
            );
        }
        Ok(Credentials {
            authorization: token
                .map(|token| credentials::bearer(&self.context, token))
                .transpose()?,
            identity,
            expires: status.expiration_timestamp,
        })
    }

    fn cannot_start(&self, error: &std::io::Error) -> SessionError {
        let what = match error.kind() {
            std::io::ErrorKind::NotFound => "is not installed".to_owned(),
            _ => format!("cannot be started: {error}"),
        };
        self.failed(what)
    }

    fn failed(&self, what: String) -> SessionError {
        SessionError::Plugin {
            context: self.context.clone(),
            command: self.exec.command.clone(),
            what,
            install_hint: self.exec.install_hint.trim().to_owned(),
        }
    }
}

fn cluster_info(cluster: &Cluster) -> ClusterInfo {
    ClusterInfo {
        server: cluster.server.clone(),
        tls_server_name: cluster.tls_server_name.clone(),
        insecure_skip_tls_verify: cluster.insecure_skip_tls_verify,
        certificate_authority_data: cluster.certificate_authority_data.clone(),
        proxy_url: cluster.proxy_url.clone(),
        config: None,
    }
}
