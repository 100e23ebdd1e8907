//! A watch that survives everything: one pure machine that says what to do next, and the loop that does it.
//!
//! ```text
//!         ┌───────────── 410, or no version known ─────────────┐
//!         ▼                                                    │
//!       List ──version──▶ Watch ──end of any kind──▶ Wait ──▶ Watch from the last version seen
//!         └─ 401, 403, 404: Stop                       (no wait after a clean end)
//! ```
//!
//! Each watch asks the server to end it after [`ROUND`]; a stream that outlives that by [`GRACE`] is frozen,
//! whatever TCP believes, and is opened anew. So a dead peer is noticed within 30 s.

use std::time::Duration;

use serde::Deserialize;
use tokio::sync::mpsc::Sender;
use tokio::time::{sleep, timeout};

use crate::session::{Session, SessionError, Status};
use crate::table::{ACCEPT, Column, Query, Row, Table};

/// How long one watch request lasts.
const ROUND: Duration = Duration::from_secs(20);
/// How much longer a stream may be silent before it counts as frozen.
const GRACE: Duration = Duration::from_secs(5);
/// The first and the longest wait between two tries.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// What happened to the objects watched, or to the connection.
#[derive(Debug, Clone)]
pub enum Event {
    /// All there is now; takes the place of everything known.
    Listed {
        /// The columns.
        columns: Vec<Column>,
        /// The rows.
        rows: Vec<Row>,
    },
    /// One row.
    Changed(Change, Row),
    /// The stream is open: what is shown is live.
    Connected,
    /// The stream is gone: what is shown may be old.
    Disconnected {
        /// Why.
        cause: String,
        /// When it is tried again.
        retry: Duration,
    },
    /// There is no point in going on.
    Stopped(SessionError),
}

/// What happened to one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added,
    /// It is different.
    Modified,
    /// It is gone.
    Deleted,
}

/// Why a request or a stream is over.
#[derive(Debug, Clone)]
pub enum End {
    /// The server ended it as agreed.
    Clean,
    /// The server no longer knows the version asked for.
    Expired,
    /// It broke, was silent for too long, or could not be opened.
    Broken(String),
    /// The server asks to come back later.
    Later(Duration),
    /// The server says no, for good.
    Denied(SessionError),
}

/// What to do next.
#[derive(Debug, Clone)]
pub enum Step {
    /// Ask for everything.
    List,
    /// Ask for what changed after this version.
    Watch(String),
    /// Say that the connection is gone, wait, then go on.
    Wait {
        /// Why.
        cause: String,
        /// How long.
        delay: Duration,
    },
    /// Give up.
    Stop(SessionError),
}

/// The machine: versions and failures in, steps out.
#[derive(Debug, Default)]
pub struct Cursor {
    version: Option<String>,
    failures: u32,
    pending: Option<Step>,
}

impl Cursor {
    /// What to do now.
    pub fn step(&mut self) -> Step {
        if let Some(step) = self.pending.take() {
            return step;
        }
        match &self.version {
            Some(version) => Step::Watch(version.clone()),
            None => Step::List,
        }
    }

    /// Everything up to this version is known. An empty version says nothing.
    pub fn reached(&mut self, version: &str) {
        if !version.is_empty() {
            self.version = Some(version.to_owned());
        }
    }

    /// The server talks to us, so the next failure is a first one.
    pub fn alive(&mut self) {
        self.failures = 0;
    }

    /// A request or a stream is over.
    pub fn ended(&mut self, end: End) {
        let (cause, delay) = match end {
            End::Clean => return,
            End::Denied(error) => {
                self.pending = Some(Step::Stop(error));
                return;
            }
            End::Expired => {
                self.version = None;
                self.failures += 1;
                if self.failures == 1 {
                    return;
                }
                ("its answer is too old each time".to_owned(), self.backoff())
            }
            End::Later(delay) => ("the server is busy".to_owned(), delay),
            End::Broken(cause) => {
                self.failures += 1;
                (cause, self.backoff())
            }
        };
        self.pending = Some(Step::Wait { cause, delay });
    }

    fn backoff(&self) -> Duration {
        let doublings = self.failures.saturating_sub(1).min(8);
        (FIRST_WAIT * 2_u32.pow(doublings)).min(LONGEST_WAIT)
    }
}

/// Events of one query, with the number by which their receiver knows it.
#[derive(Debug, Clone)]
pub struct Outlet {
    /// The number.
    pub source: usize,
    /// Where they go.
    pub sender: Sender<(usize, Event)>,
}

