//! Texts that macros make of what they are given, with a hole for each fragment.

use super::name::Name;

/// How many texts are looked at one by one; where there may be more, the files and
/// variables that exist are compared with what macros may make.
pub(super) const MOST_TEXTS: usize = 4096;

/// What stands in a shape for any of the texts that a macro is given: no text of
/// a source has it.
pub(super) const HOLE: &str = "\u{1}";

/// A shape with each of these in each of its holes.
pub(super) fn filled(shape: &str, given: &[Name]) -> Vec<String> {
    let mut parts = shape.split(HOLE);
    let mut texts = vec![parts.next().unwrap_or_default().to_owned()];
    for part in parts {
        let with = |start: &String| {
            let start = start.clone();
            let texts = given.iter();
            texts.map(move |text| format!("{start}{}{part}", text.as_str()))
        };
        texts = texts.iter().flat_map(with).collect();
    }
    texts
}

/// How many texts a shape comes to with each of `given` texts in each of its holes.
pub(super) fn count(shape: &str, given: usize) -> usize {
    let holes = u32::try_from(shape.matches(HOLE).count());
    holes.map_or(usize::MAX, |holes| given.saturating_pow(holes))
}
