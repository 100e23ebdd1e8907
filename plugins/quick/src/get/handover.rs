//! Formats that only kubectl has: it is run with the context, namespace, type and names we found.

use std::ffi::OsString;
use std::io::Write;

use plugin_core::app::App;
use plugin_core::error::{Exit, Report};
use plugin_core::kubectl::Kubectl;
use plugin_core::session::Session;

use super::args::GetArgs;
use super::options::Options;
use super::{Wanted, sheets};

/// Puts kubectl in our place.
pub(crate) async fn run(
    session: &Session,
    wanted: &[Wanted],
    options: &Options,
    args: &GetArgs,
    flags: &[String],
    app: &mut App,
) -> Result<Exit, Report> {
    let mut arguments: Vec<OsString> = vec!["get".into()];
    arguments.extend(objects(session, wanted, options, app).await?);
    arguments.extend(connection(session, options, args));
    arguments.extend(flags.iter().map(OsString::from));
    app.out.flush()?;
    Ok(Kubectl::new(&app.env, arguments).exec().await?)
}

/// The types, or, where patterns or problems narrow them, each object by its name.
async fn objects(
    session: &Session,
    wanted: &[Wanted],
    options: &Options,
    app: &mut App,
) -> Result<Vec<OsString>, Report> {
    let narrowed =
        options.filter.problems || wanted.iter().any(|wanted| !wanted.patterns.is_empty());
    if !narrowed {
        let types: Vec<String> = wanted
            .iter()
            .map(|wanted| wanted.resource.plural_name())
            .collect();
        return Ok(vec![types.join(",").into()]);
    }
    let again = wanted
        .iter()
        .map(|wanted| super::want(wanted.resource.clone(), &wanted.typed));
    let (sheets, failures) = sheets(session, again.collect::<Result<_, _>>()?, options).await?;
    let names: Vec<OsString> = sheets
        .iter()
        .flat_map(|sheet| {
            let plural = sheet.resource.plural_name();
            sheet
                .rows
                .iter()
                .map(move |row| format!("{plural}/{}", row.name).into())
        })
        .collect();
    if names.is_empty() {
        super::report(true, failures, session, options, app)?;
    }
    Ok(names)
}

fn connection(session: &Session, options: &Options, args: &GetArgs) -> Vec<OsString> {
    let mut flags: Vec<OsString> = Vec::new();
    if session.context != "in-cluster" {
        flags.push(format!("--context={}", session.context).into());
    }
    if options.all_namespaces {
        flags.push("--all-namespaces".into());
    } else {
        flags.push(format!("--namespace={}", session.namespace).into());
    }
    if let Some(file) = &args.connection.kubeconfig {
        let mut flag = OsString::from("--kubeconfig=");
        flag.push(file);
        flags.push(flag);
    }
    let texts = [
        ("--selector", &options.labels),
        ("--field-selector", &options.fields),
        ("--as", &args.connection.impersonate),
        ("--as-uid", &args.connection.impersonate_uid),
    ];
    for (flag, text) in texts {
        flags.extend(text.iter().map(|text| format!("{flag}={text}").into()));
    }
    let groups = &args.connection.impersonate_groups;
    flags.extend(
        groups
            .iter()
            .map(|group| format!("--as-group={group}").into()),
    );
    flags
}