impl Outlet {
    /// Hands an event on; `false` once nobody listens.
    async fn send(&self, event: Event) -> bool {
        self.sender.send((self.source, event)).await.is_ok()
    }
}

/// Follows a query until the receiver is dropped or the server denies it.
pub async fn follow(session: &Session, query: &Query, events: &Outlet) {
    let mut cursor = Cursor::default();
    while !events.sender.is_closed() {
        let outcome = match cursor.step() {
            Step::List => list(session, query, &mut cursor, events).await,
            Step::Watch(version) => watch(session, query, &version, &mut cursor, events).await,
            Step::Wait { cause, delay } => {
                let retry = delay;
                events.send(Event::Disconnected { cause, retry }).await;
                sleep(delay).await;
                continue;
            }
            Step::Stop(error) => {
                events.send(Event::Stopped(error)).await;
                return;
            }
        };
        cursor.ended(outcome);
    }
}

async fn list(session: &Session, query: &Query, cursor: &mut Cursor, events: &Outlet) -> End {
    let body = match session.get(&query.list(), ACCEPT).await {
        Ok(body) => body,
        Err(error) => return end_of(error),
    };
    let Ok(table) = serde_json::from_slice::<Table>(&body) else {
        return End::Denied(not_a_table(session));
    };
    if table.kind != "Table" {
        return End::Denied(not_a_table(session));
    }
    cursor.reached(&table.metadata.resource_version);
    let (columns, rows) = (table.column_definitions, table.rows);
    events.send(Event::Listed { columns, rows }).await;
    End::Clean
}

async fn watch(
    session: &Session,
    query: &Query,
    version: &str,
    cursor: &mut Cursor,
    events: &Outlet,
) -> End {
    let url = query.watch(version, ROUND.as_secs());
    let mut lines = match session.stream(&url, ACCEPT).await {
        Ok(lines) => lines,
        Err(error) => return end_of(error),
    };
    cursor.alive();
    if !events.send(Event::Connected).await {
        return End::Clean;
    }
    loop {
        let line = tokio::select! {
            line = timeout(ROUND + GRACE, lines.next()) => line,
            () = events.sender.closed() => return End::Clean,
        };
        match line {
            Err(_) => return End::Broken("no sign of life for 25 s".to_owned()),
            Ok(Err(cause)) => return End::Broken(cause),
            Ok(Ok(None)) => return End::Clean,
            Ok(Ok(Some(line))) => match read(&line) {
                Err(end) => return end,
                Ok((version, change)) => {
                    if let Some((change, row)) = change
                        && !events.send(Event::Changed(change, row)).await
                    {
                        return End::Clean;
                    }
                    // Only what has been handed on counts as known.
                    cursor.reached(&version);
                }
            },
        }
    }
}

#[derive(Deserialize)]
struct Wire<'a> {
    r#type: &'a str,
    #[serde(borrow)]
    object: &'a serde_json::value::RawValue,
}

/// One line of a watch: the version it brings us to, and the row, if it is about one.
fn read(line: &[u8]) -> Result<(String, Option<(Change, Row)>), End> {
    let garbled = || End::Broken("the server sent something that is no watch event".to_owned());
    let wire: Wire = serde_json::from_slice(line).map_err(|_| garbled())?;
    let change = match wire.r#type {
        "ADDED" => Some(Change::Added),
        "MODIFIED" => Some(Change::Modified),
        "DELETED" => Some(Change::Deleted),
        "BOOKMARK" => None,
        _ => return Err(error_event(wire.object.get())),
    };
    let table: Table = serde_json::from_str(wire.object.get()).map_err(|_| garbled())?;
    let row = table.rows.into_iter().next();
    let version = match &row {
        Some(Row {
            object: Some(object),
            ..
        }) if !object.metadata.resource_version.is_empty() => {
            object.metadata.resource_version.clone()
        }
        _ => table.metadata.resource_version,
    };
    Ok((version, change.zip(row)))
}

fn error_event(object: &str) -> End {
    let status: Status = serde_json::from_str(object).unwrap_or_default();
    if status.is_expired() {
        return End::Expired;
    }
    End::Broken(status.message)
}

fn end_of(error: SessionError) -> End {
    let Some(status) = error.status() else {
        return match error {
            SessionError::Unreachable { cause, .. } => End::Broken(cause),
            other => End::Denied(other),
        };
    };
    match status.code {
        _ if status.is_expired() => End::Expired,
        429 => End::Later(status.retry_after.unwrap_or(Duration::from_secs(1))),
        500..=599 | 408 => End::Broken(status.message.clone()),
        _ => End::Denied(error),
    }
}

