use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::command::Sandbox;

/// How long a screen may take to show what a test waits for; only a guard against hanging.
const LIMIT: Duration = Duration::from_mins(1);

/// A real terminal: tmux on a server of its own.
pub struct Terminal {
    socket: String,
}

impl Terminal {
    /// Opens a window of this size with a plain shell in the sandbox's environment.
    ///
    /// # Panics
    /// If tmux is missing.
    pub fn open(sandbox: &Sandbox, columns: u16, lines: u16) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let terminal = Self {
            socket: format!("kubectl-quick-test-{}-{number}", std::process::id()),
        };
        let (columns, lines) = (columns.to_string(), lines.to_string());
        let window = [
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            &columns,
            "-y",
            &lines,
            "bash --norc --noprofile",
        ];
        let status = terminal
            .tmux(&window)
            .env_clear()
            .envs(sandbox.environment())
            .env("PS1", "ready> ")
            .env("TERM", "xterm-256color")
            .status()
            .expect("tmux is installed");
        assert!(status.success(), "tmux could not open a window");
        terminal.wait_for("ready>");
        terminal
    }

    /// Types text as it is.
    pub fn type_text(&self, text: &str) {
        self.send(&["-l", text]);
    }

    /// Types a line and enter.
    pub fn type_line(&self, line: &str) {
        self.type_text(line);
        self.press("Enter");
    }

    /// Presses a key by tmux's name for it, such as `Enter`, `Escape`, `C-c`, `Down`.
    pub fn press(&self, key: &str) {
        self.send(&[key]);
    }

    /// Changes the window's size.
    ///
    /// # Panics
    /// If tmux refuses.
    pub fn resize(&self, columns: u16, lines: u16) {
        let (columns, lines) = (columns.to_string(), lines.to_string());
        let status = self
            .tmux(&["resize-window", "-x", &columns, "-y", &lines])
            .status();
        assert!(status.expect("tmux runs").success());
    }

    /// What the window shows.
    ///
    /// # Panics
    /// If the window is gone.
    pub fn screen(&self) -> String {
        let output = self
            .tmux(&["capture-pane", "-p"])
            .output()
            .expect("tmux runs");
        assert!(output.status.success(), "the window is gone");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Waits until the window shows a text, and returns all of it.
    ///
    /// # Panics
    /// If it never does.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait_until(text, |screen| screen.contains(text))
    }

    /// Waits until the window looks as wanted, and returns all of it.
    ///
    /// # Panics
    /// If it never does.
    pub fn wait_until(&self, wanted: &str, looks: impl Fn(&str) -> bool) -> String {
        let started = Instant::now();
        loop {
            let screen = self.screen();
            if looks(&screen) {
                return screen;
            }
            assert!(
                started.elapsed() < LIMIT,
                "waited for {wanted:?}, the screen is\n{screen}"
            );
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn send(&self, words: &[&str]) {
        let all: Vec<&str> = std::iter::once("send-keys")
            .chain(words.iter().copied())
            .collect();
        let status = self.tmux(&all).status().expect("tmux runs");
        assert!(status.success(), "tmux did not take {words:?}");
    }

    fn tmux(&self, words: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command
            .args(["-L", &self.socket])
            .args(words)
            .stdin(Stdio::null());
        command
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.tmux(&["kill-server"]).stderr(Stdio::null()).status();
    }
}
