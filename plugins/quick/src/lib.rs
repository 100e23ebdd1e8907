//! `kubectl quick`: see things with the fewest keystrokes.
//!
//! ```text
//! argv ─word─▶ Word ─┬ nothing ─▶ where_am_i        (no network)
//!                    ├ get ─────▶ get ─options─▶ Options ─fetch─▶ Sheet ─select─▶ Sheet ─print─▶ out
//!                    │                            └ -w ─▶ live (a terminal) or append (a pipe)
//!                    └ help, version
//! ```

mod get;
mod help;
mod problem;
mod where_am_i;
mod word;

use std::ffi::OsString;
use std::io::Write;

use plugin_core::app::App;
use plugin_core::error::{Exit, Report};

use word::Word;

/// The name and version that API servers see in their audit logs.
const USER_AGENT: &str = concat!("kubectl-quick/", env!("CARGO_PKG_VERSION"));

/// Runs `kubectl quick` with the arguments behind that.
pub fn run(arguments: Vec<OsString>, app: &mut App) -> Result<Exit, Report> {
    let (word, arguments) = word::split(arguments);
    match word {
        Word::Nothing => where_am_i::run(&arguments, app),
        Word::Get => get::run(&arguments, app),
        Word::Help => help::run(&arguments, app),
        Word::Version => {
            writeln!(app.out, "kubectl-quick {}", env!("CARGO_PKG_VERSION"))?;
            Ok(Exit::Done)
        }
    }
}
