//! `kubectl quick [get] TYPE [PATTERN…]`: see objects, once or live.

mod append;
mod args;
mod error;
mod fetch;
mod handover;
mod live;
mod options;
mod print;
mod sheet;

use std::ffi::OsString;

use plugin_core::app::App;
use plugin_core::args::parse;
use plugin_core::discovery::{self, Resource};
use plugin_core::error::{Exit, Report};
use plugin_core::pattern::Patterns;
use plugin_core::render::sanitize::for_terminal;
use plugin_core::render::words;
use plugin_core::session::Session;

pub(crate) use args::GetArgs;
use error::GetError;
use options::{Options, Output};
use print::Printing;
use sheet::Sheet;

/// One type that was found, with what its names have to match.
pub(crate) struct Wanted {
    pub resource: Resource,
    pub typed: Vec<String>,
    pub patterns: Patterns,
}

/// Shows what was asked for.
pub(crate) fn run(arguments: &[OsString], app: &mut App) -> Result<Exit, Report> {
    let args = match parse::<GetArgs>("kubectl quick", arguments, app)? {
        Ok(args) => args,
        Err(exit) => return Ok(exit),
    };
    let options = options::resolve(&args, &app.env)?;
    let kubeconfig = args.connection.load(&app.env)?;
    let target = args.connection.target(&kubeconfig, options.at.as_deref())?;
    App::block_on(async {
        let session = args
            .connection
            .open(&kubeconfig, &target, crate::USER_AGENT, &app.env)?;
        let wanted = wanted(&session, &options, app).await?;
        match &options.output {
            Output::Live => live::run(&session, wanted, &options, app).await,
            Output::Append { events } => {
                append::run(&session, wanted, &options, *events, app).await
            }
            Output::Kubectl(flags) => {
                handover::run(&session, &wanted, &options, &args, flags, app).await
            }
            Output::Table | Output::Names => once(&session, wanted, &options, app).await,
        }
    })
}

async fn wanted(session: &Session, options: &Options, app: &App) -> Result<Vec<Wanted>, Report> {
    let words: Vec<String> = options
        .requests
        .iter()
        .map(|request| request.word.clone())
        .collect();
    let cache = app.env.kube_cache();
    let mut wanted: Vec<Wanted> = Vec::new();
    // Words are resolved one by one where each has names of its own, else together.
    if options
        .requests
        .iter()
        .all(|request| request.patterns == options.requests[0].patterns)
    {
        let typed = &options.requests[0].patterns;
        for resource in discovery::resolve(session, cache.as_deref(), &words).await? {
            wanted.push(want(resource, typed)?);
        }
        return Ok(wanted);
    }
    for request in &options.requests {
        let word = std::slice::from_ref(&request.word);
        for resource in discovery::resolve(session, cache.as_deref(), word).await? {
            wanted.push(want(resource, &request.patterns)?);
        }
    }
    Ok(wanted)
}

fn want(resource: Resource, typed: &[String]) -> Result<Wanted, Report> {
    if !resource.listable {
        return Err(GetError::NotListable(resource.plural_name()).into());
    }
    Ok(Wanted {
        resource,
        typed: typed.to_vec(),
        patterns: Patterns::parse(typed)?,
    })
}

/// Fetches all types at once, prints what there is, and reports each that failed.
async fn once(
    session: &Session,
    wanted: Vec<Wanted>,
    options: &Options,
    app: &mut App,
) -> Result<Exit, Report> {
    let (sheets, failures) = sheets(session, wanted, options).await?;
    let shown: Vec<Sheet> = sheets
        .into_iter()
        .filter(|sheet| !sheet.rows.is_empty())
        .collect();
    if options.output == Output::Names {
        print::names(&shown, &mut app.out)?;
    } else {
        let printing = Printing {
            style: options.style,
            width: options.width,
            headings: options.view.headings,
        };
        let hidden = print::sheets(&shown, printing, &mut app.out)?;
        if let (false, Some(width)) = (hidden.is_empty(), options.width) {
            std::io::Write::flush(&mut app.out)?;
            app.say(&format!(
                "not shown in {width} columns: {}",
                hidden.join(", ")
            ));
        }
    }
    for warning in session.take_warnings() {
        std::io::Write::flush(&mut app.out)?;
        app.say(&format!("Warning: {}", for_terminal(&warning)));
    }
    report(shown.is_empty(), failures, session, options, app)
}

