//! Determines from the sources of another crate whether an imported name exists in
//! the type namespace.

use crate::source::build_unit;
use crate::source::database::{CrateDb, CrateId};
use crate::source::known::macros::{BUILT_IN, DEFINING, PLAIN};
use crate::source::name::Name;

/// The keywords before a name in the type namespace.
const TYPE_KEYWORDS: [&str; 6] = ["mod", "struct", "enum", "union", "type", "trait"];

/// Modules of the standard library that have the name of a macro.
const MODULES: [&str; 3] = ["env", "panic", "vec"];

impl CrateDb {
    /// Returns whether the path into the crate that `from` calls `first` may end at a
    /// type or a module. Anything except a macro may.
    pub(super) fn is_type_elsewhere(&self, from: CrateId, first: Name, path: &str) -> bool {
        let name = path.rsplit("::").next().unwrap_or(path);
        if self.is_standard_crate(from, first) {
            let macros = [PLAIN, BUILT_IN, DEFINING];
            let is_macro = macros.iter().any(|names| names.contains(&name));
            return MODULES.contains(&name) || !is_macro;
        }
        let Some(artifact) = self.krate(from).externs.get(&first) else {
            return true;
        };
        let texts = build_unit::sources(artifact);
        let texts = texts.iter().flat_map(std::fs::read_to_string);
        let texts: Vec<String> = texts.collect();
        let has = |words: &str| texts.iter().any(|text| has_words(text, words));
        let is_type = TYPE_KEYWORDS
            .iter()
            .any(|word| has(&format!("{word} {name}")));
        let is_macro = has(&format!("macro_rules! {name}"));
        is_type || !is_macro
    }
}

/// Returns whether the text contains the words as separate words.
fn has_words(text: &str, words: &str) -> bool {
    let is_of_word = |c: char| c == '_' || c.is_alphanumeric();
    text.match_indices(words).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + words.len()..].chars().next();
        !before.is_some_and(is_of_word) && !after.is_some_and(is_of_word)
    })
}
