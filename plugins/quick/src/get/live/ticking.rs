//! Cells that show how long ago something was, kept current between two events of the server.

use jiff::{SignedDuration, Timestamp};
use plugin_core::render::age;

/// A cell, together with the moment it counts from, if it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ticking {
    /// Text that stays.
    Still(String),
    /// `5m`.
    Age(Timestamp),
    /// `3 (5m ago)`.
    Ago(String, Timestamp),
}

impl Ticking {
    /// Reads a cell as the server sent it at `now`. Where the cell known before would read the same, its moment
    /// is kept: it is the more exact one.
    pub fn read(heading: &str, cell: &str, now: Timestamp, before: Option<&Self>) -> Self {
        let counts = matches!(heading, "AGE" | "LAST SEEN" | "FIRST SEEN");
        let fresh = match (counts.then(|| age::parse(cell)).flatten(), ago(cell)) {
            (Some(duration), _) => Self::Age(earlier(now, duration)),
            (None, Some((count, duration))) => Self::Ago(count.to_owned(), earlier(now, duration)),
            (None, None) => Self::Still(cell.to_owned()),
        };
        match before {
            Some(before) if before.text(now) == cell => before.clone(),
            _ => fresh,
        }
    }

    /// The cell's text at a moment.
    pub fn text(&self, now: Timestamp) -> String {
        let since = |moment: Timestamp| {
            let elapsed = now.duration_since(moment).unsigned_abs();
            age::human(if moment > now {
                std::time::Duration::ZERO
            } else {
                elapsed
            })
        };
        match self {
            Self::Still(text) => text.clone(),
            Self::Age(moment) => since(*moment),
            Self::Ago(count, moment) => format!("{count} ({} ago)", since(*moment)),
        }
    }
}

fn ago(cell: &str) -> Option<(&str, std::time::Duration)> {
    let (count, rest) = cell.split_once(" (")?;
    Some((count, age::parse(rest.strip_suffix(" ago)")?)?))
}

fn earlier(now: Timestamp, duration: std::time::Duration) -> Timestamp {
    SignedDuration::try_from(duration)
        .ok()
        .and_then(|duration| now.checked_sub(duration).ok())
        .unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn ages_go_on_between_events() {
        let age = Ticking::read("AGE", "58s", at(1000), None);
        assert_eq!(age.text(at(1000)), "58s");
        assert_eq!(age.text(at(1064)), "2m2s");
    }

    #[test]
    fn restarts_tick_inside_their_cell() {
        let restarts = Ticking::read("RESTARTS", "3 (10s ago)", at(1000), None);
        assert_eq!(restarts.text(at(1005)), "3 (15s ago)");
    }

    #[test]
    fn a_coarser_text_does_not_throw_away_a_more_exact_moment() {
        let exact = Ticking::read("AGE", "119s", at(1000), None);
        let later = at(1000 + 10 * 60);
        let coarse = Ticking::read("AGE", "11m", later, Some(&exact));
        assert_eq!(coarse, exact);
    }

    #[test]
    fn other_cells_stay_as_they_are() {
        let still = Ticking::read("SCHEDULE", "5m", at(1000), None);
        assert_eq!(still.text(at(9000)), "5m");
    }
}
