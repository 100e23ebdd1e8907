//! One type in a live view: its rows, what happened to them lately, and how current they are.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use plugin_core::discovery::Resource;
use plugin_core::pattern::Patterns;
use plugin_core::render::style::Paint;
use plugin_core::table::{Column, Row};
use plugin_core::watch::Change;

use super::model::{Browsing, Key};
use super::ticking::Ticking;
use crate::get::options::View;
use crate::get::sheet::{Shape, SheetRow, compare, same_cell};
use crate::problem::{self, Health};

/// How long a change stays marked.
const MARKED: SignedDuration = SignedDuration::from_millis(2500);

/// One type.
pub(super) struct Section {
    pub resource: Resource,
    pub shape: Shape,
    pub connection: Connection,
    /// Where else there are objects, once that was looked up.
    pub elsewhere: Option<Vec<(String, usize)>>,
    pub rows: BTreeMap<Key, Entry>,
    patterns: Patterns,
    view: View,
    listed: bool,
}

/// How current a section is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Connection {
    /// Nothing has come yet.
    Connecting,
    /// What is shown is how things are.
    Live,
    /// What is shown is how things were.
    Lost {
        since: Timestamp,
        cause: String,
        next_try: Timestamp,
    },
}

/// One object's row and what happened to it lately.
pub(super) struct Entry {
    pub row: SheetRow,
    pub cells: Vec<Ticking>,
    /// Until when each cell is marked as changed.
    changed: Vec<Option<Timestamp>>,
    pub mark: Mark,
    pub until: Timestamp,
}

/// What a row is marked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    None,
    New,
    Gone,
}

/// One step of a story; the first also tells where it began.
pub(super) struct Step {
    pub before: Option<String>,
    pub after: String,
}

impl Section {
    pub fn new(resource: Resource, patterns: Patterns, view: View) -> Self {
        Self {
            resource,
            shape: Shape::default(),
            connection: Connection::Connecting,
            elsewhere: None,
            rows: BTreeMap::new(),
            patterns,
            view,
            listed: false,
        }
    }

    /// Whether the server has answered and there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.listed && self.rows.is_empty()
    }

    /// A list takes the place of all that was known; only differences are marked and told.
    pub fn listed(&mut self, columns: &[Column], rows: &[Row], now: Timestamp) -> Vec<(Key, Step)> {
        self.shape = Shape::new(columns, &self.view, self.resource.namespaced);
        let first = !std::mem::replace(&mut self.listed, true);
        let mut unseen: Vec<Key> = self
            .rows
            .iter()
            .filter(|(_, entry)| entry.mark != Mark::Gone)
            .map(|(key, _)| key.clone())
            .collect();
        let mut stories = Vec::new();
        for row in rows {
            let row = self.shape.row(row);
            let key = (row.namespace.clone(), row.name.clone());
            if let Ok(index) = unseen.binary_search(&key) {
                unseen.remove(index);
            }
            stories.extend(self.changed(Change::Modified, row, now));
        }
        for key in unseen {
            if let Some(entry) = self.rows.get(&key) {
                let row = entry.row.clone();
                stories.extend(self.changed(Change::Deleted, row, now));
            }
        }
        if first {
            stories.clear();
            for entry in self.rows.values_mut() {
                entry.mark = Mark::None;
            }
        }
        stories
    }

    pub fn changed(
        &mut self,
        change: Change,
        row: SheetRow,
        now: Timestamp,
    ) -> Option<(Key, Step)> {
        let key = (row.namespace.clone(), row.name.clone());
        let matters = self.patterns.may_match(&row.name);
        let headings = &self.shape.headings;
        let step = if change == Change::Deleted {
            let entry = self.rows.get_mut(&key)?;
            entry.mark = Mark::Gone;
            entry.until = now + MARKED;
            let before = status(headings, &entry.row);
            Some(Step {
                before,
                after: "gone".to_owned(),
            })
        } else if let Some(entry) = self
            .rows
            .get_mut(&key)
            .filter(|entry| entry.mark != Mark::Gone)
        {
            entry.update(headings, row, now)
        } else {
            let after = status(headings, &row).unwrap_or_else(|| "new".to_owned());
            let before = (after != "new").then(|| "new".to_owned());
            self.rows
                .insert(key.clone(), Entry::new(headings, row, now));
            Some(Step { before, after })
        };
        step.filter(|_| matters).map(|step| (key, step))
    }

    pub fn visible(&self, typed: Option<&str>, browsing: &Browsing) -> Vec<&Key> {
        let all: Vec<(&Key, &Entry)> = self.rows.iter().collect();
        let names: Vec<&str> = all.iter().map(|(key, _)| key.1.as_str()).collect();
        let mut kept: Vec<(&Key, &Entry)> = self
            .patterns
            .select(&names)
            .into_iter()
            .map(|index| all[index])
            .filter(|(_, entry)| !browsing.problems || self.health(entry).is_problem())
            .filter(|(_, entry)| typed.is_none_or(|typed| entry.holds(typed)))
            .collect();
        let column = browsing.sort.as_ref().and_then(|(heading, descending)| {
            let column = self
                .shape
                .headings
                .iter()
                .position(|other| other == heading)?;
            Some((column, *descending))
        });
        if let Some((column, descending)) = column {
            kept.sort_by(|(_, a), (_, b)| {
                let order = compare(&a.row.cells[column], &b.row.cells[column]);
                if descending { order.reverse() } else { order }
            });
        }
        kept.into_iter().map(|(key, _)| key).collect()
    }

    /// How well an object is.
    pub fn health(&self, entry: &Entry) -> Health {
        problem::row(&self.shape.headings, &entry.row.cells)
    }

    /// How to paint each cell of a row.
    pub fn paints(&self, entry: &Entry, now: Timestamp) -> Vec<Paint> {
        if entry.mark == Mark::Gone || self.connection != Connection::Live {
            return vec![Paint::Quiet; entry.cells.len()];
        }
        let done = self.health(entry) == Health::Done;
        problem::cells(&self.shape.headings, &entry.row.cells)
            .into_iter()
            .zip(&entry.changed)
            .map(|(health, changed)| match changed {
                Some(until) if *until > now => Paint::Changed,
                _ if done => Paint::Quiet,
                _ => health.paint(),
            })
            .collect()
    }

    /// How many objects are in each state, the most frequent first; only for types that have a STATUS.
    pub fn counts(&self) -> Vec<(String, usize)> {
        let Some(column) = self
            .shape
            .headings
            .iter()
            .position(|heading| heading == "STATUS")
        else {
            return Vec::new();
        };
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in self.rows.values().filter(|entry| entry.mark != Mark::Gone) {
            *counts.entry(&entry.row.cells[column]).or_default() += 1;
        }
        let mut counts: Vec<_> = counts
            .into_iter()
            .map(|(state, count)| (state.to_owned(), count))
            .collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.rows
            .values()
            .filter(|entry| entry.mark != Mark::Gone)
            .count()
    }
}

