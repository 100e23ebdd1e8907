//! The one `main` of all plugins: parse, run, print the error once, end with the right code.

use std::ffi::OsString;
use std::io::{self, BufWriter, StderrLock, StdoutLock, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::env::Env;
use crate::error::{Exit, Report};

/// What a plugin's `run` gets: the environment and the two streams.
pub struct App {
    /// The environment, read once.
    pub env: Env,
    /// Standard output, buffered: flush it where somebody is waiting for a line.
    pub out: BufWriter<StdoutLock<'static>>,
    /// Standard error.
    pub err: StderrLock<'static>,
}

impl App {
    /// Runs `work` on a fresh runtime until it is done or the user presses ctrl-c.
    ///
    /// Commands that need no network never call this, and never pay for a runtime.
    pub fn block_on<T>(work: impl Future<Output = Result<T, Report>>) -> Result<T, Report> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Report::from)?;
        let result = runtime.block_on(async {
            tokio::select! {
                result = work => result,
                () = interrupted() => Err(Report::interrupted()),
            }
        });
        // A name lookup that hangs runs on a thread of its own: do not wait for it.
        runtime.shutdown_background();
        result
    }

    /// Prints one line of talk; a closed standard error stops nothing.
    pub fn say(&mut self, line: &str) {
        let _ = writeln!(self.err, "{line}");
    }
}

/// Whether a child has the terminal, so that ctrl-c is meant for it. Signals belong to the process, and so
/// does this.
static CHILD_HAS_TERMINAL: AtomicBool = AtomicBool::new(false);

/// While this lives, ctrl-c ends the child that has the terminal and not us.
pub struct Foreground(());

impl Foreground {
    /// Hands the terminal's ctrl-c to a child.
    #[must_use]
    pub fn lend() -> Self {
        CHILD_HAS_TERMINAL.store(true, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Foreground {
    fn drop(&mut self) {
        CHILD_HAS_TERMINAL.store(false, Ordering::Relaxed);
    }
}

async fn interrupted() {
    loop {
        // Where the handler cannot be installed, ctrl-c ends the process by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        if !CHILD_HAS_TERMINAL.load(Ordering::Relaxed) {
            return;
        }
    }
}

/// Runs a plugin. `run` gets the arguments without the program's name.
pub fn main(run: impl FnOnce(Vec<OsString>, &mut App) -> Result<Exit, Report>) -> ExitCode {
    let mut app = App {
        env: Env::of_process(),
        out: BufWriter::with_capacity(64 * 1024, io::stdout().lock()),
        err: io::stderr().lock(),
    };
    let arguments = std::env::args_os().skip(1).collect();
    let outcome = run(arguments, &mut app);
    let flushed = app.out.flush().map_err(Report::from);
    let exit = match outcome.and_then(|exit| flushed.map(|()| exit)) {
        Ok(exit) => exit,
        Err(report) => {
            if let Some(text) = report.text() {
                let _ = app.err.write_all(text.as_bytes());
            }
            report.exit()
        }
    };
    // What could not be written to a closed pipe must not be tried again on drop.
    let (_stdout, _unwritten) = app.out.into_parts();
    exit.into()
}
