//! How well the object of a row is, read from the cells that every table of its type has.

use plugin_core::render::style::Paint;

/// How well an object is, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Health {
    /// It is over, as it should be.
    Done,
    /// It is well, or nothing says otherwise.
    #[default]
    Well,
    /// It is on its way.
    Moving,
    /// It works in part.
    Warning,
    /// It does not work.
    Bad,
}

impl Health {
    /// Whether somebody should look at it.
    pub fn is_problem(self) -> bool {
        self >= Self::Moving
    }

    /// Its colour.
    pub fn paint(self) -> Paint {
        match self {
            Self::Done => Paint::Quiet,
            Self::Well => Paint::Plain,
            Self::Moving => Paint::Moving,
            Self::Warning => Paint::Warning,
            Self::Bad => Paint::Bad,
        }
    }
}

/// How well each cell says that its object is.
pub(crate) fn cells(headings: &[String], cells: &[String]) -> Vec<Health> {
    let find = |heading: &str| {
        let index = headings.iter().position(|other| other == heading)?;
        cells.get(index).map(String::as_str)
    };
    let status = find("STATUS").map(of_status);
    headings
        .iter()
        .zip(cells)
        .map(|(heading, cell)| of_cell(heading, cell, status, find("DESIRED")))
        .collect()
}

/// How well the whole row is: as its worst cell; what is done stays done.
pub(crate) fn row(headings: &[String], row: &[String]) -> Health {
    let all = cells(headings, row);
    let status = headings.iter().position(|heading| heading == "STATUS");
    if status.and_then(|index| all.get(index)) == Some(&Health::Done) {
        return Health::Done;
    }
    all.into_iter()
        .max()
        .map_or(Health::Well, |worst| worst.max(Health::Well))
}

fn of_cell(heading: &str, cell: &str, status: Option<Health>, desired: Option<&str>) -> Health {
    match heading {
        "STATUS" => of_status(cell),
        "READY" | "COMPLETIONS" if cell.contains('/') => match status {
            // A pod that is over or starting says so itself.
            Some(Health::Done | Health::Moving | Health::Bad) => Health::Well,
            _ => of_fraction(cell),
        },
        "READY" | "AVAILABLE" if cell.starts_with("False") => Health::Bad,
        "READY" | "AVAILABLE" if cell.starts_with("Unknown") => Health::Warning,
        "READY" | "AVAILABLE" => match desired.map(str::parse::<u64>) {
            Some(Ok(desired)) => of_counts(cell.parse().unwrap_or(desired), desired),
            _ => Health::Well,
        },
        "EXTERNAL-IP" | "ADDRESS" if cell == "<pending>" => Health::Moving,
        "TARGETS" if cell.contains("<unknown>") => Health::Warning,
        "TYPE" if cell == "Warning" => Health::Warning,
        _ => Health::Well,
    }
}

fn of_fraction(cell: &str) -> Health {
    let counts = cell.split_once('/').and_then(|(ready, wanted)| {
        Some((ready.trim().parse().ok()?, wanted.trim().parse().ok()?))
    });
    counts.map_or(Health::Well, |(ready, wanted)| of_counts(ready, wanted))
}

fn of_counts(ready: u64, wanted: u64) -> Health {
    match ready {
        _ if ready >= wanted => Health::Well,
        0 => Health::Bad,
        _ => Health::Warning,
    }
}

fn of_status(status: &str) -> Health {
    // Init containers say how far they are, or what befell them.
    let status = status.strip_prefix("Init:").unwrap_or(status);
    match status {
        "Completed" | "Complete" | "Succeeded" => Health::Done,
        "Running" | "Ready" | "Active" | "Bound" | "Available" | "Healthy" | "True"
        | "Approved,Issued" => Health::Well,
        "Pending" | "ContainerCreating" | "PodInitializing" | "Terminating" | "Released"
        | "Suspended" | "Failing" => Health::Moving,
        "Unknown"
        | "NotReady"
        | "Failed"
        | "Evicted"
        | "Lost"
        | "False"
        | "ContainerStatusUnknown"
        | "NodeLost"
        | "Preempting"
        | "OOMKilled"
        | "DeadlineExceeded"
        | "UnexpectedAdmissionError"
        | "NodeAffinity" => Health::Bad,
        _ if status.starts_with("Ready,") => Health::Warning,
        _ if status.starts_with("NotReady") => Health::Bad,
        _ if status.contains('/') => Health::Moving,
        _ => of_unknown_status(status),
    }
}

fn of_unknown_status(status: &str) -> Health {
    const BAD: [&str; 9] = [
        "BackOff", "Err", "Invalid", "Cannot", "Never", "Killed", "ExitCode", "Signal", "OutOf",
    ];
    if BAD.iter().any(|part| status.contains(part)) {
        return Health::Bad;
    }
    // A custom resource's own word: we cannot know.
    Health::Well
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        text.split('|').map(str::to_owned).collect()
    }

    fn health(headings: &str, cells: &str) -> Health {
        row(&split(headings), &split(cells))
    }

    #[test]
    fn pods_are_judged_by_status_and_readiness() {
        let pod = |cells: &str| health("NAME|READY|STATUS|RESTARTS|AGE", cells);
        assert_eq!(pod("a|1/1|Running|0|1m"), Health::Well);
        assert_eq!(pod("a|1/2|Running|0|1m"), Health::Warning);
        assert_eq!(pod("a|0/1|Running|0|1m"), Health::Bad);
        assert_eq!(pod("a|0/1|Completed|0|1m"), Health::Done);
        assert_eq!(pod("a|0/1|ContainerCreating|0|1m"), Health::Moving);
        assert_eq!(pod("a|0/1|Init:1/2|0|1m"), Health::Moving);
        assert_eq!(pod("a|0/1|Init:CrashLoopBackOff|0|1m"), Health::Bad);
        for status in [
            "CrashLoopBackOff",
            "ErrImagePull",
            "OOMKilled",
            "Error",
            "CreateContainerConfigError",
        ] {
            assert_eq!(
                pod(&format!("a|0/1|{status}|0|1m")),
                Health::Bad,
                "{status}"
            );
        }
    }

    #[test]
    fn workloads_are_judged_by_what_is_ready() {
        assert_eq!(
            health("NAME|READY|UP-TO-DATE|AVAILABLE|AGE", "web|2/3|3|2|1m"),
            Health::Warning
        );
        assert_eq!(
            health("NAME|DESIRED|CURRENT|READY|AGE", "web|3|3|0|1m"),
            Health::Bad
        );
        assert_eq!(
            health("NAME|DESIRED|CURRENT|READY|AGE", "web|0|0|0|1m"),
            Health::Well
        );
    }

    #[test]
    fn other_types_say_it_in_their_own_columns() {
        assert_eq!(
            health("NAME|STATUS", "n|Ready,SchedulingDisabled"),
            Health::Warning
        );
        assert_eq!(
            health(
                "NAME|TYPE|CLUSTER-IP|EXTERNAL-IP",
                "s|LoadBalancer|10.0.0.1|<pending>"
            ),
            Health::Moving
        );
        assert_eq!(
            health("NAME|SERVICE|AVAILABLE", "v1|x|False (MissingEndpoints)"),
            Health::Bad
        );
        assert_eq!(health("NAME|STATUS", "custom|Shiny"), Health::Well);
    }
}
