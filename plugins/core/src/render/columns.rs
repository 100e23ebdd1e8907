//! Columns of text: kubectl's own alignment where a program reads, a fit to the window where a person does.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The gap kubectl leaves between columns, and the least a column takes with it (`tabwriter` in cli-runtime).
const GAP: usize = 3;
const LEAST: usize = 6;

/// Writes rows as kubectl does on a pipe. Widths are remembered from one call to the next, so that rows
/// appended by a watch stay aligned with those before.
#[derive(Debug, Default)]
pub struct PipeColumns {
    widths: Vec<usize>,
}

impl PipeColumns {
    /// Writes the rows; the last cell of each is never padded.
    ///
    /// ```
    /// use plugin_core::render::columns::PipeColumns;
    ///
    /// let mut text = Vec::new();
    /// let rows = [vec!["NAME", "AGE"], vec!["a-long-name", "5s"]];
    /// PipeColumns::default().write(&rows, &mut text).unwrap();
    /// assert_eq!(text, b"NAME          AGE\na-long-name   5s\n");
    /// ```
    pub fn write<T: AsRef<str>>(
        &mut self,
        rows: &[Vec<T>],
        out: &mut impl Write,
    ) -> io::Result<()> {
        for row in rows {
            let cells = row.len().saturating_sub(1);
            if self.widths.len() < cells {
                self.widths.resize(cells, LEAST);
            }
            for (width, cell) in self.widths.iter_mut().zip(&row[..cells]) {
                *width = (*width).max(cell.as_ref().chars().count() + GAP);
            }
        }
        for row in rows {
            let (last, cells) = row
                .split_last()
                .map_or(("", &[][..]), |(l, c)| (l.as_ref(), c));
            for (cell, width) in cells.iter().zip(&self.widths) {
                let cell = cell.as_ref();
                let padding = width - cell.chars().count();
                write!(out, "{cell}{:padding$}", "")?;
            }
            writeln!(out, "{last}")?;
        }
        Ok(())
    }
}

/// How dear a column is when the window is narrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worth {
    /// Goes first.
    Extra,
    /// Goes when there is no other way.
    Normal,
    /// Says how things are.
    State,
    /// Never goes: without it nobody knows what a row is about.
    Identity,
}

/// A column before it is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// The width it would like, in terminal cells.
    pub width: usize,
    /// The width of its heading, below which it is not squeezed.
    pub heading: usize,
    /// How dear it is.
    pub worth: Worth,
}

/// Where each column goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// The columns that are shown, by index, with their widths.
    pub shown: Vec<(usize, usize)>,
    /// The columns that are not.
    pub hidden: Vec<usize>,
    /// The gap between two.
    pub gap: usize,
}

/// Fits columns into a window: first narrower gaps, then squeezed texts, then the least dear columns go,
/// and at last the names are shortened.
///
/// ```
/// use plugin_core::render::columns::{Wish, Worth, fit};
///
/// let wish = |width, worth| Wish { width, heading: 4, worth };
/// let wishes = [wish(10, Worth::Identity), wish(8, Worth::State), wish(30, Worth::Extra)];
/// assert_eq!(fit(&wishes, 80).shown, [(0, 10), (1, 8), (2, 30)]);
/// assert_eq!(fit(&wishes, 40).shown, [(0, 10), (1, 8), (2, 18)]);
/// assert_eq!(fit(&wishes, 24).hidden, [2]);
/// ```
pub fn fit(wishes: &[Wish], window: usize) -> Layout {
    let mut shown: Vec<(usize, usize)> = wishes.iter().map(|wish| wish.width).enumerate().collect();
    let total = |shown: &[(usize, usize)], gap: usize| {
        shown.iter().map(|(_, width)| width).sum::<usize>() + gap * shown.len().saturating_sub(1)
    };
    if total(&shown, GAP) <= window {
        return Layout {
            shown,
            hidden: Vec::new(),
            gap: GAP,
        };
    }
    let gap = 2;
    let mut hidden = Vec::new();
    loop {
        let excess = total(&shown, gap).saturating_sub(window);
        if excess == 0 || squeeze(&mut shown, wishes, excess) {
            break;
        }
        let Some(position) = least_dear(&shown, wishes) else {
            shorten_identity(&mut shown, wishes, excess, 1);
            break;
        };
        // How things are is worth more than the middle of a long name.
        let is_state = wishes[shown[position].0].worth == Worth::State;
        if is_state && shorten_identity(&mut shown, wishes, excess, SHORT_NAME) {
            break;
        }
        hidden.push(shown.remove(position).0);
        // What was squeezed for a column that is gone now gets its width back.
        for (index, width) in &mut shown {
            *width = wishes[*index].width;
        }
    }
    hidden.sort_unstable();
    Layout { shown, hidden, gap }
}

/// Takes the excess from long texts that are neither name nor state; `false` if that is not enough.
fn squeeze(shown: &mut [(usize, usize)], wishes: &[Wish], excess: usize) -> bool {
    const READABLE: usize = 12;
    let floor = |index: usize| wishes[index].heading.max(READABLE);
    let spare: usize = shown
        .iter()
        .filter(|(index, _)| wishes[*index].worth < Worth::State)
        .map(|(index, width)| width.saturating_sub(floor(*index)))
        .sum();
    if spare < excess {
        return false;
    }
    for _ in 0..excess {
        let widest = shown
            .iter_mut()
            .filter(|(index, width)| wishes[*index].worth < Worth::State && *width > floor(*index))
            .max_by_key(|(_, width)| *width);
        if let Some((_, width)) = widest {
            *width -= 1;
        }
    }
    true
}

