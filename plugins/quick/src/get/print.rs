//! Sheets as text: as kubectl aligns them for programs, fitted and coloured for people.

use std::borrow::Cow;
use std::io::{self, Write};

use plugin_core::render::columns::{Cut, Layout, PipeColumns, Wish, Worth, fit, shorten, width};
use plugin_core::render::style::{Paint, Style};

use super::sheet::{Shape, Sheet};
use crate::problem::{self, Health};

/// How to print sheets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printing {
    pub style: Style,
    /// The window's width; without one, nothing is shortened.
    pub width: Option<usize>,
    pub headings: bool,
}

/// Prints sheets one after the other and returns the headings of columns that did not fit.
pub(crate) fn sheets(
    sheets: &[Sheet],
    printing: Printing,
    out: &mut impl Write,
) -> io::Result<Vec<String>> {
    let mut hidden = Vec::new();
    for (index, sheet) in sheets.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let prefix = (sheets.len() > 1).then(|| sheet.resource.type_name());
        let rows = rows(sheet, prefix.as_deref());
        match printing.width {
            Some(window) => hidden.extend(fitted(&sheet.shape, &rows, window, printing, out)?),
            None => piped(&sheet.shape, &rows, printing, out)?,
        }
    }
    hidden.sort();
    hidden.dedup();
    Ok(hidden)
}

/// Prints `type/name` lines.
pub(crate) fn names(sheets: &[Sheet], out: &mut impl Write) -> io::Result<()> {
    for sheet in sheets {
        let kind = sheet.resource.type_name();
        for row in &sheet.rows {
            writeln!(out, "{kind}/{}", row.name)?;
        }
    }
    Ok(())
}

/// The cells, with the type before the name where several types are shown.
fn rows<'a>(sheet: &'a Sheet, prefix: Option<&str>) -> Vec<Vec<Cow<'a, str>>> {
    sheet
        .rows
        .iter()
        .map(|row| {
            let mut cells: Vec<Cow<str>> = row.cells.iter().map(Cow::from).collect();
            if let (Some(prefix), Some(name)) = (prefix, cells.get_mut(sheet.shape.name)) {
                *name = Cow::Owned(format!("{prefix}/{name}"));
            }
            cells
        })
        .collect()
}

fn piped(
    shape: &Shape,
    rows: &[Vec<Cow<str>>],
    printing: Printing,
    out: &mut impl Write,
) -> io::Result<()> {
    let headings: Vec<Cow<str>> = shape.headings.iter().map(Cow::from).collect();
    let mut all = Vec::with_capacity(rows.len() + 1);
    if printing.headings {
        all.push(headings);
    }
    all.extend_from_slice(rows);
    PipeColumns::default().write(&all, out)
}

fn fitted(
    shape: &Shape,
    rows: &[Vec<Cow<str>>],
    window: usize,
    printing: Printing,
    out: &mut impl Write,
) -> io::Result<Vec<String>> {
    let layout = layout(shape, rows, window);
    if printing.headings {
        writeln!(out, "{}", heading_line(shape, &layout, printing.style))?;
    }
    for cells in rows {
        let plain: Vec<String> = cells.iter().map(|cell| cell.clone().into_owned()).collect();
        let health = problem::cells(&shape.headings, &plain);
        let done = problem::row(&shape.headings, &plain) == Health::Done;
        let paint = |index: usize| match health[index] {
            _ if done => Paint::Quiet,
            health => health.paint(),
        };
        writeln!(
            out,
            "{}",
            line(shape, &layout, cells, printing.style, paint)
        )?;
    }
    Ok(layout
        .hidden
        .iter()
        .map(|index| shape.headings[*index].clone())
        .collect())
}

/// Finds the widths for these rows in a window.
pub(crate) fn layout<T: AsRef<str>>(shape: &Shape, rows: &[Vec<T>], window: usize) -> Layout {
    let wishes: Vec<Wish> = shape
        .headings
        .iter()
        .enumerate()
        .map(|(index, heading)| {
            let widest = rows
                .iter()
                .filter_map(|row| row.get(index))
                .map(|cell| width(cell.as_ref()))
                .max()
                .unwrap_or(0);
            let heading = width(heading);
            Wish {
                width: widest.max(heading),
                heading,
                worth: shape.worth(index),
            }
        })
        .collect();
    fit(&wishes, window)
}

/// The line of headings.
pub(crate) fn heading_line(shape: &Shape, layout: &Layout, style: Style) -> String {
    line(shape, layout, &shape.headings, style, |_| Paint::Heading)
}

/// One line of cells, each shortened to its column and painted.
pub(crate) fn line<T: AsRef<str>>(
    shape: &Shape,
    layout: &Layout,
    cells: &[T],
    style: Style,
    paint: impl Fn(usize) -> Paint,
) -> String {
    let mut text = String::new();
    let last = layout.shown.len().saturating_sub(1);
    for (position, (index, column)) in layout.shown.iter().enumerate() {
        let cell = cells.get(*index).map_or("", AsRef::as_ref);
        let cut = if shape.worth(*index) == Worth::Identity {
            Cut::Middle
        } else {
            Cut::End
        };
        let cell = shorten(cell, *column, cut, style.ellipsis());
        let padding = column.saturating_sub(width(&cell));
        text.push_str(&style.paint(paint(*index), &cell));
        if position < last {
            text.extend(std::iter::repeat_n(' ', padding + layout.gap));
        }
    }
    text
}
