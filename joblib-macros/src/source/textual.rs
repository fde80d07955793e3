//! The textual scope of declarative macros: which definitions of a name precede a
//! call and are visible there, and what `#[macro_use]` imports from other crates.
//! Positions are ordered across all modules.

mod scope;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use super::database::{CrateDb, CrateId, ItemId, ItemKind, ModuleId};
use super::name::{Map, Name};
use super::references::{ItemRefs, Unresolved};
use super::resolve::PathTarget;
use super::token::{LexedFile, Span};
use scope::{Definer, TextualScope};

/// The position of an item: the items that contain or produce it, outermost first,
/// and the item itself. Item ids are in source order.
type Place = Vec<ItemId>;

/// A cache of scopes.
#[derive(Debug, Default)]
pub(super) struct TextualCache {
    scopes: Map<CrateId, Arc<TextualScope>>,
    /// The references in bodies of macros, by crate, file and start. The cached
    /// definitions keep their files alive.
    mentions: HashMap<(CrateId, usize, usize), Arc<Vec<Name>>>,
}

impl CrateDb {
    /// Returns the textual definitions of each macro that the item may call, in the
    /// form for a digest. What a macro calls is resolved where that macro is called.
    pub(super) fn textual(&mut self, id: ItemId, facts: &ItemRefs) -> Vec<(Name, Vec<String>)> {
        let krate = self.crate_of(id);
        let scope = self.textual_scope(krate);
        if scope.definers.is_empty() && scope.externs.is_empty() {
            return Vec::new();
        }
        let names = self.called_by(id, facts, &scope);
        if names.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for at in self.call_sites(id) {
            let place = self.textual_place(at);
            let module = self.item(at).module;
            for &name in &names {
                let meant = self.meant(name, &place, module, &scope);
                if !meant.is_empty() {
                    found.push((name, meant));
                }
            }
        }
        found
    }

    /// Returns the item itself or, if a macro generated it, each call that may have
    /// generated it.
    fn call_sites(&self, id: ItemId) -> Vec<ItemId> {
        let item = self.item(id);
        if !self.files[item.file].path.as_os_str().is_empty() {
            return vec![id];
        }
        self.krate(self.crate_of(id)).invocations.clone()
    }

    /// Returns the definitions that a call of `name` may refer to at a position in a
    /// module.
    fn meant(
        &self,
        name: Name,
        place: &Place,
        module: ModuleId,
        scope: &TextualScope,
    ) -> Vec<String> {
        let definers = scope.definers.get(&name).map_or(&[][..], Vec::as_slice);
        let is_seen =
            |definer: &&Definer| definer.place < *place && self.is_within(module, definer.seen_in);
        let text = |definer: &Definer| {
            let path = self.item_path(definer.id);
            let ranks = scope.ranks.get(&definer.id);
            let rank = ranks.and_then(|ranks| ranks.get(&name));
            rank.map_or(path.clone(), |rank| format!("{path}#{rank}"))
        };
        let seen = definers.iter().filter(is_seen).map(text);
        let shadowing_macros = &self.krate(self.module(module).krate).shadowing_macros;
        let externs = scope.externs.iter();
        let externs = externs.filter(|it| it.brings(name, shadowing_macros));
        let externs = externs.map(|it| format!("extern {}", it.name.as_str()));
        seen.chain(externs).collect()
    }

    /// Returns the rank of a macro, or of a call that defines macros, among those
    /// with the same path.
    pub(super) fn textual_ranks(&mut self, id: ItemId) -> Vec<(Name, usize)> {
        let scope = self.textual_scope(self.crate_of(id));
        let ranks = scope.ranks.get(&id).into_iter().flatten();
        ranks.map(|(name, rank)| (*name, *rank)).collect()
    }

