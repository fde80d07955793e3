//! Reads the attributes whose arguments decide what an item is or reaches: `cfg`,
//! `cfg_attr` and the options of `#[memoize]`.

use super::{CollectMode, RefCollector};
use crate::source::attribute;
use crate::source::name::Name;
use crate::source::token::Span;
use crate::source::use_tree::UsePath;

impl RefCollector<'_> {
    /// Reads `cfg(…)`, or `cfg_attr(…)` with its attributes, if the attribute is one
    /// of them.
    pub(super) fn condition(&mut self, inside: &Span) -> bool {
        let file = self.file;
        let name = file.text(inside.start);
        if !matches!(name, "cfg" | "cfg_attr") || !file.is(inside.start + 1, b'(') {
            return false;
        }
        let arguments = file.inside(inside.start + 1);
        let mut parts = attribute::split(file, arguments).into_iter();
        if let Some(predicate) = parts.next() {
            self.cfg(predicate);
        }
        for part in parts {
            if !self.condition(&part) {
                self.run(part, CollectMode::Attribute, false);
            }
        }
        true
    }

    /// Reads `#[memoize(depends(path), key(argument = expression), store = module)]`, which
    /// names what else the function reaches.
    pub(super) fn depends(&mut self, inside: Span) {
        for option in attribute::settings(self.file, &inside, &["depends", "key", "store"]) {
            // The functions in the module of `store` are not named.
            if let [module] = &option[..] {
                let span = module.start + 2..module.end;
                self.run(span.clone(), CollectMode::Attribute, false);
                let path: Vec<Name> = span.filter_map(|at| self.file.name(at)).collect();
                for function in ["to", "from"].map(Name::new) {
                    let names = path.iter().copied().chain([function]).collect();
                    let global = self.file.is_path_sep(module.start + 2);
                    self.mention(UsePath { global, names }, false, false);
                    self.add_member(Some(function));
                }
            }
            for part in option.into_iter().skip(1) {
                self.run(part, CollectMode::Code, false);
            }
        }
    }
}
