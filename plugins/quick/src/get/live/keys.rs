//! What a key does to a live view.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use plugin_core::error::Exit;

use super::actions::{self, Action};
use super::model::{Key, Mode, Model};

/// What a key asks of the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    Nothing,
    Quit(Exit),
    /// Do something with an object: its section and key.
    Act(Action, usize, Key),
}

/// Takes in one key. `page` is how many rows the window shows.
pub(super) fn press(model: &mut Model, key: KeyEvent, page: usize) -> Wish {
    if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
        return Wish::Quit(Exit::Interrupted);
    }
    match model.browsing.mode {
        Mode::Help => {
            model.browsing.mode = Mode::Browse;
            Wish::Nothing
        }
        Mode::Filter => filter(model, key.code, page),
        Mode::Menu => menu(model, key.code),
        Mode::Browse => browse(model, key.code, page),
    }
}

fn browse(model: &mut Model, key: KeyCode, page: usize) -> Wish {
    if moves(model, key, page) {
        return Wish::Nothing;
    }
    let browsing = &mut model.browsing;
    match key {
        KeyCode::Char('q') => return Wish::Quit(Exit::Done),
        KeyCode::Char('/') => browsing.mode = Mode::Filter,
        KeyCode::Char('?') => browsing.mode = Mode::Help,
        KeyCode::Char('p') => browsing.problems = !browsing.problems,
        KeyCode::Char('s') => next_sort(model),
        KeyCode::Char('r') => {
            if let Some((_, descending)) = &mut browsing.sort {
                *descending = !*descending;
            }
        }
        KeyCode::Enter if browsing.cursor.is_some() => browsing.mode = Mode::Menu,
        KeyCode::Enter => step(model, 0),
        KeyCode::Esc if browsing.cursor.is_some() => browsing.cursor = None,
        KeyCode::Esc => browsing.filter.clear(),
        _ => {}
    }
    Wish::Nothing
}

fn filter(model: &mut Model, key: KeyCode, page: usize) -> Wish {
    let browsing = &mut model.browsing;
    match key {
        KeyCode::Char(c) => browsing.filter.push(c),
        KeyCode::Backspace => {
            browsing.filter.pop();
        }
        KeyCode::Enter => browsing.mode = Mode::Browse,
        KeyCode::Esc => {
            browsing.filter.clear();
            browsing.mode = Mode::Browse;
        }
        _ => {
            moves(model, key, page);
        }
    }
    Wish::Nothing
}

fn menu(model: &mut Model, key: KeyCode) -> Wish {
    model.browsing.mode = Mode::Browse;
    let (KeyCode::Char(letter), Some((source, row))) = (key, model.browsing.cursor.clone()) else {
        return Wish::Nothing;
    };
    let kind = &model.sections[source].resource;
    match actions::of(kind)
        .iter()
        .find(|action| action.letter() == letter)
    {
        Some(action) => Wish::Act(*action, source, row),
        None => Wish::Nothing,
    }
}

/// Moves the cursor; whether the key was one that does.
fn moves(model: &mut Model, key: KeyCode, page: usize) -> bool {
    let page = isize::try_from(page.max(1)).unwrap_or(isize::MAX);
    let letters = model.browsing.mode == Mode::Browse;
    match key {
        KeyCode::Down => step(model, 1),
        KeyCode::Up => step(model, -1),
        KeyCode::Char('j') if letters => step(model, 1),
        KeyCode::Char('k') if letters => step(model, -1),
        KeyCode::PageDown => step(model, page),
        KeyCode::PageUp => step(model, -page),
        KeyCode::Home => step(model, isize::MIN / 2),
        KeyCode::End => step(model, isize::MAX / 2),
        KeyCode::Char('g') if letters => step(model, isize::MIN / 2),
        KeyCode::Char('G') if letters => step(model, isize::MAX / 2),
        _ => return false,
    }
    true
}

