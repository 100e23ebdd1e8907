//! What a live view knows, and how events change it. No I/O, no clock.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use plugin_core::watch::Event;

use super::section::{Connection, Mark, Section, Step};

/// How many transitions are kept.
const TRANSITIONS: usize = 5;
/// How many steps of one object are told, the last ones.
const STEPS: usize = 5;
/// Steps of one object that follow each other within this time share a line.
const SAME_STORY: SignedDuration = SignedDuration::from_secs(60);

/// Namespace and name.
pub(super) type Key = (String, String);

/// Everything a live view knows.
pub(super) struct Model {
    pub sections: Vec<Section>,
    pub transitions: VecDeque<Transition>,
    pub last_event: Option<Timestamp>,
    pub browsing: Browsing,
}

/// What the user has chosen to see.
#[derive(Debug, Default)]
pub(super) struct Browsing {
    pub mode: Mode,
    pub filter: String,
    pub problems: bool,
    /// The heading to sort by, and whether downwards.
    pub sort: Option<(String, bool)>,
    /// The row that keys act on.
    pub cursor: Option<(usize, Key)>,
    /// The first line of the list that is shown.
    pub offset: usize,
}

/// What keys mean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Mode {
    #[default]
    Browse,
    /// Typing a filter.
    Filter,
    /// Reading which keys there are.
    Help,
    /// Choosing what to do with the row under the cursor.
    Menu,
}

/// What happened to one object, as a short story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transition {
    pub time: Timestamp,
    pub name: String,
    pub steps: Vec<String>,
    source: usize,
    key: Key,
}

impl Model {
    pub fn new(sections: Vec<Section>) -> Self {
        Self {
            sections,
            transitions: VecDeque::new(),
            last_event: None,
            browsing: Browsing::default(),
        }
    }

    /// Takes in what the watch of one section says.
    pub fn apply(&mut self, source: usize, event: Event, now: Timestamp) {
        let section = &mut self.sections[source];
        let mut stories = Vec::new();
        match event {
            Event::Connected => section.connection = Connection::Live,
            Event::Disconnected { cause, retry } => {
                let since = match section.connection {
                    Connection::Lost { since, .. } => since,
                    _ => now,
                };
                let retry = SignedDuration::try_from(retry).unwrap_or_default();
                section.connection = Connection::Lost {
                    since,
                    cause,
                    next_try: now + retry,
                };
            }
            Event::Listed { columns, rows } => {
                stories = section.listed(&columns, &rows, now);
                section.connection = Connection::Live;
            }
            Event::Changed(change, row) => {
                self.last_event = Some(now);
                let row = section.shape.row(&row);
                stories.extend(section.changed(change, row, now));
            }
            Event::Stopped(_) => {}
        }
        for (key, step) in stories {
            self.last_event = Some(now);
            self.tell(source, key, step, now);
        }
    }

    /// Adds a step to an object's story, or begins one.
    fn tell(&mut self, source: usize, key: Key, step: Step, now: Timestamp) {
        let known = self
            .transitions
            .iter()
            .position(|story| story.source == source && story.key == key);
        let mut story = known.and_then(|index| self.transitions.remove(index));
        if story
            .as_ref()
            .is_some_and(|story| now.duration_since(story.time) > SAME_STORY)
        {
            story = None;
        }
        let mut story = story.unwrap_or_else(|| Transition {
            time: now,
            name: key.1.clone(),
            steps: step.before.into_iter().collect(),
            source,
            key,
        });
        story.time = now;
        if story.steps.last() != Some(&step.after) {
            story.steps.push(step.after);
        }
        let surplus = story.steps.len().saturating_sub(STEPS);
        story.steps.drain(..surplus);
        self.transitions.push_back(story);
        while self.transitions.len() > TRANSITIONS {
            self.transitions.pop_front();
        }
    }

    /// Forgets marks that have had their time, and rows that are gone.
    pub fn forget(&mut self, now: Timestamp) {
        for section in &mut self.sections {
            section
                .rows
                .retain(|_, entry| entry.mark != Mark::Gone || entry.until > now);
            for entry in section.rows.values_mut().filter(|entry| entry.until <= now) {
                entry.mark = Mark::None;
            }
        }
    }