    /// Returns the macros that an item may call, directly or through others.
    fn called_by(&mut self, id: ItemId, facts: &ItemRefs, scope: &TextualScope) -> BTreeSet<Name> {
        let krate = self.crate_of(id);
        let mut waiting: Vec<Name> = match &self.item(id).kind {
            // What a macro calls belongs to its callers.
            ItemKind::Macro => return BTreeSet::new(),
            ItemKind::Use(path) => match path.names[..] {
                [name] if scope.definers.contains_key(&name) => vec![name],
                _ => return BTreeSet::new(),
            },
            _ => {
                let known = scope.definers.keys();
                known
                    .filter(|it| facts.loose.contains(it))
                    .copied()
                    .collect()
            }
        };
        let around = self.block_of(id).unwrap_or(self.item(id).module);
        let mut is_any = includes_code(facts);
        for call in &facts.calls {
            if let ([name], false) = (&call.path.names[..], scope.externs.is_empty()) {
                waiting.push(*name);
            }
            let definition = self.definition(around, &call.path);
            is_any |= includes_code(&definition.facts) || definition.is_unknown;
            waiting.extend(scope.written(&definition.written));
            for (file, body) in &definition.bodies {
                waiting.extend(self.mentioned(krate, scope, file, body).iter());
            }
            for target in self.resolve(around, &call.path).targets {
                // A procedural macro of a followed crate is a function.
                if let (PathTarget::Item(target), true) = (target, definition.is_opaque) {
                    let artifact = self.artifact_of(self.crate_of(target));
                    is_any |= !self.add_written(artifact, scope, &mut waiting);
                }
            }
        }
        let attached = match self.has_attached(id) {
            true => self.attached_by(id),
            false => Vec::new(),
        };
        for artifact in attached.into_iter().flatten() {
            is_any |= !self.add_written(Some(artifact), scope, &mut waiting);
        }
        if is_any {
            waiting.extend(scope.definers.keys());
        }
        let mut found = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            if found.insert(name) {
                waiting.extend(scope.behind.get(&name).into_iter().flatten());
            }
        }
        found
    }

    /// Adds the names that the procedural macros of a crate emit. Returns whether
    /// they are known.
    fn add_written(
        &mut self,
        artifact: Option<PathBuf>,
        scope: &TextualScope,
        names: &mut Vec<Name>,
    ) -> bool {
        let Some(artifact) = artifact.filter(|artifact| !self.names_only_input(artifact)) else {
            return true;
        };
        let written = self.written_by(&artifact);
        let found = written.as_ref().map(|words| scope.written(words));
        names.extend(found.into_iter().flatten());
        written.is_some()
    }

    /// Returns the names in the body of a macro that have textual scope.
    fn mentioned(
        &mut self,
        krate: CrateId,
        scope: &TextualScope,
        file: &Arc<LexedFile>,
        body: &Span,
    ) -> Arc<Vec<Name>> {
        let key = (krate, Arc::as_ptr(file) as usize, body.start);
        if let Some(known) = self.textual.mentions.get(&key) {
            return Arc::clone(known);
        }
        let found = Arc::new(scope.mentioned(file, body));
        self.textual.mentions.insert(key, Arc::clone(&found));
        found
    }

    fn textual_scope(&mut self, krate: CrateId) -> Arc<TextualScope> {
        if let Some(known) = self.textual.scopes.get(&krate) {
            return Arc::clone(known);
        }
        let scope = Arc::new(self.read_scope(krate));
        self.textual.scopes.insert(krate, Arc::clone(&scope));
        scope
    }

    /// Returns the position of the item in the source order of its crate.
    fn textual_place(&self, id: ItemId) -> Place {
        let item = self.item(id);
        let mut module = Some(item.module);
        let mut around = None;
        while let (Some(at), None) = (module, around) {
            around = self.module(at).body_of;
            module = self.module(at).parent;
        }
        let mut place = match around.or(item.receiving_call) {
            Some(outer) => self.textual_place(outer),
            None => Vec::new(),
        };
        place.push(id);
        place
    }
}

/// Returns whether code is included, which may call any macro.
fn includes_code(facts: &ItemRefs) -> bool {
    let mut open = facts.open.iter();
    open.any(|open| matches!(open, Unresolved::Include { is_code: true, .. }))
}
