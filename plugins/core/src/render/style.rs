//! Colours as values: what a text means, and how that looks where it is shown.

use anstyle::{AnsiColor, Effects, Style as Ansi};

use crate::args::ColorChoice;
use crate::env::Env;

/// What a piece of text means. The palette does not ask anyone to tell red from green.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paint {
    /// Nothing special.
    #[default]
    Plain,
    /// A heading.
    Heading,
    /// On its way: starting, pending, ending.
    Moving,
    /// Worth a look.
    Warning,
    /// Broken.
    Bad,
    /// Over and done, or of little interest.
    Quiet,
    /// Just changed.
    Changed,
    /// The row or entry that keys act on.
    Selected,
    /// A mark for what must not be overlooked: a protected context.
    Protected,
}

/// How to show things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Whether colours are shown.
    pub color: bool,
    /// Whether characters beyond ASCII are shown.
    pub utf8: bool,
}

impl Style {
    /// The style for standard output.
    pub fn of_output(choice: ColorChoice, env: &Env) -> Self {
        let color = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => env.stdout_is_terminal && !env.refuses_color(),
        };
        Self {
            color,
            utf8: env.speaks_utf8(),
        }
    }

    /// Paints a text.
    ///
    /// ```
    /// use plugin_core::render::style::{Paint, Style};
    ///
    /// let plain = Style { color: false, utf8: true };
    /// assert_eq!(plain.paint(Paint::Bad, "Error"), "Error");
    /// ```
    pub fn paint(self, paint: Paint, text: &str) -> String {
        if !self.color || paint == Paint::Plain || text.is_empty() {
            return text.to_owned();
        }
        let style = ansi(paint);
        format!("{style}{text}{style:#}")
    }

    /// What stands for cut-off text.
    pub fn ellipsis(self) -> &'static str {
        if self.utf8 { "…" } else { ".." }
    }
}

fn ansi(paint: Paint) -> Ansi {
    let color = |color: AnsiColor| Ansi::new().fg_color(Some(color.into()));
    match paint {
        Paint::Plain => Ansi::new(),
        Paint::Heading => Ansi::new().effects(Effects::BOLD),
        Paint::Moving => color(AnsiColor::Cyan),
        Paint::Warning => color(AnsiColor::Yellow),
        Paint::Bad => color(AnsiColor::Red).effects(Effects::BOLD),
        Paint::Quiet => Ansi::new().effects(Effects::DIMMED),
        Paint::Changed | Paint::Selected => Ansi::new().effects(Effects::INVERT),
        Paint::Protected => color(AnsiColor::Magenta).effects(Effects::BOLD),
    }
}
