//! The last lines of a live view: what happened lately, and how things are.

use plugin_core::render::age;
use plugin_core::render::columns::{Cut, shorten, width};
use plugin_core::render::style::Paint;
use plugin_core::render::words;

use super::actions;
use super::frame::{Canvas, Place};
use super::model::{Mode, Model, Transition};
use super::section::Connection;

/// How many lines the stories may take in a window of this height, the empty one above them included.
pub(super) fn stories_room(lines: usize) -> usize {
    match lines {
        0..10 => 0,
        10..16 => 3,
        _ => 6,
    }
}

/// The stories and the status line.
pub(super) fn lines(model: &Model, place: &Place, canvas: &Canvas) -> Vec<String> {
    let mut lines = Vec::new();
    let room = stories_room(canvas.lines);
    if room > 0 && !model.transitions.is_empty() {
        lines.push(String::new());
        let skip = model.transitions.len().saturating_sub(room - 1);
        lines.extend(
            model
                .transitions
                .iter()
                .skip(skip)
                .map(|story| self::story(story, canvas)),
        );
    }
    match model.browsing.mode {
        Mode::Filter => lines.push(filter_line(model, canvas)),
        Mode::Menu => lines.push(menu_line(model, canvas)),
        Mode::Browse | Mode::Help => lines.extend(status_lines(model, place, canvas)),
    }
    lines
}

fn story(story: &Transition, canvas: &Canvas) -> String {
    let style = canvas.style;
    let time = story
        .time
        .to_zoned(canvas.zone.clone())
        .strftime("%H:%M:%S")
        .to_string();
    let arrow = if style.utf8 { " → " } else { " > " };
    let name_room = (canvas.columns / 2).max(10);
    let name = shorten(&story.name, name_room, Cut::Middle, style.ellipsis());
    let head = width(&time) + 2 + width(&name) + 2;
    let room = canvas.columns.saturating_sub(head);
    let steps = without_repeated_headings(&story.steps);
    // Where not all steps fit, the last ones matter.
    let mut steps = steps.as_slice();
    while width(&steps.join(arrow)) > room && steps.len() > 1 {
        steps = &steps[1..];
    }
    let steps = shorten(&steps.join(arrow), room, Cut::End, style.ellipsis());
    format!("{}  {name}  {steps}", style.paint(Paint::Quiet, &time))
}

/// `READY 0/1`, `READY 1/1` as `READY 0/1`, `1/1`.
fn without_repeated_headings(steps: &[String]) -> Vec<&str> {
    let heading = |step: &str| step.rfind(' ').map(|end| step[..=end].to_owned());
    let mut before = None;
    steps
        .iter()
        .map(|step| {
            let this = heading(step);
            let repeated = this.is_some() && this == before;
            let length = this.as_ref().map_or(0, String::len);
            before = this;
            if repeated {
                &step[length..]
            } else {
                step.as_str()
            }
        })
        .collect()
}

fn filter_line(model: &Model, canvas: &Canvas) -> String {
    let count = model.visible().len();
    let text = format!("/{}", model.browsing.filter);
    let rest = format!(
        "   {} · enter keeps it, esc clears it",
        words::count(count, "row")
    );
    let rest = if canvas.style.utf8 {
        rest
    } else {
        rest.replace('·', "|")
    };
    let text = shorten(&text, canvas.columns, Cut::Middle, canvas.style.ellipsis());
    let room = canvas.columns.saturating_sub(width(&text));
    let rest = if width(&rest) <= room {
        rest
    } else {
        String::new()
    };
    format!(
        "{}{}",
        canvas.style.paint(Paint::Heading, &text),
        canvas.style.paint(Paint::Quiet, &rest)
    )
}

fn menu_line(model: &Model, canvas: &Canvas) -> String {
    let Some((source, key)) = &model.browsing.cursor else {
        return String::new();
    };
    let actions: Vec<String> = actions::of(&model.sections[*source].resource)
        .iter()
        .map(|action| format!("{} {}", action.letter(), action.label()))
        .collect();
    let text = format!("{}:  {}  esc back", key.1, actions.join("  "));
    let text = if width(&text) <= canvas.columns {
        text
    } else {
        actions.join(" ")
    };
    let text = shorten(&text, canvas.columns, Cut::End, canvas.style.ellipsis());
    canvas.style.paint(Paint::Heading, &text)
}

/// A part of the status line; the higher its rank, the sooner it goes when there is no room.
struct Part {
    rank: u8,
    text: String,
    paint: Paint,
}