fn not_a_table(session: &Session) -> SessionError {
    SessionError::Garbled {
        context: session.context.clone(),
        expected: "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(step: &Step) -> Option<Duration> {
        match step {
            Step::Wait { delay, .. } => Some(*delay),
            _ => None,
        }
    }

    fn broken() -> End {
        End::Broken("connection reset".to_owned())
    }

    #[test]
    fn it_begins_with_a_list_and_goes_on_from_its_version() {
        let mut cursor = Cursor::default();
        assert!(matches!(cursor.step(), Step::List));
        cursor.reached("41");
        assert!(matches!(cursor.step(), Step::Watch(version) if version == "41"));
    }

    #[test]
    fn a_clean_end_is_followed_up_at_once_from_the_last_version() {
        let mut cursor = Cursor::default();
        cursor.reached("41");
        cursor.reached("57");
        cursor.ended(End::Clean);
        assert!(matches!(cursor.step(), Step::Watch(version) if version == "57"));
    }

    #[test]
    fn a_broken_stream_waits_longer_each_time_and_then_goes_on() {
        let mut cursor = Cursor::default();
        cursor.reached("41");
        let mut delays = Vec::new();
        for _ in 0..8 {
            cursor.ended(broken());
            delays.push(waits(&cursor.step()).expect("a wait"));
            assert!(matches!(cursor.step(), Step::Watch(version) if version == "41"));
        }
        assert!(delays.is_sorted());
        assert_eq!((delays[0], delays[7]), (FIRST_WAIT, LONGEST_WAIT));
    }

    #[test]
    fn a_stream_that_lived_starts_the_waits_anew() {
        let mut cursor = Cursor::default();
        cursor.ended(broken());
        cursor.step();
        cursor.ended(broken());
        cursor.step();
        cursor.alive();
        cursor.ended(broken());
        assert_eq!(waits(&cursor.step()), Some(FIRST_WAIT));
    }

    #[test]
    fn a_version_too_old_is_followed_by_a_list_without_a_wait() {
        let mut cursor = Cursor::default();
        cursor.reached("41");
        cursor.ended(End::Expired);
        assert!(matches!(cursor.step(), Step::List));
    }

    #[test]
    fn a_server_whose_lists_expire_at_once_is_not_asked_in_a_tight_loop() {
        let mut cursor = Cursor::default();
        cursor.ended(End::Expired);
        cursor.step();
        cursor.ended(End::Expired);
        assert!(waits(&cursor.step()).is_some());
    }

    #[test]
    fn a_denial_ends_it() {
        let mut cursor = Cursor::default();
        cursor.reached("41");
        let context = "kind".to_owned();
        cursor.ended(End::Denied(SessionError::Garbled {
            context,
            expected: "a table",
        }));
        assert!(matches!(cursor.step(), Step::Stop(_)));
    }

    #[test]
    fn a_busy_server_decides_how_long_to_wait() {
        let mut cursor = Cursor::default();
        cursor.ended(End::Later(Duration::from_secs(7)));
        assert_eq!(waits(&cursor.step()), Some(Duration::from_secs(7)));
    }

    #[test]
    fn an_event_without_an_object_takes_its_version_from_the_table() {
        let line = br#"{"type":"ADDED","object":{"kind":"Table","metadata":{"resourceVersion":"7"},"columnDefinitions":null,"rows":[{"cells":["web"],"object":null}]}}"#;
        let (version, change) = read(line).unwrap();
        assert_eq!(version, "7");
        assert!(matches!(change, Some((Change::Added, row)) if row.cells.len() == 1));
    }

    #[test]
    fn a_bookmark_brings_a_version_and_no_row() {
        let line = br#"{"type":"BOOKMARK","object":{"kind":"Table","metadata":{"resourceVersion":""},"rows":[{"cells":[],"object":{"metadata":{"resourceVersion":"99"}}}]}}"#;
        let (version, change) = read(line).unwrap();
        assert_eq!(version, "99");
        assert!(change.is_none());
    }

    #[test]
    fn an_expired_error_event_is_told_from_others() {
        let expired = br#"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}"#;
        assert!(matches!(read(expired), Err(End::Expired)));
        let other = br#"{"type":"ERROR","object":{"kind":"Status","code":500,"message":"oops"}}"#;
        assert!(matches!(read(other), Err(End::Broken(message)) if message == "oops"));
    }

    #[test]
    fn a_line_that_is_no_event_breaks_the_stream() {
        assert!(matches!(read(b"{"), Err(End::Broken(_))));
    }
}
