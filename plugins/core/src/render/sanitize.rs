//! Text from the cluster, made safe to show: it can neither move the cursor nor fake a line.

use std::borrow::Cow;

/// Makes text safe for a terminal: the escape character becomes `^[`, other control characters `\u{..}`, and
/// characters that reorder a line (Unicode's bidirectional controls) are written out.
///
/// ```
/// use plugin_core::render::sanitize::for_terminal;
///
/// assert_eq!(for_terminal("a\x1b[31mb"), "a^[[31mb");
/// assert_eq!(for_terminal("web-0"), "web-0");
/// ```
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\x1b' => safe.push_str("^["),
            c if is_unsafe(c) => safe.extend(c.escape_default()),
            c => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

/// Makes one table cell, as kubectl does: the first line only, `...` for the rest, and safe to show.
///
/// ```
/// use plugin_core::render::sanitize::cell;
///
/// assert_eq!(cell("first\nsecond"), "first...");
/// ```
pub fn cell(text: &str) -> Cow<'_, str> {
    match text.find(['\n', '\r', '\x0c']) {
        None => for_terminal(text),
        Some(end) => Cow::Owned(format!("{}...", for_terminal(&text[..end]))),
    }
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_that_turns_a_line_around_is_written_out() {
        assert_eq!(for_terminal("a\u{202e}b"), "a\\u{202e}b");
    }

    proptest! {
        #[test]
        fn what_is_shown_holds_no_control_character(text in any::<String>()) {
            prop_assert!(!for_terminal(&text).chars().any(is_unsafe));
            prop_assert!(!cell(&text).chars().any(is_unsafe));
        }
    }
}
