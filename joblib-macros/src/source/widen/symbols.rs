//! Items that are found by their linker symbol: through a declaration in an `extern`
//! block, the text of assembly, or code that is not followed.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use crate::source::build_unit;
use crate::source::crates::ExternCrate;
use crate::source::database::{CrateDb, CrateId, ItemId};
use crate::source::impls::BodyMacroEffect;
use crate::source::known::macros::ASSEMBLY;
use crate::source::name::{Name, Set};
use crate::source::reachability::Reachability;
use crate::source::scan::{self, ItemKindGuess};
use crate::source::symbol;
use crate::source::token::LexedFile;
use crate::source::use_tree::UsePath;

impl Reachability<'_> {
    /// Adds whatever is linked under the name of a declaration in an `extern` block.
    pub(super) fn symbols(&mut self, id: ItemId) {
        let Some(symbol) = symbol::declared(&self.world.file_of(id), self.world.item(id)) else {
            return;
        };
        self.note(id, || {
            format!("whatever is linked as `{}`", symbol.as_str())
        });
        if let Some(block) = self.world.item(id).foreign {
            self.reach(block, true);
        }
        self.join_all();
        self.add_word(symbol);
        self.reach_exporting_calls(|effect| effect == BodyMacroEffect::Linked);
        let mut is_found = false;
        for krate in self.world.crates_below().iter().copied() {
            let found = self.world.krate(krate).symbols.get(&symbol).cloned();
            for id in found.unwrap_or_default() {
                // A macro call that receives the name does not necessarily define it.
                is_found |= !self.world.krate(krate).inner_calls.contains_key(&id);
                self.join(krate);
                self.reach(id, true);
            }
        }
        if !is_found {
            self.generated(symbol);
            self.add_native(id);
        }
    }

    /// Adds what may define a symbol for which no source has a definition.
    pub(super) fn add_native(&mut self, id: ItemId) {
        if !self.widening.has_native {
            self.widening.has_native = true;
            self.join_all();
            self.reach_exported(id);
        }
    }

    /// Adds the macro calls in item position that may export something.
    fn reach_exporting_calls(&mut self, may_be: impl Fn(BodyMacroEffect) -> bool) {
        for krate in self.world.crates_below().iter().copied() {
            for &(call, effect) in self.world.exporting_calls(krate).iter() {
                if may_be(effect) {
                    self.join(krate);
                    self.reach(call, true);
                }
            }
        }
    }

    /// Adds what foreign code may call by its symbol.
    fn reach_exported(&mut self, id: ItemId) {
        let mut is_any = false;
        self.reach_exporting_calls(|_| true);
        for krate in self.world.crates_below().iter().copied() {
            let symbols = self.world.krate(krate).symbols.values();
            for id in symbols.flatten().copied().collect::<Vec<_>>() {
                is_any = true;
                self.join(krate);
                self.reach(id, true);
            }
        }
        if is_any {
            self.note(id, || {
                "whatever foreign code may call by its symbol".to_owned()
            });
        }
    }

    /// Adds what the text of assembly names by symbol.
    pub(super) fn reach_assembly_symbols(&mut self, path: &UsePath, texts: &Set<Name>) {
        let is_assembly = |name: Name| ASSEMBLY.contains(&name.as_str());
        if !path.last().is_some_and(is_assembly) {
            return;
        }
        self.join_all();
        self.reach_exporting_calls(|_| true);
        let texts: Vec<Name> = texts.iter().copied().collect();
        for krate in self.world.crates_below().iter().copied() {
            let symbols = &self.world.krate(krate).symbols;
            if symbols.is_empty() {
                continue;
            }
            let words = texts.iter().flat_map(|text| {
                let is_part = |c: char| c == '_' || c == '.' || c == '$' || c.is_alphanumeric();
                text.as_str().split(move |c| !is_part(c))
            });
            let named = words.filter_map(|word| symbols.get(&Name::new(word)));
            for id in named.flatten().copied().collect::<Vec<_>>() {
                self.join(krate);
                self.reach(id, true);
            }
        }
    }

    /// Adds what crates that count as a whole call by symbol.
    pub(super) fn add_symbol_callees(&mut self) {
        let count = [self.foreign.len(), self.joined.len()];
        if std::mem::replace(&mut self.widening.symbol_call_counts, count) == count {
            return;
        }
        let joined: Vec<CrateId> = self.joined.iter().map(|(krate, _)| *krate).collect();
        let mut calls = Vec::new();
        for &krate in &joined {
            calls.extend(self.world.exporting_calls(krate).iter().copied());
        }
        let exports = |krate: &CrateId| !self.world.krate(*krate).symbols.is_empty();
        if calls.is_empty() && !joined.iter().any(exports) {
            return;
        }
        for (from, name) in self.foreign.iter().copied().collect::<Vec<_>>() {
            let Some(artifact) = self.world.krate(from).externs.get(&name).cloned() else {
                continue;
            };
            let declared = self.world.declared_by(&artifact);
            for &(call, effect) in &calls {
                if declared.is_any || self.world.may_export(call, effect, &declared.names) {
                    self.reach(call, true);
                }
            }
            for &krate in &joined {
                let symbols = self.world.krate(krate).symbols.iter();
                let called = symbols.filter(|(symbol, _)| declared.has(symbol));
                for id in called.flat_map(|(_, ids)| ids.clone()).collect::<Vec<_>>() {
                    self.reach(id, true);
                }
            }
        }
    }
}