impl Entry {
    fn new(headings: &[String], row: SheetRow, now: Timestamp) -> Self {
        Self {
            cells: ticking(headings, &row, now, &[]),
            changed: vec![None; row.cells.len()],
            row,
            mark: Mark::New,
            until: now + MARKED,
        }
    }

    /// Takes in a newer row and tells what is different, if anything a person cares about is.
    fn update(&mut self, headings: &[String], row: SheetRow, now: Timestamp) -> Option<Step> {
        self.changed.resize(row.cells.len(), None);
        let mut differences = Vec::new();
        for (index, cell) in row.cells.iter().enumerate() {
            let before = self.row.cells.get(index).map_or("", String::as_str);
            if !same_cell(before, cell) {
                self.changed[index] = Some(now + MARKED);
                differences.push(index);
            }
        }
        self.cells = ticking(headings, &row, now, &self.cells);
        let before = std::mem::replace(&mut self.row, row);
        let tell = |row: &SheetRow, index: usize| match headings[index].as_str() {
            "STATUS" => row.cells[index].clone(),
            heading => format!("{heading} {}", row.cells[index]),
        };
        let is_status = |index: &&usize| headings[**index] == "STATUS";
        let index = *differences.iter().find(is_status).or(differences.first())?;
        Some(Step {
            before: before.cells.get(index).map(|_| tell(&before, index)),
            after: tell(&self.row, index),
        })
    }

    fn holds(&self, typed: &str) -> bool {
        match Patterns::parse(&[typed]) {
            // While it is being typed, an expression may not be one yet.
            Err(_) => self.row.cells.iter().any(|cell| cell.contains(typed)),
            Ok(pattern) => self.row.cells.iter().any(|cell| pattern.may_match(cell)),
        }
    }
}

fn ticking(
    headings: &[String],
    row: &SheetRow,
    now: Timestamp,
    before: &[Ticking],
) -> Vec<Ticking> {
    headings
        .iter()
        .zip(&row.cells)
        .enumerate()
        .map(|(index, (heading, cell))| Ticking::read(heading, cell, now, before.get(index)))
        .collect()
}

fn status(headings: &[String], row: &SheetRow) -> Option<String> {
    let column = headings.iter().position(|heading| heading == "STATUS")?;
    row.cells.get(column).cloned()
}
