//! Ages as kubectl writes them (`k8s.io/apimachinery/pkg/util/duration.HumanDuration`).

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const YEAR: u64 = 365 * DAY;

/// Writes a duration in at most two units, as kubectl's AGE column does.
///
/// ```
/// use plugin_core::render::age::human;
/// use std::time::Duration;
///
/// assert_eq!(human(Duration::from_secs(119)), "119s");
/// assert_eq!(human(Duration::from_secs(150)), "2m30s");
/// assert_eq!(human(Duration::from_secs(3 * 3600 + 60)), "3h1m");
/// ```
pub fn human(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..120 => format!("{seconds}s"),
        _ if seconds < 10 * MINUTE => two(seconds / MINUTE, "m", seconds % MINUTE, "s"),
        _ if seconds < 3 * HOUR => format!("{}m", seconds / MINUTE),
        _ if seconds < 8 * HOUR => two(seconds / HOUR, "h", seconds / MINUTE % 60, "m"),
        _ if seconds < 2 * DAY => format!("{}h", seconds / HOUR),
        _ if seconds < 8 * DAY => two(seconds / DAY, "d", seconds / HOUR % 24, "h"),
        _ if seconds < 2 * YEAR => format!("{}d", seconds / DAY),
        _ if seconds < 8 * YEAR => two(seconds / YEAR, "y", seconds / DAY % 365, "d"),
        _ => format!("{}y", seconds / YEAR),
    }
}

fn two(major: u64, major_unit: &str, minor: u64, minor_unit: &str) -> String {
    if minor == 0 {
        return format!("{major}{major_unit}");
    }
    format!("{major}{major_unit}{minor}{minor_unit}")
}

/// Reads what [`human`] writes. The result is the shortest duration that reads so.
///
/// ```
/// use plugin_core::render::age::parse;
/// use std::time::Duration;
///
/// assert_eq!(parse("2m30s"), Some(Duration::from_secs(150)));
/// assert_eq!(parse("<unknown>"), None);
/// ```
pub fn parse(text: &str) -> Option<Duration> {
    let mut total = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let mut after = rest[digits..].chars();
        let unit = match after.next()? {
            's' => 1,
            'm' => MINUTE,
            'h' => HOUR,
            'd' => DAY,
            'y' => YEAR,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = after.as_str();
    }
    (!text.is_empty()).then(|| Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn units_change_where_kubectl_changes_them() {
        let at = |seconds| human(Duration::from_secs(seconds));
        assert_eq!(at(0), "0s");
        assert_eq!(at(120), "2m");
        assert_eq!(at(10 * MINUTE), "10m");
        assert_eq!(at(3 * HOUR), "3h");
        assert_eq!(at(8 * HOUR), "8h");
        assert_eq!(at(2 * DAY), "2d");
        assert_eq!(at(8 * DAY), "8d");
        assert_eq!(at(2 * YEAR + DAY), "2y1d");
        assert_eq!(at(9 * YEAR), "9y");
    }

    proptest! {
        #[test]
        fn reading_what_was_written_gives_the_same_text(seconds in 0_u64..20 * YEAR) {
            let text = human(Duration::from_secs(seconds));
            let read = parse(&text).expect("human writes what parse reads");
            prop_assert!(read.as_secs() <= seconds);
            prop_assert_eq!(human(read), text);
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,12}") {
            let _ = parse(&text);
        }
    }
}
