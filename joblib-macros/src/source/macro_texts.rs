//! The texts that macros may hold: their input, and the texts that other macros build
//! from it. The set is never enumerated. Instead, the existing files and variables
//! are matched against it, so that none is missed.

use std::path::{Path, PathBuf};

use super::name::Name;
use super::text_shape::HOLE;

/// The maximum number of times that macros build a text from the result of another
/// macro.
pub(super) const ROUNDS: usize = 2;

/// The input texts of macros, and the shapes of the texts that they build.
#[derive(Clone, Debug, Default)]
pub(super) struct MacroTexts {
    /// In lexicographic order.
    given: Vec<&'static str>,
    shapes: Vec<String>,
}

/// Path components that directory listings do not contain.
const STEPS: [&str; 3] = ["", ".", ".."];

impl MacroTexts {
    pub(super) fn new(given: impl Iterator<Item = Name>, shapes: Vec<String>) -> MacroTexts {
        let mut given: Vec<&str> = given.map(Name::as_str).collect();
        given.sort_unstable();
        given.dedup();
        MacroTexts { given, shapes }
    }

    /// Returns whether the text matches the shape, with texts that macros may hold in
    /// its holes.
    pub(super) fn fit(&self, shape: &str, text: &str) -> bool {
        self.fit_after(shape, text, ROUNDS)
    }

    fn fit_after(&self, shape: &str, text: &str, rounds: usize) -> bool {
        let mut parts = shape.split(HOLE);
        let first = parts.next().unwrap_or_default();
        let last = shape.rsplit(HOLE).next().unwrap_or_default();
        if !shape.contains(HOLE) {
            return shape == text;
        }
        let is_long_enough = first.len() + last.len() <= text.len();
        if !is_long_enough || !text.starts_with(first) || !text.ends_with(last) {
            return false;
        }
        let inner: Vec<&str> = parts.collect();
        let inner = &inner[..inner.len() - 1];
        let end = text.len() - last.len();
        let mut starts = vec![first.len()];
        for part in inner {
            starts = self.after_hole(&text[..end], &starts, part, rounds);
        }
        starts
            .iter()
            .any(|&start| self.have_after(&text[start..end], rounds))
    }

    /// Returns the positions at which a shape may continue after a hole and `part`.
    /// The hole may start at any of `starts`.
    fn after_hole(&self, text: &str, starts: &[usize], part: &str, rounds: usize) -> Vec<usize> {
        let mut found = Vec::new();
        for &start in starts {
            for (at, _) in text[start..]
                .char_indices()
                .chain([(text.len() - start, ' ')])
            {
                let at = start + at;
                if text[at..].starts_with(part)
                    && !found.contains(&(at + part.len()))
                    && self.have_after(&text[start..at], rounds)
                {
                    found.push(at + part.len());
                }
            }
        }
        found
    }

    fn have_after(&self, text: &str, rounds: usize) -> bool {
        let mut shapes = self.shapes.iter();
        self.given.binary_search(&text).is_ok()
            || (rounds > 0 && shapes.any(|shape| self.fit_after(shape, text, rounds - 1)))
    }

    /// Returns whether a text of the shape may start with `start`.
    fn may_begin(&self, shape: &str, start: &str, rounds: usize) -> bool {
        let mut parts = shape.split(HOLE);
        let first = parts.next().unwrap_or_default();
        if first.starts_with(start) {
            return true;
        }
        if !start.starts_with(first) {
            return false;
        }
        let mut starts = vec![first.len()];
        for part in parts {
            let mut next = Vec::new();
            for &from in &starts {
                let rest = &start[from..];
                if self.any_begins(rest, rounds) {
                    return true;
                }
                for (at, _) in rest.char_indices() {
                    let behind = &rest[at..];
                    let is_end = part.starts_with(behind);
                    if (is_end || behind.starts_with(part)) && self.have_after(&rest[..at], rounds)
                    {
                        if is_end {
                            return true;
                        }
                        next.push(from + at + part.len());
                    }
                }
            }
            next.sort_unstable();
            next.dedup();
            starts = next;
        }
        false
    }

    /// Returns whether a text that macros may hold starts with `start`.
    fn any_begins(&self, start: &str, rounds: usize) -> bool {
        let at = self.given.partition_point(|text| *text < start);
        let is_given = self
            .given
            .get(at)
            .is_some_and(|text| text.starts_with(start));
        let mut shapes = self.shapes.iter();
        is_given || (rounds > 0 && shapes.any(|shape| self.may_begin(shape, start, rounds - 1)))
    }

