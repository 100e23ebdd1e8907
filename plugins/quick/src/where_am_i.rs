//! Bare `kubectl quick`: which context, which cluster, which namespace. Reads files only.

use std::ffi::OsString;
use std::io::Write;

use clap::Parser;
use kubeconfig::Kubeconfig;
use plugin_core::app::App;
use plugin_core::args::{ColorChoice, Connection};
use plugin_core::env::Env;
use plugin_core::error::{Exit, Report};
use plugin_core::protect::{self, Protection};
use plugin_core::render::sanitize::for_terminal;
use plugin_core::render::style::{Paint, Style};
use plugin_core::target::Target;

#[derive(Debug, Parser)]
#[command(bin_name = "kubectl quick", disable_version_flag = true)]
struct Args {
    /// Another context and namespace, as @CTX or @CTX/NS
    at: Option<String>,
    #[command(flatten)]
    connection: Connection,
    /// When to use colour
    #[arg(long, value_enum, default_value_t)]
    color: ColorChoice,
}

/// One line: what, and how to paint it.
struct Fact {
    name: &'static str,
    text: String,
    paint: Paint,
}

/// Shows where a command would go.
pub(crate) fn run(arguments: &[OsString], app: &mut App) -> Result<Exit, Report> {
    let args = match plugin_core::args::parse::<Args>("kubectl quick", arguments, app)? {
        Ok(args) => args,
        Err(exit) => return Ok(exit),
    };
    let style = Style::of_output(args.color, &app.env);
    // Nothing here is an error: a broken kubeconfig is an answer to the question, too.
    let facts = match args.connection.load(&app.env) {
        Ok(kubeconfig) => {
            let at = args.at.as_deref().map(|at| at.trim_start_matches('@'));
            let target = args.connection.target(&kubeconfig, at)?;
            facts(&kubeconfig, &target, &app.env)
        }
        Err(error) => vec![fact("kubeconfig", error.to_string(), Paint::Bad)],
    };
    for fact in facts {
        let text = style.paint(fact.paint, &for_terminal(&fact.text));
        writeln!(app.out, "{:<11}{text}", fact.name)?;
    }
    writeln!(
        app.out,
        "\n`kubectl quick po -w` shows pods live, `kubectl quick --help` the rest"
    )?;
    Ok(Exit::Done)
}

fn fact(name: &'static str, text: impl Into<String>, paint: Paint) -> Fact {
    Fact {
        name,
        text: text.into(),
        paint,
    }
}

fn facts(kubeconfig: &Kubeconfig, target: &Target, env: &Env) -> Vec<Fact> {
    let selection = match kubeconfig.select(target.context.as_deref()) {
        Ok(selection) => selection,
        Err(error) => return vec![fact("context", error.to_string(), Paint::Bad)],
    };
    let context = selection.context;
    let namespace = target.namespace.as_deref().unwrap_or(&context.namespace);
    let namespace = if namespace.is_empty() {
        "default"
    } else {
        namespace
    };
    let protection = protect::protection(selection.name, &context.cluster, &context.extensions);
    let name_paint = if protection.is_some() {
        Paint::Protected
    } else {
        Paint::Heading
    };
    let mut facts = vec![
        fact("context", selection.name, name_paint),
        fact("namespace", namespace, Paint::Heading),
        fact(
            "cluster",
            format!("{}  {}", context.cluster, selection.cluster.server),
            Paint::Plain,
        ),
        fact("user", context.user.clone(), Paint::Plain),
        fact("protected", protection_in_words(protection), Paint::Plain),
    ];
    if target.context.is_none()
        && let Some(current) = kubeconfig.current_context()
    {
        let origin = env.tilde(&current.origin);
        facts.push(fact("set in", origin, Paint::Plain));
    }
    facts
}

fn protection_in_words(protection: Option<Protection>) -> &'static str {
    match protection {
        None => "no",
        Some(Protection::ByName) => "yes, by its name",
        Some(Protection::ByExtension) => "yes, by its entry in the kubeconfig",
    }
}