/// One line where everything fits in it or the window is low, else two.
fn status_lines(model: &Model, place: &Place, canvas: &Canvas) -> Vec<String> {
    let separator = if canvas.style.utf8 { " · " } else { " | " };
    let mut first = status_parts(model, place, canvas);
    let mut second = counts_parts(model);
    let fits =
        total(&first, separator) + total(&second, separator) + width(separator) <= canvas.columns;
    if fits || canvas.lines < TWO_STATUS_LINES {
        first.append(&mut second);
        return vec![status_line(first, separator, canvas)];
    }
    vec![
        status_line(second, separator, canvas),
        status_line(first, separator, canvas),
    ]
}

/// In a lower window the rows need the space.
const TWO_STATUS_LINES: usize = 16;

fn total(parts: &[Part], separator: &str) -> usize {
    let gaps = width(separator) * parts.len().saturating_sub(1);
    parts.iter().map(|part| width(&part.text)).sum::<usize>() + gaps
}

fn status_line(mut parts: Vec<Part>, separator: &str, canvas: &Canvas) -> String {
    while total(&parts, separator) > canvas.columns && parts.len() > 1 {
        let highest = parts.iter().map(|part| part.rank).max().unwrap_or(0);
        parts.retain(|part| part.rank != highest);
    }
    let ellipsis = canvas.style.ellipsis();
    let painted: Vec<String> = parts
        .iter()
        .map(|part| {
            let text = shorten(&part.text, canvas.columns, Cut::End, ellipsis);
            canvas.style.paint(part.paint, &text)
        })
        .collect();
    painted.join(separator)
}

/// What there is, and how to learn more.
fn counts_parts(model: &Model) -> Vec<Part> {
    let part = |rank, text: String, paint| Part { rank, text, paint };
    vec![
        part(2, counts(model), Paint::Plain),
        part(6, "? keys".to_owned(), Paint::Quiet),
    ]
}

fn status_parts(model: &Model, place: &Place, canvas: &Canvas) -> Vec<Part> {
    let part = |rank, text: String, paint| Part { rank, text, paint };
    let (connection, paint) = connection(model, canvas);
    let namespace = place.namespace.as_deref().unwrap_or("all namespaces");
    let mark = if place.protected { " (protected)" } else { "" };
    let place_paint = if place.protected {
        Paint::Protected
    } else {
        Paint::Heading
    };
    let mut parts = vec![
        part(0, connection, paint),
        part(
            1,
            format!("{}/{namespace}{mark}", place.context),
            place_paint,
        ),
    ];
    if let Some(last) = model.last_event {
        let ago = age::human(canvas.now.duration_since(last).unsigned_abs());
        parts.push(part(4, format!("last change {ago} ago"), Paint::Quiet));
    }
    let browsing = &model.browsing;
    if !browsing.filter.is_empty() {
        parts.push(part(
            3,
            format!("filter {}", browsing.filter),
            Paint::Warning,
        ));
    }
    if browsing.problems {
        parts.push(part(3, "problems only".to_owned(), Paint::Warning));
    }
    if let Some((heading, descending)) = &browsing.sort {
        let arrow = if *descending { "downwards" } else { "upwards" };
        parts.push(part(5, format!("by {heading} {arrow}"), Paint::Quiet));
    }
    parts
}

fn connection(model: &Model, canvas: &Canvas) -> (String, Paint) {
    for section in &model.sections {
        match &section.connection {
            Connection::Live => {}
            Connection::Connecting => return ("connecting".to_owned(), Paint::Moving),
            Connection::Lost {
                since,
                cause,
                next_try,
            } => {
                let lost = age::human(canvas.now.duration_since(*since).unsigned_abs());
                let wait = next_try.duration_since(canvas.now).as_secs().max(0);
                let next = if wait > 0 {
                    format!("next try in {wait}s")
                } else {
                    "trying".to_owned()
                };
                return (format!("NOT LIVE for {lost}: {cause}, {next}"), Paint::Bad);
            }
        }
    }
    ("live".to_owned(), Paint::Plain)
}

fn counts(model: &Model) -> String {
    let sections: Vec<String> = model
        .sections
        .iter()
        .map(|section| {
            let total = words::count(section.len(), &section.resource.singular);
            let states: Vec<String> = section
                .counts()
                .into_iter()
                .take(4)
                .map(|(state, count)| format!("{count} {state}"))
                .collect();
            match states.as_slice() {
                [] => total,
                states => format!("{total}: {}", states.join(", ")),
            }
        })
        .collect();
    sections.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_told_once_in_a_row() {
        let steps = ["READY 0/1", "READY 1/1", "Error", "READY 0/1"].map(str::to_owned);
        let told = without_repeated_headings(&steps);
        assert_eq!(told, ["READY 0/1", "1/1", "Error", "READY 0/1"]);
    }
}
