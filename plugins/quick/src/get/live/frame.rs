//! A live view as lines: nothing here decides, fetches or looks at the clock.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use plugin_core::render::columns::{Cut, shorten};
use plugin_core::render::style::{Paint, Style};
use plugin_core::render::words;

use super::bottom;
use super::model::{Key, Mode, Model};
use super::section::{Connection, Entry, Mark, Section};
use crate::get::print::{heading_line, layout, line};

/// Where the view is from.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub context: String,
    /// `None` for all namespaces.
    pub namespace: Option<String>,
    pub protected: bool,
}

/// The window and how to paint in it.
#[derive(Debug, Clone)]
pub(super) struct Canvas {
    pub columns: usize,
    pub lines: usize,
    pub style: Style,
    pub zone: TimeZone,
    pub now: Timestamp,
}

/// Room for the cursor and the mark before each row.
const GUTTER: usize = 2;

/// Below this width nothing is laid out any more, only cut off.
const NARROWEST: usize = 24;

/// Draws everything. Also moves the view so that the cursor is in it.
pub(super) fn draw(model: &mut Model, place: &Place, canvas: &Canvas) -> Vec<String> {
    if canvas.columns >= NARROWEST {
        return draw_fitted(model, place, canvas);
    }
    let style = Style {
        color: false,
        ..canvas.style
    };
    let wider = Canvas {
        columns: NARROWEST,
        style,
        ..canvas.clone()
    };
    draw_fitted(model, place, &wider)
        .iter()
        .map(|line| shorten(line, canvas.columns, Cut::End, ""))
        .collect()
}

fn draw_fitted(model: &mut Model, place: &Place, canvas: &Canvas) -> Vec<String> {
    let bottom = bottom::lines(model, place, canvas);
    let room = canvas.lines.saturating_sub(bottom.len());
    let mut lines = match model.browsing.mode {
        Mode::Help => help(canvas),
        _ => list(model, place, canvas, room),
    };
    lines.truncate(room);
    lines.resize(room, String::new());
    lines.extend(bottom);
    lines
}

/// How many rows fit, for the keys that turn pages.
pub(super) fn page(canvas: &Canvas) -> usize {
    canvas
        .lines
        .saturating_sub(bottom::stories_room(canvas.lines) + 3)
        .max(1)
}

fn list(model: &mut Model, place: &Place, canvas: &Canvas, room: usize) -> Vec<String> {
    let visible = model.visible();
    let several = model.sections.len() > 1;
    let mut all = Vec::new();
    let mut cursor_line = None;
    for index in 0..model.sections.len() {
        let rows: Vec<&Key> = visible
            .iter()
            .filter(|(source, _)| *source == index)
            .map(|(_, key)| key)
            .collect();
        if several {
            if index > 0 {
                all.push(Line::Blank);
            }
            all.push(Line::Title(index));
        }
        if rows.is_empty() {
            all.push(Line::Nothing(index));
            continue;
        }
        all.push(Line::Headings(index));
        for key in rows {
            if model
                .browsing
                .cursor
                .as_ref()
                .is_some_and(|(source, cursor)| *source == index && cursor == key)
            {
                cursor_line = Some(all.len());
            }
            all.push(Line::Row(index, key));
        }
    }
    let pinned = usize::from(!several && matches!(all.first(), Some(Line::Headings(_))));
    let offset = scroll(model.browsing.offset, cursor_line, pinned, all.len(), room);
    let painter = Painter::new(model, &visible, place, canvas);
    let shown = all[..pinned]
        .iter()
        .chain(all[pinned..].iter().skip(offset));
    let lines = shown.take(room).map(|line| painter.line(line)).collect();
    model.browsing.offset = offset;
    lines
}

/// One line of the list before it is painted.
enum Line<'a> {
    Blank,
    Title(usize),
    Nothing(usize),
    Headings(usize),
    Row(usize, &'a Key),
}

/// The first line to show below the pinned headings, such that the cursor is seen.
fn scroll(offset: usize, cursor: Option<usize>, pinned: usize, lines: usize, room: usize) -> usize {
    let window = room.saturating_sub(pinned).max(1);
    let scrollable = lines - pinned;
    let mut offset = offset.min(scrollable.saturating_sub(window));
    if let Some(cursor) = cursor {
        let cursor = cursor - pinned;
        offset = offset.min(cursor).max((cursor + 1).saturating_sub(window));
    }
    offset
}

struct Painter<'a> {
    model: &'a Model,
    place: &'a Place,
    canvas: &'a Canvas,
    layouts: Vec<plugin_core::render::columns::Layout>,
}

