//! `-w` on a terminal: a table in place that stays current.
//!
//! ```text
//! watch ─Event─▶ Model ◀─Wish─ keys
//!                  └─ frame ─lines─▶ Screen      (at most 20 times a second)
//! ```

mod actions;
mod bottom;
mod frame;
mod keys;
mod model;
mod screen;
mod section;
mod ticking;

use std::io::{self, BufRead, Write};
use std::time::Duration;

use crossterm::event::{self, Event as TerminalEvent, KeyEventKind};
use plugin_core::app::App;
use plugin_core::env::{self, Env};
use plugin_core::error::{Exit, Report};
use plugin_core::kubectl::Kubectl;
use plugin_core::pattern::Patterns;
use plugin_core::render::style::Style;
use plugin_core::session::Session;
use plugin_core::table::Query;
use plugin_core::watch::{self, Event, Outlet};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::error::GetError;
use super::options::{Options, Sort};
use super::{Wanted, fetch};
use actions::Action;
use frame::{Canvas, Place};
use keys::Wish;
use model::{Key, Model};
use screen::Screen;
use section::Section;

/// The least time between two pictures.
const REDRAW: Duration = Duration::from_millis(50);
/// Ages tick at least so often.
const TICK: Duration = Duration::from_secs(1);
/// How many events are taken in between two pictures at most.
const BATCH: usize = 4096;

/// Shows the table until the user has seen enough.
pub(crate) async fn run(
    session: &Session,
    wanted: Vec<Wanted>,
    options: &Options,
    app: &mut App,
) -> Result<Exit, Report> {
    let (mut view, mut streams) = begin(session, wanted, options, &app.env);
    let mut screen = Screen::enter(&mut app.out)?;
    let exit = view
        .show(session, &mut screen, &mut streams, options)
        .await?;
    screen.draw(&view.draw())?;
    screen.leave()?;
    Ok(exit)
}

/// What the view shows and how.
struct Live<'a> {
    model: Model,
    place: Place,
    style: Style,
    env: &'a Env,
}

/// What comes in from the server.
struct Streams {
    events: Receiver<(usize, Event)>,
    found: Receiver<Found>,
    lookups: Sender<Found>,
    /// The query of each section, and, until something was looked for elsewhere, what was typed.
    queries: Vec<(Query, Option<Vec<String>>)>,
}

/// A section, and where else there are objects that it would show.
type Found = (usize, Vec<(String, usize)>);

/// Begins a watch for each type.
fn begin<'a>(
    session: &Session,
    wanted: Vec<Wanted>,
    options: &Options,
    env: &'a Env,
) -> (Live<'a>, Streams) {
    let (sender, events) = mpsc::channel(BATCH);
    let (lookups, found) = mpsc::channel(wanted.len().max(1));
    let mut sections = Vec::new();
    let mut queries = Vec::new();
    for (source, wanted) in wanted.into_iter().enumerate() {
        let query = fetch::query(session, &wanted.resource, options);
        let sender = sender.clone();
        follow(session, &query, Outlet { source, sender });
        queries.push((query, Some(wanted.typed)));
        let view = options.view.clone();
        sections.push(Section::new(wanted.resource, wanted.patterns, view));
    }
    let mut model = Model::new(sections);
    model.browsing.problems = options.filter.problems;
    let view = Live {
        model,
        place: place(session, options),
        style: options.style,
        env,
    };
    let streams = Streams {
        events,
        found,
        lookups,
        queries,
    };
    (view, streams)
}

