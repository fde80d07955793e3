//! Environment variables that a procedural macro reads under computed names. Of the
//! variables that are set, those count that the macro's input or its own string
//! literals may name.

use std::collections::BTreeSet;

use super::macro_inputs::MacroInputs;
use crate::source::database::{CrateId, ItemId};
use crate::source::literal::strings;
use crate::source::reachability::Reachability;

impl Reachability<'_> {
    /// Returns the variables that are set and may be read.
    pub(super) fn computed_names(&self, inputs: &MacroInputs) -> Vec<String> {
        let given = self.macro_input_words();
        let set: BTreeSet<String> = self.world.variable_names(0).into_iter().collect();
        let may_refer_to = |name: &String| {
            let is_given = given.contains(name);
            let is_raised = || given.iter().any(|text| is_alike(text, name));
            let is_made = || inputs.parts.iter().any(|part| may_be_part(part, name));
            is_given || (inputs.raises_case && is_raised()) || is_made()
        };
        set.into_iter().filter(may_refer_to).collect()
    }

    /// Returns the words and string literals that macros may receive: those of all
    /// reached items except the code of macros.
    fn macro_input_words(&self) -> BTreeSet<String> {
        let mut given = BTreeSet::new();
        let is_code = |id: &ItemId| !self.world.krate(self.world.crate_of(*id)).is_proc_macro;
        for id in self.reached.keys().copied().filter(is_code) {
            let file = self.world.file_of(id);
            let span = self.world.item(id).span.clone();
            let words = span.clone().filter(|&at| file.is_word_kind(at));
            given.extend(words.map(|at| file.text(at).to_owned()));
            given.extend(strings(&file, span));
        }
        given
    }

    /// Adds a variable that a macro reads while it runs for `krate`.
    pub(super) fn add_macro_variable(&mut self, krate: CrateId, name: &str, is_tracked: bool) {
        self.widening.envs.push((krate, name.to_owned()));
        let Some(unit) = self.world.krate(krate).origin.unit.clone() else {
            return;
        };
        if is_tracked || unit.variables.contains_key(name) || name == "CARGO_CRATE_NAME" {
            return;
        }
        // Cargo recompiles the crate when these change.
        if name.starts_with("CARGO_PKG_") {
            self.widening.manifests.push(krate);
            return;
        }
        self.widening.envs.push((0, name.to_owned()));
        self.note_unknown_input(krate, &format!("the variable `{name}`"));
    }

    /// Records an input of a macro whose value is not known.
    pub(super) fn note_unknown_input(&mut self, krate: CrateId, what: &str) {
        let label = &self.world.krate(krate).label;
        let unseen = format!("{what} during the compilation of `{label}`");
        self.widening.unseen.push(unseen);
    }
}

/// Returns whether a word equals the name of a variable, ignoring case, `_` and `-`.
fn is_alike(word: &str, name: &str) -> bool {
    let letters = |text: &str| {
        let plain = text.chars().filter(|c| !matches!(c, '_' | '-'));
        plain.map(|c| c.to_ascii_uppercase()).collect::<String>()
    };
    name.len() > 1 && letters(word) == letters(name)
}

/// Returns whether a name starts or ends with a text, or matches a text with holes.
fn may_be_part(part: &str, name: &str) -> bool {
    if !part.contains("{}") {
        return name.starts_with(part) || name.ends_with(part);
    }
    let name = name.to_ascii_uppercase();
    let part = part.to_ascii_uppercase();
    let first = part.split("{}").next().unwrap_or_default();
    let last = part.rsplit("{}").next().unwrap_or_default();
    let Some(mut rest) = name
        .strip_prefix(first)
        .and_then(|rest| rest.strip_suffix(last))
    else {
        return false;
    };
    let count = part.matches("{}").count();
    for inner in part.split("{}").skip(1).take(count - 1) {
        match rest.find(inner) {
            Some(at) => rest = &rest[at + inner.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_parts() {
        for (part, name) in [
            ("ARG{}", "ARGKNOB"),
            ("app_{}_key", "APP_X_KEY"),
            ("{}_{}", "A_B"),
            ("ARG", "ARGKNOB"),
            ("_KNOB", "ARG_KNOB"),
        ] {
            assert!(may_be_part(part, name), "{part} {name}");
        }
        for (part, name) in [
            ("ARG{}", "KNOB"),
            ("A{}BB", "AB"),
            ("ARG", "argknob"),
            ("KN", "AKNB"),
        ] {
            assert!(!may_be_part(part, name), "{part} {name}");
        }
        assert!(is_alike("argKnob", "ARG_KNOB"));
        assert!(!is_alike("arg", "ARG_KNOB"));
    }
}
