//! Texts that macros build from their input, as shapes with a hole for each fragment.

use super::name::Name;

/// The maximum number of texts that are enumerated. If there may be more, existing
/// files and variables are matched against the shapes instead.
pub(super) const MAX_TEXTS: usize = 4096;

/// The placeholder in a shape for any text from a macro's input. No source text
/// contains it.
pub(super) const HOLE: &str = "\u{1}";

/// Returns the texts of a shape with each of `given` in each of its holes.
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

/// Returns the number of texts of a shape with `given` choices for each of its holes.
pub(super) fn count(shape: &str, given: usize) -> usize {
    let holes = u32::try_from(shape.matches(HOLE).count());
    holes.map_or(usize::MAX, |holes| given.saturating_pow(holes))
}
