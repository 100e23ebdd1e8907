//! The grammar of our sentences: counts and lists.

/// A number with its noun.
///
/// ```
/// use plugin_core::render::words::count;
///
/// assert_eq!(count(1, "pod"), "1 pod");
/// assert_eq!(count(0, "pod"), "0 pods");
/// ```
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// Joins words as a sentence does.
///
/// ```
/// use plugin_core::render::words::list;
///
/// assert_eq!(list(&["a", "b", "c"], "or"), "a, b or c");
/// ```
pub fn list<T: AsRef<str>>(words: &[T], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., end] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} {last} {}", first.join(", "), end.as_ref())
        }
    }
}
