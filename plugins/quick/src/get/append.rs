//! `-w` in a pipe: the rows there are, then a row for each change, as `kubectl get -w` prints them.

use std::collections::HashMap;
use std::io::Write;

use plugin_core::app::App;
use plugin_core::error::{Exit, Report};
use plugin_core::render::columns::PipeColumns;
use plugin_core::session::Session;
use plugin_core::table::{Column, Query, Row};
use plugin_core::watch::{self, Change, Event, Outlet};
use tokio::sync::mpsc;

use super::error::GetError;
use super::options::{Options, View};
use super::sheet::{Shape, SheetRow, same_but_age};
use super::{Wanted, fetch};
use crate::problem;

/// Appends rows until whoever reads them goes away.
pub(crate) async fn run(
    session: &Session,
    wanted: Vec<Wanted>,
    options: &Options,
    events: bool,
    app: &mut App,
) -> Result<Exit, Report> {
    let (sender, mut inbox) = mpsc::channel(1024);
    let several = wanted.len() > 1;
    let mut streams = Vec::new();
    for (source, wanted) in wanted.into_iter().enumerate() {
        let query = fetch::query(session, &wanted.resource, options);
        streams.push(Stream::new(wanted, query.clone(), options, several, events));
        let (session, outlet) = (
            session.clone(),
            Outlet {
                source,
                sender: sender.clone(),
            },
        );
        tokio::spawn(async move { watch::follow(&session, &query, &outlet).await });
    }
    drop(sender);
    let mut columns = PipeColumns::default();
    while let Some((index, event)) = inbox.recv().await {
        if let Event::Stopped(error) = event {
            let stream = &streams[index];
            return Err(
                GetError::of(session, &stream.wanted.resource, &stream.query, error).into(),
            );
        }
        if let Event::Disconnected { cause, .. } = &event {
            app.say(&format!(
                "warning: the connection is gone ({cause}); trying again"
            ));
        }
        let rows = streams[index].rows(event);
        columns.write(&rows, &mut app.out)?;
        app.out.flush()?;
    }
    Ok(Exit::Done)
}

/// One type and what was printed of it.
struct Stream {
    wanted: Wanted,
    query: Query,
    view: View,
    problems: bool,
    prefix: Option<String>,
    events: bool,
    headings_due: bool,
    shape: Shape,
    known: HashMap<(String, String), SheetRow>,
}

impl Stream {
    fn new(wanted: Wanted, query: Query, options: &Options, several: bool, events: bool) -> Self {
        Self {
            prefix: several.then(|| wanted.resource.type_name()),
            wanted,
            query,
            view: options.view.clone(),
            problems: options.filter.problems,
            events,
            headings_due: options.view.headings,
            shape: Shape::default(),
            known: HashMap::new(),
        }
    }

    /// The lines that an event makes; the first ones come with the headings.
    fn rows(&mut self, event: Event) -> Vec<Vec<String>> {
        let mut lines: Vec<Vec<String>> = match event {
            Event::Listed { columns, rows } => self.listed(&columns, &rows),
            Event::Changed(change, row) => {
                let row = self.shape.row(&row);
                self.changed(change, row).into_iter().collect()
            }
            Event::Connected | Event::Disconnected { .. } | Event::Stopped(_) => Vec::new(),
        };
        if self.headings_due && !lines.is_empty() {
            self.headings_due = false;
            lines.insert(0, self.line("EVENT", self.shape.headings.clone()));
        }
        lines
    }

    /// The first list is printed whole; a later one, after a lost connection, only where it differs.
    fn listed(&mut self, columns: &[Column], rows: &[Row]) -> Vec<Vec<String>> {
        self.shape = Shape::new(columns, &self.view, self.wanted.resource.namespaced);
        let rows: Vec<SheetRow> = rows.iter().map(|row| self.shape.row(row)).collect();
        let mut lines = Vec::new();
        let mut gone = std::mem::take(&mut self.known);
        for row in rows {
            let key = (row.namespace.clone(), row.name.clone());
            let change = match gone.remove(&key) {
                Some(before) if same_but_age(&before, &row) => {
                    self.known.insert(key, row);
                    continue;
                }
                Some(_) => Change::Modified,
                None => Change::Added,
            };
            lines.extend(self.changed(change, row));
        }
        for row in gone.into_values() {
            lines.extend(self.changed(Change::Deleted, row));
        }
        lines
    }

    fn changed(&mut self, change: Change, row: SheetRow) -> Option<Vec<String>> {
        let key = (row.namespace.clone(), row.name.clone());
        let hidden = !self.wanted.patterns.may_match(&row.name)
            || self.problems && !problem::row(&self.shape.headings, &row.cells).is_problem();
        let mut cells = row.cells.clone();
        if let (Some(prefix), Some(name)) = (&self.prefix, cells.get_mut(self.shape.name)) {
            *name = format!("{prefix}/{name}");
        }
        let word = match change {
            Change::Added => "ADDED",
            Change::Modified => "MODIFIED",
            Change::Deleted => "DELETED",
        };
        if change == Change::Deleted {
            self.known.remove(&key);
        } else {
            self.known.insert(key, row);
        }
        (!hidden).then(|| self.line(word, cells))
    }

    fn line(&self, event: &str, mut cells: Vec<String>) -> Vec<String> {
        if self.events {
            cells.insert(0, event.to_owned());
        }
        cells
    }
}
