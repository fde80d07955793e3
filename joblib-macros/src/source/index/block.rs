//! Items in the bodies of other items, and in other code of an item: array lengths,
//! discriminants and default values.

use std::path::Path as FilePath;
use std::sync::Arc;

use super::IndexPosition;
use crate::source::attribute;
use crate::source::database::{CrateDb, CrateId, ItemId, ItemKind, ModuleId};
use crate::source::scan::{self, ItemKindGuess, ScannedItem};
use crate::source::token::{LexedFile, Span};

impl CrateDb {
    /// Reads the items inside an item that are visible from outside it.
    pub(super) fn read_inside(
        &mut self,
        place: &IndexPosition,
        file: &LexedFile,
        id: ItemId,
        kind: &ItemKind,
        found: &ScannedItem,
    ) {
        let body = found.body.clone();
        match (kind, body) {
            (ItemKind::Impl | ItemKind::Trait, Some(body)) => {
                let head = found.name_at + 1..body.start;
                if has_effect_or_import(file, &head) {
                    self.read_block(place, file, id, head);
                }
                self.read_items(
                    &IndexPosition {
                        parent: Some(id),
                        ..place.clone()
                    },
                    body,
                );
            }
            (ItemKind::Invocation, Some(body)) => {
                self.read_invocation(place, file, found, body, id);
            }
            (ItemKind::Fn, Some(body)) => {
                let all = found.name_at + 1..found.end;
                if has_effect_or_import(file, &(all.start..body.start)) {
                    self.read_block(place, file, id, all);
                } else if has_foreign_effect(file, &body) {
                    self.read_block(place, file, id, body);
                }
            }
            // Lengths, discriminants and defaults are code and may contain items.
            (ItemKind::Type | ItemKind::TypeAlias, _) | (ItemKind::Fn, None) => {
                let all = found.name_at + 1..found.end;
                if has_effect_or_import(file, &all) {
                    self.read_block(place, file, id, all);
                }
            }
            (ItemKind::Const, None) => {
                let value = found.name_at..found.end;
                let calls = || value.clone().any(|i| starts_call(file, i));
                let is_nameless = file.is_word(found.name_at, "_");
                if has_foreign_effect(file, &value) || (is_nameless && calls()) {
                    self.read_block(place, file, id, value);
                }
            }
            _ => {}
        }
    }

    /// Returns the block in the body of an item, if the body contains items.
    pub(in crate::source) fn block_of(&self, id: ItemId) -> Option<ModuleId> {
        self.krate(self.crate_of(id)).blocks.get(&id).copied()
    }

    /// Reads the items in the bodies of all items of `krate`.
    pub(super) fn read_blocks(&mut self, krate: CrateId) {
        let first = self.modules.len();
        let mut id = 0;
        while (id as usize) < self.items.len() {
            if self.crate_of(id) == krate {
                self.read_body(id);
            }
            id += 1;
        }
        if self.modules[first..]
            .iter()
            .any(|module| !module.globs.is_empty())
        {
            self.settle_globs(krate);
        }
    }

    /// Reads the items in the body of an item.
    pub(in crate::source) fn read_body(&mut self, id: ItemId) {
        let item = self.item(id).clone();
        let krate = self.crate_of(id);
        let file = Arc::clone(&self.files[item.file]);
        let body = match (&item.kind, item.body) {
            (ItemKind::Fn, Some(body)) => body,
            (ItemKind::Const, _) => item.name_at..item.span.end,
            _ => return,
        };
        if self.krate(krate).blocks.contains_key(&id) || !has_items(&file, &body) {
            return;
        }
        let inline = &self.module(self.enclosing(item.module)).inline;
        let base = match inline {
            Some((within, dir)) if *within == item.file => dir.clone(),
            _ => file.path.parent().unwrap_or(FilePath::new("")).to_owned(),
        };
        let place = IndexPosition {
            krate,
            module: item.module,
            parent: None,
            file: item.file,
            dir: base.clone(),
            path_base: base,
            open: Arc::default(),
            receiving_call: item.receiving_call,
            foreign: None,
            unknown: Vec::new(),
        };
        self.read_block(&place, &file, id, body);
    }

    fn read_block(
        &mut self,
        place: &IndexPosition,
        file: &LexedFile,
        id: ItemId,
        body: Span,
    ) -> ModuleId {
        let name = self.item(id).name;
        let module = self.add_module(name, Some(place.module), place.krate, true);
        self.crates[place.krate as usize].blocks.insert(id, module);
        self.modules[module as usize].body_of = Some(id);
        let place = IndexPosition {
            module,
            parent: None,
            dir: place.path_base.clone(),
            ..place.clone()
        };
        // A macro call in a nameless constant is there for the items that it defines.
        let is_nameless = self.item(id).kind == ItemKind::Const && name == "_";
        let mut at = body.start;
        while at < body.end {
            let is_call = is_nameless && starts_call(file, at);
            if !starts_item(file, at) && !is_call {
                at += 1;
                continue;
            }
            let cfgs = &self.krate(place.krate).cfgs;
            let attributes = attribute::read(file, at, cfgs);
            match scan::item(file, attributes.end, body.end) {
                Some(found) if found.shape != ItemKindGuess::Invocation || is_call => {
                    let end = found.end;
                    self.read_items(&place, at..end);
                    at = end.max(at + 1);
                }
                _ => at += 1,
            }
        }
        module
    }
}

/// Returns whether an item may start at `at` in a block.
fn starts_item(file: &LexedFile, at: usize) -> bool {
    if at == 0 {
        return false;
    }
    let boundary = file.is(at - 1, b'{')
        || file.is(at - 1, b'}')
        || file.is(at - 1, b';')
        || file.is(at - 1, b']');
    boundary
        && (attribute::attribute_at(file, at).is_some()
            || matches!(
                file.text(at),
                "fn" | "struct"
                    | "enum"
                    | "union"
                    | "trait"
                    | "impl"
                    | "mod"
                    | "use"
                    | "const"
                    | "static"
                    | "type"
                    | "extern"
                    | "macro_rules"
                    | "unsafe"
                    | "async"
                    | "pub"
            ))
}

/// Returns whether a macro call statement starts at `at`.
fn starts_call(file: &LexedFile, at: usize) -> bool {
    let is_start = at > 0 && [b'{', b'}', b';'].iter().any(|&byte| file.is(at - 1, byte));
    is_start && file.is_word_kind(at) && file.is(at + 1, b'!') && file.opens(at + 2)
}

/// Returns whether a body contains items.
fn has_items(file: &LexedFile, body: &Span) -> bool {
    body.clone().any(|i| starts_item(file, i))
}

/// Returns whether the code outside the body of an item contains impls, or imports,
/// which decide what the names there refer to.
fn has_effect_or_import(file: &LexedFile, span: &Span) -> bool {
    // `use<'a, T>` is a bound.
    let is_import = |i: usize| file.is_word(i, "use") && !file.is(i + 1, b'<');
    has_foreign_effect(file, span) || span.clone().any(is_import)
}

/// Returns whether a body contains impls, which count wherever they are.
fn has_foreign_effect(file: &LexedFile, body: &Span) -> bool {
    body.clone().any(|i| {
        file.is_word_kind(i)
            && file
                .get(i)
                .is_some_and(|t| t.byte == b'i' || t.byte == b'm')
            && matches!(file.text(i), "impl" | "mod" | "macro_rules")
            && (starts_item(file, i) || file.is_word(i - 1, "unsafe"))
    })
}
