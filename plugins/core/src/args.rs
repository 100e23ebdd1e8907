//! Arguments that every plugin takes, spelt as kubectl spells them.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use kubeconfig::{Kubeconfig, Location};

use crate::app::App;
use crate::env::Env;
use crate::error::{Exit, Report};
use crate::render::age;
use crate::session::{Impersonation, Options, Session};
use crate::target::Target;

/// Where a command goes, and as whom.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Connection {
    /// Use this context of the kubeconfig
    #[arg(long, value_name = "NAME", help_heading = "Where")]
    pub context: Option<String>,
    /// Use this namespace
    #[arg(short, long, value_name = "NAME", help_heading = "Where")]
    pub namespace: Option<String>,
    /// Read only this kubeconfig file
    #[arg(long, value_name = "FILE", help_heading = "Where")]
    pub kubeconfig: Option<PathBuf>,
    /// Act as this user
    #[arg(
        long = "as",
        value_name = "USER",
        help_heading = "Where",
        hide_short_help = true
    )]
    pub impersonate: Option<String>,
    /// Act as a member of this group (can be repeated)
    #[arg(
        long = "as-group",
        value_name = "GROUP",
        help_heading = "Where",
        hide_short_help = true
    )]
    pub impersonate_groups: Vec<String>,
    /// Act as the user with this uid
    #[arg(
        long = "as-uid",
        value_name = "UID",
        help_heading = "Where",
        hide_short_help = true
    )]
    pub impersonate_uid: Option<String>,
    /// Give up on an answer that has not begun after this long, such as 5s or 1m
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Where", hide_short_help = true)]
    pub request_timeout: Option<Duration>,
}

/// Parses the arguments of one word. `Err` holds the exit code where help or a mistake ended it; that text is
/// written already.
pub fn parse<A: Parser>(
    program: &str,
    arguments: &[OsString],
    app: &mut App,
) -> Result<Result<A, Exit>, Report> {
    let all = std::iter::once(OsString::from(program)).chain(arguments.iter().cloned());
    match A::try_parse_from(all) {
        Ok(args) => Ok(Ok(args)),
        Err(error) if error.use_stderr() => {
            app.say(error.render().to_string().trim_end());
            Ok(Err(Exit::Failed))
        }
        Err(help) => {
            write!(app.out, "{}", help.render())?;
            Ok(Err(Exit::Done))
        }
    }
}

/// When to colour the output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Connection {
    /// Reads the kubeconfig these arguments and the environment name.
    pub fn load(&self, env: &Env) -> Result<Kubeconfig, kubeconfig::Error> {
        let location = Location::find(self.kubeconfig.as_deref(), env.kubeconfig(), env.home());
        Kubeconfig::load(&location)
    }

    /// The context and namespace these arguments name, together with what stood after `@`.
    pub fn target(&self, kubeconfig: &Kubeconfig, at: Option<&str>) -> Result<Target, Report> {
        let context = self.context.as_deref();
        let namespace = self.namespace.as_deref();
        Ok(Target::choose(kubeconfig, at, context, namespace)?)
    }

    /// Opens the session these arguments ask for.
    pub fn open(
        &self,
        kubeconfig: &Kubeconfig,
        target: &Target,
        user_agent: &str,
        env: &Env,
    ) -> Result<Session, Report> {
        let options = Options {
            impersonation: Impersonation {
                user: self.impersonate.clone(),
                uid: self.impersonate_uid.clone(),
                groups: self.impersonate_groups.clone(),
            },
            answer_limit: self.request_timeout,
            user_agent: user_agent.to_owned(),
        };
        Ok(Session::open(kubeconfig, target, &options, env)?)
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    age::parse(text)
        .ok_or_else(|| "a duration is a number with s, m, h or d, such as 90s".to_owned())
}