impl<'a> Painter<'a> {
    fn new(
        model: &'a Model,
        visible: &[(usize, Key)],
        place: &'a Place,
        canvas: &'a Canvas,
    ) -> Self {
        let window = canvas.columns.saturating_sub(GUTTER);
        let layouts = model
            .sections
            .iter()
            .enumerate()
            .map(|(index, section)| {
                let rows: Vec<Vec<&str>> = visible
                    .iter()
                    .filter(|(source, _)| *source == index)
                    .filter_map(|(_, key)| section.rows.get(key))
                    .map(|entry| entry.row.cells.iter().map(String::as_str).collect())
                    .collect();
                layout(&section.shape, &rows, window)
            })
            .collect();
        Self {
            model,
            place,
            canvas,
            layouts,
        }
    }

    fn line(&self, line: &Line) -> String {
        let style = self.canvas.style;
        match line {
            Line::Blank => String::new(),
            Line::Title(index) => {
                let section = &self.model.sections[*index];
                let title = words::count(section.len(), &section.resource.singular);
                style.paint(Paint::Heading, &title)
            }
            Line::Nothing(index) => {
                let text = self.nothing(&self.model.sections[*index]);
                style.paint(
                    Paint::Quiet,
                    &shorten(&text, self.canvas.columns, Cut::End, style.ellipsis()),
                )
            }
            Line::Headings(index) => {
                let shape = &self.model.sections[*index].shape;
                format!(
                    "{:GUTTER$}{}",
                    "",
                    heading_line(shape, &self.layouts[*index], style)
                )
            }
            Line::Row(index, key) => self.row(*index, key),
        }
    }

    fn row(&self, index: usize, key: &Key) -> String {
        let section = &self.model.sections[index];
        let Some(entry) = section.rows.get(key) else {
            return String::new();
        };
        let style = self.canvas.style;
        let selected = self
            .model
            .browsing
            .cursor
            .as_ref()
            .is_some_and(|(source, cursor)| *source == index && cursor == key);
        let mark = match entry.mark {
            Mark::None => ' ',
            Mark::New => '+',
            Mark::Gone => '-',
        };
        let gutter = format!("{}{mark}", if selected { '>' } else { ' ' });
        let now = match &section.connection {
            // Time stands still for what is not live.
            Connection::Lost { since, .. } => *since,
            _ => self.canvas.now,
        };
        let cells: Vec<String> = entry.cells.iter().map(|cell| cell.text(now)).collect();
        let paints = self.paints(section, entry, selected);
        let text = line(
            &section.shape,
            &self.layouts[index],
            &cells,
            style,
            |cell| paints[cell],
        );
        format!(
            "{}{text}",
            style.paint(
                if selected {
                    Paint::Heading
                } else {
                    Paint::Quiet
                },
                &gutter
            )
        )
    }

    fn paints(&self, section: &Section, entry: &Entry, selected: bool) -> Vec<Paint> {
        let mut paints = section.paints(entry, self.canvas.now);
        if let (true, Some(name)) = (selected, paints.get_mut(section.shape.name)) {
            *name = Paint::Selected;
        }
        paints
    }

    /// Why a section shows no rows.
    fn nothing(&self, section: &Section) -> String {
        let plural = section.resource.plural_name();
        if section.connection == Connection::Connecting {
            return format!("  asking for {plural}");
        }
        if !section.is_empty() {
            return format!(
                "  none of {} is shown by this filter",
                words::count(section.len(), &section.resource.singular)
            );
        }
        let place = match &self.place.namespace {
            Some(namespace) if section.resource.namespaced => format!(" in namespace {namespace}"),
            _ => String::new(),
        };
        let elsewhere = match section.elsewhere.as_deref() {
            None | Some([]) => String::new(),
            Some(places) => {
                let places: Vec<String> = places
                    .iter()
                    .take(4)
                    .map(|(name, count)| format!("{name} ({count})"))
                    .collect();
                format!("; there are some in {}", places.join(", "))
            }
        };
        format!("  no {plural}{place} yet, watching{elsewhere}")
    }
}