/// The rightmost of the least dear columns.
fn least_dear(shown: &[(usize, usize)], wishes: &[Wish]) -> Option<usize> {
    let worth = |position: &usize| wishes[shown[*position].0].worth;
    (0..shown.len())
        .rev()
        .filter(|position| worth(position) < Worth::Identity)
        .min_by_key(worth)
}

/// The width down to which names are shortened before a column goes that says how things are.
const SHORT_NAME: usize = 12;

/// Takes the excess from the names, down to a least width; `false`, and nothing taken, if that is not enough.
fn shorten_identity(
    shown: &mut [(usize, usize)],
    wishes: &[Wish],
    excess: usize,
    least: usize,
) -> bool {
    let is_name = |index: usize| wishes[index].worth == Worth::Identity;
    let spare: usize = shown
        .iter()
        .filter(|(index, _)| is_name(*index))
        .map(|(_, width)| width.saturating_sub(least))
        .sum();
    if spare < excess && least > 1 {
        return false;
    }
    for _ in 0..excess {
        let names = shown.iter_mut().filter(|(index, _)| is_name(*index));
        if let Some((_, width)) = names.max_by_key(|(_, width)| *width) {
            *width = width.saturating_sub(1).max(1);
        }
    }
    true
}

/// Where a text that is too long is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// At its end.
    End,
    /// In its middle: the ends of names tell pods apart.
    Middle,
}

/// Shortens a text to a width in terminal cells, with an ellipsis where something is missing.
///
/// ```
/// use plugin_core::render::columns::{Cut, shorten};
///
/// assert_eq!(shorten("web-7887448d46-7cth4", 12, Cut::Middle, "…"), "web-78…7cth4");
/// assert_eq!(shorten("a long message", 7, Cut::End, "…"), "a long…");
/// assert_eq!(shorten("short", 7, Cut::End, "…"), "short");
/// ```
pub fn shorten(text: &str, width: usize, cut: Cut, ellipsis: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let Some(room) = width.checked_sub(ellipsis.width()) else {
        return head(text, width).to_owned();
    };
    match cut {
        Cut::End => format!("{}{ellipsis}", head(text, room)),
        Cut::Middle => {
            let end = tail(text, room / 2);
            let begin = head(text, room - end.width());
            format!("{begin}{ellipsis}{end}")
        }
    }
}

fn head(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > width {
            return &text[..at];
        }
    }
    text
}

fn tail(text: &str, width: usize) -> &str {
    let mut used = 0;
    let mut start = text.len();
    for (at, c) in text.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        start = at;
    }
    &text[start..]
}

/// The width of a text in terminal cells.
pub fn width(text: &str) -> usize {
    text.width()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn appended_rows_stay_aligned() {
        let mut columns = PipeColumns::default();
        let mut text = Vec::new();
        columns
            .write(&[vec!["long-name-here", "1s"]], &mut text)
            .unwrap();
        columns.write(&[vec!["a", "2s"]], &mut text).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "long-name-here   1s\na                2s\n"
        );
    }

    #[test]
    fn a_column_takes_at_least_six_cells() {
        let mut text = Vec::new();
        PipeColumns::default()
            .write(&[vec!["a", "b"]], &mut text)
            .unwrap();
        assert_eq!(text, b"a     b\n");
    }

    #[test]
    fn a_name_is_shortened_before_its_status_goes() {
        let wish = |width, heading, worth| Wish {
            width,
            heading,
            worth,
        };
        let pods = [
            wish(26, 4, Worth::Identity),
            wish(5, 5, Worth::Normal),
            wish(16, 6, Worth::State),
            wish(3, 3, Worth::Normal),
        ];
        let layout = fit(&pods, 38);
        assert_eq!(layout.shown, [(0, 20), (2, 16)]);
        assert_eq!(layout.hidden, [1, 3]);
    }

    #[test]
    fn wide_characters_are_not_cut_in_half() {
        assert_eq!(shorten("日本語", 4, Cut::End, "…"), "日…");
    }

    prop_compose! {
        fn wish()(width in 1_usize..60, heading in 1_usize..12, worth in prop::sample::select(vec![Worth::Extra, Worth::Normal, Worth::State, Worth::Identity])) -> Wish {
            Wish { width: width.max(heading), heading, worth }
        }
    }

    proptest! {
        #[test]
        fn the_layout_fits_and_names_stay(mut wishes in prop::collection::vec(wish(), 1..10), window in 20_usize..200) {
            wishes[0].worth = Worth::Identity;
            wishes.iter_mut().skip(1).for_each(|wish| if wish.worth == Worth::Identity { wish.worth = Worth::Normal });
            let layout = fit(&wishes, window);
            let total: usize = layout.shown.iter().map(|(_, width)| width).sum::<usize>() + layout.gap * (layout.shown.len() - 1);
            prop_assert!(total <= window);
            prop_assert_eq!(layout.shown[0].0, 0);
            prop_assert_eq!(layout.shown.len() + layout.hidden.len(), wishes.len());
        }

        #[test]
        fn shortened_text_fits(text in "\\PC{0,30}", width in 0_usize..20) {
            for cut in [Cut::End, Cut::Middle] {
                prop_assert!(shorten(&text, width, cut, "…").width() <= width);
            }
        }
    }
}