/// The sheets in the order asked for, and the types that could not be shown.
async fn sheets(
    session: &Session,
    wanted: Vec<Wanted>,
    options: &Options,
) -> Result<(Vec<Sheet>, Vec<GetError>), Report> {
    let mut tasks = Vec::new();
    for wanted in wanted {
        let (session, options) = (session.clone(), options.clone());
        tasks.push(tokio::spawn(async move {
            one(&session, wanted, &options).await
        }));
    }
    let mut sheets = Vec::new();
    let mut failures = Vec::new();
    for task in tasks {
        match task.await.map_err(std::io::Error::other)? {
            Ok(mut sheet) => {
                sheet.apply(&options.filter)?;
                sheets.push(sheet);
            }
            Err(error) => failures.push(error),
        }
    }
    Ok((sheets, failures))
}

async fn one(session: &Session, wanted: Wanted, options: &Options) -> Result<Sheet, GetError> {
    let mut query = fetch::query(session, &wanted.resource, options);
    let is_plain =
        wanted.patterns.is_empty() && !options.filter.problems && options.filter.sort.is_none();
    query.limit = options.filter.limit.filter(|_| is_plain);
    let table = fetch::table(session, &wanted.resource, &query).await?;
    let mut sheet = Sheet::new(
        wanted.resource.clone(),
        &table.column_definitions,
        &table.rows,
        &options.view,
    );
    sheet.keep_matching(&wanted.patterns);
    if sheet.rows.is_empty() && !wanted.patterns.is_empty() {
        check_namespace(session, &wanted.resource, options).await?;
        let names = fetch::names(&table);
        return Err(no_match(session, &wanted, &query, options, &names).await);
    }
    if sheet.rows.is_empty() {
        check_namespace(session, &wanted.resource, options).await?;
    }
    Ok(sheet)
}

/// An empty answer from a namespace that does not exist is a mistake, not an answer.
async fn check_namespace(
    session: &Session,
    resource: &Resource,
    options: &Options,
) -> Result<(), GetError> {
    if options.all_namespaces || !resource.namespaced {
        return Ok(());
    }
    match fetch::namespace_exists(session).await {
        Some(false) => Err(GetError::NoSuchNamespace {
            namespace: session.namespace.clone(),
            context: session.context.clone(),
        }),
        _ => Ok(()),
    }
}

async fn no_match(
    session: &Session,
    wanted: &Wanted,
    query: &plugin_core::table::Query,
    options: &Options,
    names: &[String],
) -> GetError {
    let elsewhere = if options.all_namespaces {
        Vec::new()
    } else {
        fetch::elsewhere(session, &wanted.resource, query, &wanted.patterns).await
    };
    let nearest = wanted
        .typed
        .iter()
        .find_map(|typed| kubeconfig::nearest(typed, names.iter().map(String::as_str)))
        .map(str::to_owned);
    let quoted: Vec<String> = wanted
        .typed
        .iter()
        .map(|typed| format!("{typed:?}"))
        .collect();
    GetError::NoMatch {
        plural: wanted.resource.plural_name(),
        patterns: words::list(&quoted, "or"),
        place: error::place(
            session,
            !options.all_namespaces && wanted.resource.namespaced,
        ),
        nearest,
        elsewhere,
    }
}

/// Says what is missing. One failure is the error of the run; several are listed.
fn report(
    nothing: bool,
    mut failures: Vec<GetError>,
    session: &Session,
    options: &Options,
    app: &mut App,
) -> Result<Exit, Report> {
    // A name that one of several types has is found.
    if !nothing {
        failures.retain(|failure| !matches!(failure, GetError::NoMatch { .. }));
    }
    match failures.len() {
        0 if nothing => {
            app.say(&nothing_found(session, options));
            Ok(Exit::Done)
        }
        0 => Ok(Exit::Done),
        1 => Err(failures.remove(0).into()),
        _ => {
            std::io::Write::flush(&mut app.out)?;
            let mut exit = Exit::Done;
            for failure in failures {
                let report = Report::from(failure);
                exit = exit.and(report.exit());
                let text = report.text().unwrap_or_default();
                app.say(text.lines().next().unwrap_or_default());
            }
            Ok(exit)
        }
    }
}

/// kubectl's own words.
fn nothing_found(session: &Session, options: &Options) -> String {
    if options.filter.problems {
        return "No problems found".to_owned();
    }
    if options.all_namespaces {
        return "No resources found".to_owned();
    }
    format!("No resources found in {} namespace.", session.namespace)
}