impl Live<'_> {
    /// Takes in events and keys and draws, until a key or an error ends it.
    async fn show<W: Write>(
        &mut self,
        session: &Session,
        screen: &mut Screen<'_, W>,
        streams: &mut Streams,
        options: &Options,
    ) -> Result<Exit, Report> {
        let mut keys = next_key();
        let mut due = Instant::now();
        let mut drawn = due.checked_sub(REDRAW).unwrap_or(due);
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                count = streams.events.recv_many(&mut batch, BATCH) => {
                    if count == 0 {
                        return Ok(Exit::Done);
                    }
                    self.take_in(session, &mut batch, streams)?;
                    self.sort_as_asked(options.filter.sort.as_ref());
                    due = due.min(drawn + REDRAW);
                }
                Some((source, places)) = streams.found.recv() => {
                    self.model.sections[source].elsewhere = Some(places);
                    due = due.min(drawn + REDRAW);
                }
                event = &mut keys => {
                    if let Some(event) = event.ok().flatten() {
                        match self.press(&event) {
                            Wish::Nothing => {}
                            Wish::Quit(exit) => return Ok(exit),
                            Wish::Act(action, source, key) => self.act(screen, action, source, &key).await?,
                        }
                        due = Instant::now();
                    }
                    keys = next_key();
                }
                () = sleep_until(due) => {
                    screen.draw(&self.draw())?;
                    drawn = Instant::now();
                    due = drawn + TICK;
                }
            }
        }
    }

    /// Takes in a batch of events; a denial ends the view.
    fn take_in(
        &mut self,
        session: &Session,
        batch: &mut Vec<(usize, Event)>,
        streams: &mut Streams,
    ) -> Result<(), GetError> {
        let now = env::now();
        for (source, event) in batch.drain(..) {
            let (query, typed) = &mut streams.queries[source];
            if let Event::Stopped(error) = event {
                let resource = &self.model.sections[source].resource;
                return Err(GetError::of(session, resource, query, error));
            }
            self.model.apply(source, event, now);
            if self.model.sections[source].is_empty()
                && let Some(typed) = typed.take()
            {
                self.look_elsewhere(session, source, query, &typed, &streams.lookups);
            }
        }
        Ok(())
    }

    /// Nothing is here: where is something? Asked once, beside the watch.
    fn look_elsewhere(
        &self,
        session: &Session,
        source: usize,
        query: &Query,
        typed: &[String],
        lookups: &Sender<Found>,
    ) {
        let Ok(patterns) = Patterns::parse(typed) else {
            return;
        };
        let (session, query, lookups) = (session.clone(), query.clone(), lookups.clone());
        let resource = self.model.sections[source].resource.clone();
        tokio::spawn(async move {
            let found = fetch::elsewhere(&session, &resource, &query, &patterns).await;
            let _ = lookups.send((source, found)).await;
        });
    }

    /// `--sort COLUMN` waits until the columns are known.
    fn sort_as_asked(&mut self, sort: Option<&Sort>) {
        let (Some(sort), None) = (sort, &self.model.browsing.sort) else {
            return;
        };
        let wanted = sort.column.to_uppercase();
        let headings = self
            .model
            .sections
            .iter()
            .flat_map(|section| &section.shape.headings);
        let heading = headings
            .into_iter()
            .find(|heading| heading.starts_with(&wanted));
        self.model.browsing.sort = heading.map(|heading| (heading.clone(), sort.descending));
    }

    fn press(&mut self, event: &TerminalEvent) -> Wish {
        match event {
            TerminalEvent::Key(key) if key.kind != KeyEventKind::Release => {
                let page = frame::page(&self.canvas());
                keys::press(&mut self.model, *key, page)
            }
            _ => Wish::Nothing,
        }
    }

    fn canvas(&self) -> Canvas {
        let (columns, lines) = Screen::<Vec<u8>>::size();
        Canvas {
            columns,
            lines,
            style: self.style,
            zone: env::time_zone(),
            now: env::now(),
        }
    }

    fn draw(&mut self) -> Vec<String> {
        let canvas = self.canvas();
        self.model.forget(canvas.now);
        frame::draw(&mut self.model, &self.place, &canvas)
    }

    /// Runs kubectl on the object, on the plain terminal, and waits until its output has been read.
    async fn act<W: Write>(
        &self,
        screen: &mut Screen<'_, W>,
        action: Action,
        source: usize,
        key: &Key,
    ) -> Result<(), Report> {
        let resource = &self.model.sections[source].resource;
        let namespace = self.place.namespace.as_deref().unwrap_or(&key.0);
        let mut arguments = action.arguments(resource, namespace, &key.1);
        arguments.insert(1, format!("--context={}", self.place.context));
        let kubectl = Kubectl::new(self.env, arguments);
        screen.suspend()?;
        let mut talk = io::stderr();
        let _ = writeln!(talk, "\n{}", kubectl.typed());
        let outcome = kubectl.run().await;
        if let Err(error) = outcome {
            let _ = write!(talk, "{}", Report::from(error).text().unwrap_or_default());
        }
        let _ = write!(talk, "\nenter goes back to the table ");
        let read = || io::stdin().lock().read_line(&mut String::new());
        let _ = tokio::task::spawn_blocking(read).await;
        Ok(screen.resume()?)
    }
}

fn follow(session: &Session, query: &Query, outlet: Outlet) {
    let (session, query) = (session.clone(), query.clone());
    tokio::spawn(async move { watch::follow(&session, &query, &outlet).await });
}

fn place(session: &Session, options: &Options) -> Place {
    Place {
        context: session.context.clone(),
        namespace: (!options.all_namespaces).then(|| session.namespace.clone()),
        protected: session.protection.is_some(),
    }
}

/// The next key, resize or paste, or nothing for a while. Only one of these waits at a time, so that a command
/// that is run meanwhile has the keyboard to itself.
fn next_key() -> JoinHandle<Option<TerminalEvent>> {
    tokio::task::spawn_blocking(|| {
        let has_come = event::poll(Duration::from_millis(250)).unwrap_or(false);
        has_come.then(event::read).and_then(Result::ok)
    })
}