    /// Returns the files below `place` that texts of the shape name, with the name
    /// and the path of each.
    pub(super) fn files(&self, place: &Path, shape: &str) -> Vec<(String, PathBuf)> {
        if !shape.contains(HOLE) {
            let path = place.join(shape);
            let found = path.is_file().then(|| (shape.to_owned(), path));
            return found.into_iter().collect();
        }
        let mut found = Vec::new();
        let fixed = shape.split(HOLE).next().unwrap_or_default();
        let fixed = &fixed[..fixed.rfind('/').map_or(0, |at| at + 1)];
        let below = &shape[fixed.len()..];
        let mut directories = vec![String::new()];
        while let Some(directory) = directories.pop() {
            let here = place.join(format!("{fixed}{directory}"));
            let listed = std::fs::read_dir(here).into_iter().flatten().flatten();
            let names = listed.filter_map(|entry| entry.file_name().into_string().ok());
            let steps = STEPS.map(str::to_owned);
            for name in names.chain(steps) {
                let path = format!("{directory}{name}");
                let text = format!("{fixed}{path}");
                let inner = format!("{path}/");
                if self.may_begin(below, &inner, ROUNDS) && place.join(&text).join("").is_dir() {
                    directories.push(inner);
                }
                if self.fit(below, &path) && place.join(&text).is_file() {
                    found.push((text.clone(), place.join(text)));
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(given: &[&str], shapes: &[&str]) -> MacroTexts {
        let shapes = shapes.iter().map(|shape| shape.replace('*', HOLE));
        MacroTexts::new(given.iter().map(|text| Name::new(text)), shapes.collect())
    }

    #[test]
    fn texts_of_given_ones_fit_a_shape() {
        let texts = texts(&["a", "ab", "x/y"], &["<*>"]);
        let fit = |shape: &str, text| texts.fit(&shape.replace('*', HOLE), text);
        for (shape, text) in [
            ("*.txt", "a.txt"),
            ("*.txt", "x/y.txt"),
            ("*.txt", "<ab>.txt"),
            ("*.txt", "<<a>>.txt"),
            ("*/*", "ab/<a>"),
            ("*b*", "abab"),
            ("plain", "plain"),
        ] {
            assert!(fit(shape, text), "{shape} {text}");
        }
        for (shape, text) in [
            ("*.txt", "b.txt"),
            ("*.txt", ".txt"),
            ("*.txt", "<<<a>>>.txt"),
            ("*/*", "ab/c"),
            ("a*a", "a"),
            ("plain", "a"),
        ] {
            assert!(!fit(shape, text), "{shape} {text}");
        }
    }

    #[test]
    fn files_are_found_by_their_shape_wherever_they_lie() {
        let dir = tempfile::TempDir::new().unwrap();
        let names = [
            "in/a.txt",
            "in/b.txt",
            "in/deep/a.txt",
            "up.txt",
            "in/other/a.txt",
        ];
        for name in names {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, name).unwrap();
        }
        let found = |given: &[&str], shapes: &[&str], shape: &str| {
            let files = texts(given, shapes).files(dir.path(), &shape.replace('*', HOLE));
            files.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        let all = ["in/a.txt", "in/deep/a.txt"];
        assert_eq!(found(&["a", "deep/a", "c"], &[], "in/*.txt"), all);
        assert_eq!(found(&["a", "deep/a", "c"], &["in/*", "*.txt"], "*"), all);
        assert_eq!(found(&["deep", "a"], &[], "in/*/*.txt"), all[1..]);
        assert_eq!(found(&["in//a"], &[], "*.txt"), ["in//a.txt"]);
        assert_eq!(found(&["./a"], &[], "in/*.txt"), ["in/./a.txt"]);
        assert_eq!(found(&["../up"], &[], "in/*.txt"), ["in/../up.txt"]);
        assert_eq!(found(&["..", "up"], &[], "in/*/*.txt"), ["in/../up.txt"]);
        assert_eq!(found(&["in"], &[], "*/../up.txt"), ["in/../up.txt"]);
        let root = dir.path().join("up").display().to_string();
        assert_eq!(found(&[&root], &[], "*.txt"), [format!("{root}.txt")]);
    }
}
