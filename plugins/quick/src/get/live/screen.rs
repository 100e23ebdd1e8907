//! The terminal while a live view is on it: entered, drawn on by difference, and always left as it was.

use std::io::{self, Write};

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::style::Print;
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};

/// A terminal that is ours. Dropping it gives it back.
pub(super) struct Screen<'a, W: Write> {
    out: &'a mut W,
    shown: Vec<String>,
    size: (u16, u16),
    taken: bool,
}

impl<'a, W: Write> Screen<'a, W> {
    /// Takes the terminal.
    pub fn enter(out: &'a mut W) -> io::Result<Self> {
        restore_on_panic();
        let mut screen = Self {
            out,
            shown: Vec::new(),
            size: (0, 0),
            taken: false,
        };
        screen.resume()?;
        Ok(screen)
    }

    /// Columns and lines of the window now.
    pub fn size() -> (usize, usize) {
        let (columns, lines) = crossterm::terminal::size().unwrap_or((80, 24));
        (usize::from(columns), usize::from(lines))
    }

    /// Writes the lines that differ from what is shown.
    pub fn draw(&mut self, lines: &[String]) -> io::Result<()> {
        let size = crossterm::terminal::size().unwrap_or((80, 24));
        queue!(self.out, BeginSynchronizedUpdate)?;
        if size != self.size {
            self.size = size;
            self.shown.clear();
            queue!(self.out, Clear(ClearType::All))?;
        }
        for (number, line) in lines.iter().enumerate() {
            if self.shown.get(number) == Some(line) {
                continue;
            }
            let number = u16::try_from(number).unwrap_or(u16::MAX);
            queue!(
                self.out,
                MoveTo(0, number),
                Print(line),
                Clear(ClearType::UntilNewLine)
            )?;
        }
        queue!(self.out, EndSynchronizedUpdate)?;
        self.out.flush()?;
        self.shown = lines.to_vec();
        Ok(())
    }

    /// Gives the terminal back for a while, with the last picture on it.
    ///
    /// Leaving twice would move the cursor back to where it was saved, over what was printed since.
    pub fn suspend(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.taken) {
            return Ok(());
        }
        execute!(self.out, Show, LeaveAlternateScreen)?;
        disable_raw_mode()
    }

    /// Takes the terminal again.
    pub fn resume(&mut self) -> io::Result<()> {
        enable_raw_mode()?;
        self.taken = true;
        self.shown.clear();
        execute!(self.out, EnterAlternateScreen, Hide, Clear(ClearType::All))
    }

    /// Leaves the last picture where it can be scrolled back to.
    pub fn leave(mut self) -> io::Result<()> {
        let shown = std::mem::take(&mut self.shown);
        self.suspend()?;
        let end = shown
            .iter()
            .rposition(|line| !line.is_empty())
            .map_or(0, |last| last + 1);
        let mut blank = false;
        for line in &shown[..end] {
            // The empty middle of the window is not worth the scroll-back.
            if !(line.is_empty() && blank) {
                writeln!(self.out, "{line}")?;
            }
            blank = line.is_empty();
        }
        self.out.flush()
    }
}

impl<W: Write> Drop for Screen<'_, W> {
    fn drop(&mut self) {
        let _ = self.suspend();
    }
}

/// Release builds abort on a panic, so that nothing is dropped.
fn restore_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let _ = execute!(io::stderr(), Show, LeaveAlternateScreen);
        let _ = disable_raw_mode();
        report(panic);
    }));
}
