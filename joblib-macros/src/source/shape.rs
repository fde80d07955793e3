//! Texts that macros make of what they are given, with a hole for each fragment.

use super::name::Name;

/// How many texts macros are taken to make.
pub(super) const MOST_TEXTS: usize = 4096;

/// What stands in a shape for any of the texts that a macro is given: no text of
/// a source has it.
pub(super) const HOLE: &str = "\u{1}";

/// A shape with each of these in each of its holes; where that makes too many
/// texts, as [`is_vague`] says, with the same in all of them.
pub(super) fn filled(shape: &str, given: &[Name]) -> Vec<String> {
    let mut parts = shape.split(HOLE);
    let mut texts = vec![parts.next().unwrap_or_default().to_owned()];
    if is_vague(shape, given) {
        let same = given.iter().map(|text| shape.replace(HOLE, text.as_str()));
        return same.collect();
    }
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

/// Whether a shape has several holes, and more texts fit than are looked at.
pub(super) fn is_vague(shape: &str, given: &[Name]) -> bool {
    let holes = shape.matches(HOLE).count();
    let count = u32::try_from(holes)
        .ok()
        .and_then(|holes| given.len().checked_pow(holes));
    holes > 1 && count.is_none_or(|count| count > MOST_TEXTS)
}