/// The symbols that a crate and its dependencies declare as defined elsewhere.
#[derive(Clone, Debug, Default)]
pub(in crate::source) struct DeclaredSymbols {
    names: Set<Name>,
    /// Whether they link libraries, which may call any symbol.
    is_any: bool,
}

impl DeclaredSymbols {
    fn has(&self, symbol: &Name) -> bool {
        self.is_any || self.names.contains(symbol)
    }
}

impl CrateDb {
    fn declared_by(&mut self, artifact: &FilePath) -> Arc<DeclaredSymbols> {
        if let Some(known) = self.packages.declared.get(artifact) {
            return Arc::clone(known);
        }
        let mut declared = DeclaredSymbols::default();
        // The libraries that joblib and its dependencies link do not call user code.
        if self.extern_kind(artifact) == ExternCrate::Joblib {
            return Arc::new(declared);
        }
        for source in build_unit::sources(artifact) {
            declared.add(source);
        }
        declared.is_any |= self.is_unknown(artifact);
        if let Some(unit) = self.unit(artifact) {
            declared.is_any |= unit.links();
            for (_, below) in &unit.dependencies {
                let below = self.declared_by(below);
                declared.is_any |= below.is_any;
                declared.names.extend(below.names.iter().copied());
            }
        }
        let declared = Arc::new(declared);
        let known = &mut self.packages.declared;
        known.insert(artifact.to_owned(), Arc::clone(&declared));
        declared
    }
}

impl DeclaredSymbols {
    /// Adds the declarations in the `extern` blocks of a source file.
    fn add(&mut self, source: PathBuf) {
        let text = std::fs::read_to_string(&source).unwrap_or_default();
        if !text.contains("extern") {
            return;
        }
        let file = LexedFile::new(source, text);
        for at in file.all().filter(|&at| file.is_word(at, "extern")) {
            let block = scan::item(&file, at, file.len());
            let block = block.filter(|found| found.shape == ItemKindGuess::ExternBlock);
            let Some(body) = block.and_then(|found| found.body) else {
                continue;
            };
            // Every word in the block counts. A word that is not a symbol does no
            // harm.
            self.names
                .extend(body.clone().filter_map(|at| file.name(at)));
            let texts = super::super::literal::strings(&file, body);
            self.names.extend(texts.map(|text| Name::new(&text)));
        }
    }
}
