//! Suggests the name that a misspelt one probably stands for.

/// The shortest name that may be an abbreviation of another.
const SHORTEST_ABBREVIATION: usize = 3;

/// Returns ` (did you mean …?)` with the name in `known` that is near `word`, or nothing.
pub(crate) fn hint(word: &str, known: &[&str]) -> String {
    nearest(word, known).map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}

/// Returns the names as a list of alternatives, in backquotes.
pub(crate) fn one_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [names @ .., last] if !names.is_empty() => format!("{} or {last}", names.join(", ")),
        names => names.concat(),
    }
}

/// Returns the nearest name, if one is near: few letters differ, or one of the two
/// abbreviates the other.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let near = known.iter().filter_map(|&name| {
        let distance = distance(&word, name);
        let is_misspelt = distance <= word.chars().count().max(3) / 3;
        (is_misspelt || abbreviates(&word, name)).then_some((!is_misspelt, distance, name))
    });
    let nearest = near.min_by_key(|&(is_abbreviation, distance, _)| (is_abbreviation, distance));
    nearest.map(|(_, _, name)| name)
}

fn abbreviates(word: &str, name: &str) -> bool {
    word.len().min(name.len()) >= SHORTEST_ABBREVIATION
        && (word.starts_with(name) || name.starts_with(word))
}

/// Returns the number of letters to insert, remove, replace or exchange with their
/// neighbour to change one word into the other.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows = vec![(0..=other.len()).collect::<Vec<usize>>()];
    for (i, letter) in one.iter().enumerate() {
        let above = &rows[i];
        let mut row = vec![i + 1];
        for (j, target) in other.iter().enumerate() {
            let replaced = above[j] + usize::from(letter != target);
            let mut least = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && one[i - 1] == *target && *letter == other[j - 1] {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 7] = [
        "dir",
        "memory",
        "ignore",
        "key",
        "expires",
        "memory_tier",
        "mmap",
    ];

    #[test]
    fn a_misspelt_name_is_recognized() {
        for (word, meant) in [
            ("expire", "expires"),
            ("ignores", "ignore"),
            ("ingore", "ignore"),
            ("keys", "key"),
            ("Memory", "memory"),
            ("nmap", "mmap"),
            ("memory_teir", "memory_tier"),
        ] {
            assert_eq!(nearest(word, &KNOWN), Some(meant), "{word}");
        }
    }

    #[test]
    fn an_abbreviation_is_recognized() {
        for (word, meant) in [("directory", "dir"), ("mem", "memory"), ("exp", "expires")] {
            assert_eq!(nearest(word, &KNOWN), Some(meant), "{word}");
        }
    }

    #[test]
    fn a_name_that_is_not_near_gets_no_suggestion() {
        for word in ["", "x", "cache", "timeout", "serialize", "größe"] {
            assert_eq!(nearest(word, &KNOWN), None, "{word}");
        }
        assert_eq!(hint("cache", &KNOWN), "");
        assert_eq!(hint("expire", &KNOWN), " (did you mean `expires`?)");
    }

    #[test]
    fn alternatives_are_listed_with_or_before_the_last() {
        assert_eq!(one_of(&["a"]), "`a`");
        assert_eq!(one_of(&["a", "b"]), "`a` or `b`");
        assert_eq!(one_of(&["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