/// Moves the cursor by so many rows, within the list. The first move only makes it appear.
fn step(model: &mut Model, by: isize) {
    let visible = model.visible();
    let Some(last) = visible.len().checked_sub(1) else {
        return;
    };
    let at = model
        .browsing
        .cursor
        .as_ref()
        .and_then(|cursor| visible.iter().position(|row| row == cursor));
    let to = match at {
        Some(at) => at.saturating_add_signed(by).min(last),
        None if by > 1 => last.min(by.unsigned_abs()),
        None => model.browsing.offset.min(last),
    };
    model.browsing.cursor = visible.into_iter().nth(to);
}

/// Sorts by the next column, and after the last one not at all.
fn next_sort(model: &mut Model) {
    let Some(headings) = model
        .sections
        .first()
        .map(|section| &section.shape.headings)
    else {
        return;
    };
    let next = match &model.browsing.sort {
        None => headings.first(),
        Some((heading, _)) => {
            let at = headings
                .iter()
                .position(|other| other == heading)
                .unwrap_or(0);
            headings.get(at + 1)
        }
    };
    model.browsing.sort = next.map(|heading| (heading.clone(), false));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::get::live::model::tests::model;

    fn press_all(model: &mut Model, keys: &[KeyCode]) -> Wish {
        let mut wish = Wish::Nothing;
        for key in keys {
            wish = press(model, KeyEvent::from(*key), 10);
        }
        wish
    }

    fn cursor(model: &Model) -> Option<&str> {
        model
            .browsing
            .cursor
            .as_ref()
            .map(|(_, key)| key.1.as_str())
    }

    #[test]
    fn the_cursor_appears_moves_and_stays_inside() {
        let mut model = model(&["a|1/1|Running|1s", "b|1/1|Running|1s"]);
        press_all(&mut model, &[KeyCode::Down]);
        assert_eq!(cursor(&model), Some("a"));
        press_all(&mut model, &[KeyCode::Down, KeyCode::Down, KeyCode::Down]);
        assert_eq!(cursor(&model), Some("b"));
        press_all(&mut model, &[KeyCode::Home]);
        assert_eq!(cursor(&model), Some("a"));
        press_all(&mut model, &[KeyCode::Esc]);
        assert_eq!(cursor(&model), None);
    }

    #[test]
    fn typing_filters_and_escape_clears() {
        let mut model = model(&["a|1/1|Running|1s", "qq|1/1|Running|1s"]);
        press_all(
            &mut model,
            &[
                KeyCode::Char('/'),
                KeyCode::Char('q'),
                KeyCode::Char('q'),
                KeyCode::Enter,
            ],
        );
        assert_eq!(model.visible().len(), 1);
        press_all(&mut model, &[KeyCode::Esc]);
        assert_eq!(model.visible().len(), 2);
    }

    #[test]
    fn enter_opens_what_can_be_done() {
        let mut model = model(&["a|1/1|Running|1s"]);
        let wish = press_all(
            &mut model,
            &[KeyCode::Enter, KeyCode::Enter, KeyCode::Char('l')],
        );
        let key = (String::new(), "a".to_owned());
        assert_eq!(wish, Wish::Act(Action::Logs, 0, key));
    }

    #[test]
    fn sorting_goes_through_the_columns_and_back_to_none() {
        let mut model = model(&["a|1/1|Running|1s"]);
        press_all(
            &mut model,
            &[KeyCode::Char('s'), KeyCode::Char('s'), KeyCode::Char('r')],
        );
        assert_eq!(model.browsing.sort, Some(("READY".to_owned(), true)));
        press_all(&mut model, &[KeyCode::Char('s'); 3]);
        assert_eq!(model.browsing.sort, None);
    }

    #[test]
    fn quitting_and_interrupting_end_differently() {
        let mut model = model(&[]);
        assert_eq!(
            press_all(&mut model, &[KeyCode::Char('q')]),
            Wish::Quit(Exit::Done)
        );
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(
            press(&mut model, interrupt, 10),
            Wish::Quit(Exit::Interrupted)
        );
    }
}
