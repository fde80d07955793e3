//! Names in string literals: variables of format strings, paths in attributes, and
//! names that procedural macros build.

use unicode_normalization::char::is_combining_mark;

use super::{CollectMode, RefCollector};
use crate::source::literal;
use crate::source::name::Name;
use crate::source::name_pattern::NamePattern;
use crate::source::references::PathRef;
use crate::source::use_tree::UsePath;

impl RefCollector<'_> {
    pub(super) fn literal(&mut self, at: usize, mode: CollectMode) {
        let text = self.file.text(at);
        if !text.contains('"') {
            return;
        }
        if self.world.krate(self.krate).is_proc_macro
            && let Some(text) = literal::unquote(text)
        {
            self.facts.patterns.extend(NamePattern::formatted(&text));
            self.facts.texts.insert(Name::new(&text));
        }
        if mode == CollectMode::Code {
            return;
        }
        if self.is_macro {
            let text = literal::unquote(text).map(|text| Name::new(&text));
            self.facts.texts.extend(text);
        }
        if mode == CollectMode::Attribute {
            self.path_in_string(text);
            return;
        }
        self.captured(at, text, mode);
        // A brace may be written as an escape, and a name may continue after an
        // escaped line break.
        if text.contains('\\')
            && let Some(text) = literal::unquote(text)
        {
            self.captured(at, &text, mode);
        }
    }

    /// Records the variables that a format string captures.
    fn captured(&mut self, at: usize, text: &str, mode: CollectMode) {
        for part in text.split('{').skip(1) {
            let end = part.find(|c| !is_of_word(c)).unwrap_or(part.len());
            self.word_in_string(at, &part[..end], mode);
            for width in part.split('}').next().unwrap_or("").split('$') {
                let before = width.trim_end_matches(is_of_word).len();
                self.word_in_string(at, &width[before..], mode);
            }
        }
    }

    fn word_in_string(&mut self, at: usize, word: &str, mode: CollectMode) {
        if word.starts_with(|c: char| c == '_' || c.is_alphabetic()) && !word.is_empty() {
            let name = Name::composed(word);
            if mode == CollectMode::Loose {
                self.facts.loose.insert(name);
            }
            let is_loose = mode == CollectMode::Loose;
            self.push(PathRef {
                is_local: !is_loose && self.locals.has(name, at),
                ..PathRef::new(UsePath::bare(name), is_loose, false)
            });
        }
    }

    fn path_in_string(&mut self, text: &str) {
        let start = text.find('"').map_or(0, |i| i + 1);
        let end = text.rfind('"').unwrap_or(text.len()).max(start);
        let words = text[start..end].split(|c| c != ':' && !is_of_word(c));
        for word in words.filter(|word| !word.is_empty()) {
            let global = word.starts_with("::");
            let names: Vec<Name> = word
                .split("::")
                .filter(|part| !part.is_empty())
                .map(Name::composed)
                .collect();
            self.facts.members.extend(names.iter().copied());
            self.facts.loose.extend(names.last().copied());
            if !names.is_empty() {
                self.mention(UsePath { global, names }, true, true);
            }
        }
    }
}

/// Returns whether a name may contain the character. An accent may be a separate
/// combining character.
fn is_of_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric() || is_combining_mark(c)
}