    /// The rows to show, in order: section and key.
    pub fn visible(&self) -> Vec<(usize, Key)> {
        let filter = &self.browsing.filter;
        let typed = (!filter.is_empty()).then_some(filter);
        self.sections
            .iter()
            .enumerate()
            .flat_map(|(index, section)| {
                section
                    .visible(typed.map(String::as_str), &self.browsing)
                    .into_iter()
                    .map(move |key| (index, key.clone()))
            })
            .collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::get::options::View;
    use plugin_core::discovery::Resource;
    use plugin_core::pattern::Patterns;
    use plugin_core::render::style::Paint;
    use plugin_core::table::{Cell, Column, IncludeObject, Row};
    use plugin_core::watch::Change;

    pub fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    pub fn pods() -> Resource {
        Resource {
            group: String::new(),
            version: "v1".to_owned(),
            plural: "pods".to_owned(),
            singular: "pod".to_owned(),
            kind: "Pod".to_owned(),
            namespaced: true,
            listable: true,
        }
    }

    pub fn row(text: &str) -> Row {
        Row {
            cells: text
                .split('|')
                .map(|cell| Cell::Text(cell.to_owned()))
                .collect(),
            object: None,
        }
    }

    pub fn list(rows: &[&str]) -> Event {
        let column = |name: &str, format: &str| Column {
            name: name.to_owned(),
            format: format.to_owned(),
            priority: 0,
        };
        Event::Listed {
            columns: vec![
                column("Name", "name"),
                column("Ready", ""),
                column("Status", ""),
                column("Age", ""),
            ],
            rows: rows.iter().map(|text| row(text)).collect(),
        }
    }

    pub fn model(rows: &[&str]) -> Model {
        let view = View {
            headings: true,
            ..View::default()
        };
        assert_eq!(view.include(), IncludeObject::None);
        let mut model = Model::new(vec![Section::new(pods(), Patterns::default(), view)]);
        model.apply(0, list(rows), at(0));
        model.apply(0, Event::Connected, at(0));
        model
    }

    fn names(model: &Model) -> Vec<String> {
        model.visible().into_iter().map(|(_, key)| key.1).collect()
    }

    fn stories(model: &Model) -> Vec<String> {
        model
            .transitions
            .iter()
            .map(|story| format!("{}: {}", story.name, story.steps.join(" > ")))
            .collect()
    }

    #[test]
    fn the_first_list_is_no_news() {
        let model = model(&["a|1/1|Running|5s"]);
        assert_eq!(names(&model), ["a"]);
        assert_eq!(stories(&model), [] as [&str; 0]);
        assert_eq!(
            model.sections[0].rows.values().next().unwrap().mark,
            Mark::None
        );
    }

    #[test]
    fn the_steps_of_a_pod_become_one_story() {
        let mut model = model(&[]);
        model.apply(
            0,
            Event::Changed(Change::Added, row("a|0/1|Pending|0s")),
            at(1),
        );
        model.apply(
            0,
            Event::Changed(Change::Modified, row("a|0/1|ContainerCreating|1s")),
            at(2),
        );
        model.apply(
            0,
            Event::Changed(Change::Modified, row("a|1/1|Running|2s")),
            at(3),
        );
        assert_eq!(
            stories(&model),
            ["a: new > Pending > ContainerCreating > Running"]
        );
        assert_eq!(model.transitions[0].time, at(3));
    }

    #[test]
    fn only_the_last_five_stories_are_kept() {
        let mut model = model(&[]);
        for name in ["a", "b", "c", "d", "e", "f"] {
            model.apply(
                0,
                Event::Changed(Change::Added, row(&format!("{name}|0/1|Pending|0s"))),
                at(1),
            );
        }
        assert_eq!(model.transitions.len(), 5);
        assert_eq!(model.transitions[0].name, "b");
    }

    #[test]
    fn a_row_that_only_got_older_is_no_change() {
        let mut model = model(&["a|1/1|Running|5s"]);
        model.apply(
            0,
            Event::Changed(Change::Modified, row("a|1/1|Running|9s")),
            at(4),
        );
        assert_eq!(stories(&model), [] as [&str; 0]);
        let section = &model.sections[0];
        let entry = section.rows.values().next().unwrap();
        assert!(!section.paints(entry, at(4)).contains(&Paint::Changed));
    }

    #[test]
    fn a_changed_cell_is_marked_for_a_moment() {
        let mut model = model(&["a|1/1|Running|5s"]);
        model.apply(
            0,
            Event::Changed(Change::Modified, row("a|0/1|Running|6s")),
            at(1),
        );
        let section = &model.sections[0];
        let entry = section.rows.values().next().unwrap();
        assert_eq!(section.paints(entry, at(2))[1], Paint::Changed);
        assert_eq!(section.paints(entry, at(9))[1], Paint::Bad);
        assert_eq!(stories(&model), ["a: READY 1/1 > READY 0/1"]);
    }

    #[test]
    fn a_deleted_row_stays_a_moment_and_then_goes() {
        let mut model = model(&["a|1/1|Running|5s"]);
        model.apply(
            0,
            Event::Changed(Change::Deleted, row("a|1/1|Terminating|6s")),
            at(1),
        );
        model.forget(at(2));
        assert_eq!(names(&model), ["a"]);
        assert_eq!(model.sections[0].len(), 0);
        model.forget(at(9));
        assert_eq!(names(&model), [] as [&str; 0]);
    }

    #[test]
    fn a_list_after_a_lost_connection_tells_only_what_differs() {
        let mut model = model(&["a|1/1|Running|5s", "b|1/1|Running|5s"]);
        let retry = std::time::Duration::from_secs(1);
        model.apply(
            0,
            Event::Disconnected {
                cause: "reset".to_owned(),
                retry,
            },
            at(1),
        );
        model.apply(0, list(&["b|1/1|Running|9s", "c|0/1|Pending|1s"]), at(5));
        assert_eq!(stories(&model), ["c: new > Pending", "a: Running > gone"]);
        model.forget(at(20));
        assert_eq!(names(&model), ["b", "c"]);
    }

    #[test]
    fn an_object_that_comes_back_under_its_name_is_new() {
        let mut model = model(&["a|1/1|Running|5m"]);
        model.apply(
            0,
            Event::Changed(Change::Deleted, row("a|1/1|Running|5m")),
            at(1),
        );
        model.apply(
            0,
            Event::Changed(Change::Added, row("a|0/1|Pending|0s")),
            at(1),
        );
        let entry = model.sections[0].rows.values().next().unwrap();
        assert_eq!(
            (entry.mark, entry.cells[3].text(at(3)).as_str()),
            (Mark::New, "2s")
        );
    }

    #[test]
    fn rows_are_not_live_while_the_connection_is_lost() {
        let mut model = model(&["a|1/1|Running|5s"]);
        let retry = std::time::Duration::from_secs(1);
        model.apply(
            0,
            Event::Disconnected {
                cause: "reset".to_owned(),
                retry,
            },
            at(1),
        );
        let section = &model.sections[0];
        let entry = section.rows.values().next().unwrap();
        assert!(
            section
                .paints(entry, at(1))
                .iter()
                .all(|paint| *paint == Paint::Quiet)
        );
    }

    #[test]
    fn the_view_is_sorted_and_filtered_as_chosen() {
        let mut model = model(&["a|1/1|Running|9s", "b|0/1|Error|5s", "c|1/1|Running|7s"]);
        model.browsing.sort = Some(("AGE".to_owned(), true));
        assert_eq!(names(&model), ["a", "c", "b"]);
        model.browsing.problems = true;
        assert_eq!(names(&model), ["b"]);
        model.browsing.problems = false;
        model.browsing.filter = "Running".to_owned();
        assert_eq!(names(&model), ["a", "c"]);
        model.browsing.filter = "[".to_owned();
        assert_eq!(names(&model), [] as [&str; 0]);
    }
}
