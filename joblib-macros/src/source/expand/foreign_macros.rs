//! The declarative macros of a crate that is not followed, read once and indexed by
//! name.

use std::path::Path;
use std::sync::Arc;

use crate::source::build_unit;
use crate::source::database::CrateDb;
use crate::source::name::{Map, Name};
use crate::source::scan;
use crate::source::token::{LexedFile, Span};

/// The bodies of the macros of a crate by name.
pub(super) type Bodies = Map<Name, Vec<(Arc<LexedFile>, Span)>>;

impl CrateDb {
    /// Returns the declarative macros that a crate defines.
    pub(super) fn macros_by_example(&mut self, artifact: &Path) -> Arc<Bodies> {
        if let Some(known) = self.macros.by_name.get(artifact) {
            return Arc::clone(known);
        }
        let mut bodies = Bodies::default();
        let sources = match self.is_unknown(artifact) {
            true => Vec::new(),
            false => build_unit::sources(artifact),
        };
        for source in sources {
            if let Ok(text) = std::fs::read_to_string(&source)
                && text.contains("macro_rules!")
            {
                add_definitions(&Arc::new(LexedFile::new(source, text)), &mut bodies);
            }
        }
        let bodies = Arc::new(bodies);
        let known = &mut self.macros.by_name;
        known.insert(artifact.to_owned(), Arc::clone(&bodies));
        bodies
    }
}

/// Adds the bodies of the macros that a file defines.
fn add_definitions(file: &Arc<LexedFile>, bodies: &mut Bodies) {
    let is_start = |&i: &usize| file.is_word(i, "macro_rules") && file.is(i + 1, b'!');
    for start in file.all().filter(is_start) {
        let body = scan::item(file, start, file.len()).and_then(|found| found.body);
        if let (Some(name), Some(body)) = (file.name(start + 2), body) {
            let known = bodies.entry(name).or_default();
            known.push((Arc::clone(file), body));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_by_example_a_file_are_found_by_their_names() {
        let text =
            "#[cfg(a)] macro_rules! one { () => { 1 } } #[cfg(b)] macro_rules! one { () => { 2 } }
            mod m { macro_rules! r#two { () => {} } } fn three() { four!() }";
        let mut bodies = Bodies::default();
        add_definitions(
            &Arc::new(LexedFile::new("".into(), text.to_owned())),
            &mut bodies,
        );
        let count = |name| bodies.get(&Name::new(name)).map_or(0, Vec::len);
        assert_eq!(["one", "two", "three", "four"].map(count), [2, 1, 0, 0]);
    }
}