fn help(canvas: &Canvas) -> Vec<String> {
    const KEYS: [(&str, &str); 9] = [
        ("↑ ↓ j k", "move; PgUp PgDn Home End too"),
        ("enter", "what can be done with the row"),
        ("/", "filter as you type, on any column"),
        ("p", "only what is not well"),
        ("s", "sort by the next column"),
        ("r", "the other way round"),
        ("esc", "back: cursor, then filter"),
        ("q", "quit; the last picture stays"),
        ("+ - >", "new, gone, under the cursor"),
    ];
    let style = canvas.style;
    KEYS.iter()
        .map(|(keys, meaning)| {
            let keys = if style.utf8 {
                (*keys).to_owned()
            } else {
                keys.replace("↑ ↓", "up down")
            };
            let text = format!("  {keys:<10} {meaning}");
            shorten(&text, canvas.columns, Cut::End, style.ellipsis())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::get::live::model::tests::{at, list, model, row};
    use plugin_core::render::columns::width;
    use plugin_core::watch::{Change, Event};
    use std::time::Duration;

    fn place() -> Place {
        Place {
            context: "kind".to_owned(),
            namespace: Some("shop".to_owned()),
            protected: false,
        }
    }

    fn canvas(columns: usize, lines: usize, now: i64) -> Canvas {
        Canvas {
            columns,
            lines,
            style: Style {
                color: false,
                utf8: true,
            },
            zone: TimeZone::UTC,
            now: at(now),
        }
    }

    fn drawn(model: &mut Model, canvas: &Canvas) -> String {
        let lines = draw(model, &place(), canvas);
        assert!(lines.len() <= canvas.lines, "too high");
        for line in &lines {
            assert!(width(line) <= canvas.columns, "too wide: {line}");
        }
        lines.join("\n")
    }

    #[test]
    fn rows_stories_and_status_are_all_there() {
        let mut model = model(&["web-1|1/1|Running|5s"]);
        model.apply(
            0,
            Event::Changed(Change::Added, row("web-2|0/1|Pending|0s")),
            at(1),
        );
        model.apply(
            0,
            Event::Changed(Change::Modified, row("web-2|1/1|Running|1s")),
            at(2),
        );
        let expected = "  NAME    READY   STATUS    AGE
  web-1   1/1     Running   8s
 +web-2   1/1     Running   2s








08:00:02  web-2  new → Pending → Running
live · kind/shop · last change 1s ago · 2 pods: 2 Running · ? keys";
        assert_eq!(drawn(&mut model, &canvas(80, 13, 3)), expected);
    }

    #[test]
    fn a_lost_connection_is_said_first_and_ages_stand_still() {
        let mut model = model(&["web-1|1/1|Running|5s"]);
        let retry = Duration::from_secs(4);
        model.apply(
            0,
            Event::Disconnected {
                cause: "connection reset".to_owned(),
                retry,
            },
            at(10),
        );
        let text = drawn(&mut model, &canvas(80, 4, 12));
        assert!(text.contains("Running   15s"), "{text}");
        assert!(
            text.contains("NOT LIVE for 2s: connection reset, next try in 2s · kind/shop"),
            "{text}"
        );
    }

    #[test]
    fn an_empty_view_says_so_and_where_there_are_some() {
        let mut model = model(&[]);
        model.sections[0].elsewhere = Some(vec![("dev".to_owned(), 3)]);
        let text = drawn(&mut model, &canvas(80, 4, 1));
        assert!(
            text.starts_with(
                "  no pods in namespace shop yet, watching; there are some in dev (3)"
            ),
            "{text}"
        );
    }

    #[test]
    fn the_cursor_is_always_in_view() {
        let rows: Vec<String> = (10..40)
            .map(|number| format!("web-{number}|1/1|Running|5s"))
            .collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let mut model = model(&[]);
        model.apply(0, list(&rows), at(0));
        model.forget(at(100));
        model.browsing.cursor = Some((0, (String::new(), "web-39".to_owned())));
        let text = drawn(&mut model, &canvas(60, 8, 100));
        assert!(text.starts_with("  NAME"), "{text}");
        assert!(text.contains("> web-39"), "{text}");
    }

    #[test]
    fn every_window_is_fitted() {
        let mut model = model(&[
            "a-very-long-pod-name-7887448d46-7cth4|1/1|CrashLoopBackOff|5s",
            "b|1/1|Running|1s",
        ]);
        model.apply(
            0,
            Event::Changed(Change::Modified, row("b|0/1|Error|2s")),
            at(1),
        );
        for mode in [Mode::Browse, Mode::Filter, Mode::Help, Mode::Menu] {
            for columns in [1, 5, 12, 20, 40, 80, 120] {
                for lines in [1, 2, 5, 12, 24] {
                    model.browsing.cursor = Some((0, (String::new(), "b".to_owned())));
                    model.browsing.mode = mode;
                    drawn(&mut model, &canvas(columns, lines, 2));
                }
            }
        }
    }
}
