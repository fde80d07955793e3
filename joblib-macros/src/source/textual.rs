//! The textual scope of macros by example: which definitions of a name stand
//! before a call and are seen there, and what `#[macro_use]` brings from other
//! crates. The place of a definition is that in the order of all modules.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use super::attribute;
use super::expand::{self, Definition};
use super::facts::{Facts, Open};
use super::known::macros::is_of_standard;
use super::name::{Map, Name, Set};
use super::resolve::Target;
use super::token::{File, Span};
use super::world::{CrateId, ItemId, ItemKind, ModuleId, World};
use super::written::Words;

/// Where an item stands: the items that it stands in or comes from, outermost
/// first, and itself. The numbers of items are in the order of the text.
type Place = Vec<ItemId>;

/// Answers given before.
#[derive(Debug, Default)]
pub(super) struct Memory {
    scopes: Map<CrateId, Arc<Scope>>,
    /// What bodies of macros mention, by crate, file and start.
    mentions: HashMap<(CrateId, usize, usize), Arc<Vec<Name>>>,
}

/// What a crate has of macros that go by their place.
#[derive(Debug, Default)]
struct Scope {
    /// What may define a macro of this name, in the order of the text; nothing
    /// for a name that only another crate may bring.
    definers: Map<Name, Vec<Definer>>,
    /// Which one a definer is of those of its path, by each name that it defines.
    ranks: Map<ItemId, BTreeMap<Name, usize>>,
    /// The names that the definitions of a name mention.
    behind: Map<Name, Vec<Name>>,
    /// What `#[macro_use]` takes from other crates.
    externs: Vec<Extern>,
}

/// A macro, or a call that may define one.
#[derive(Debug)]
struct Definer {
    id: ItemId,
    place: Place,
    /// The module in all of which it is seen from there on.
    seen_in: ModuleId,
}

/// `#[macro_use] extern crate`.
#[derive(Debug)]
struct Extern {
    name: Name,
    /// The macros that are taken; all where there is no list.
    list: Option<Set<Name>>,
}

impl Extern {
    fn brings(&self, name: Name, brought: &Set<Name>) -> bool {
        match &self.list {
            Some(list) => list.contains(&name),
            None => brought.contains(&name) || !is_of_standard(name.as_str()),
        }
    }
}

impl World {
    /// What each macro that the item may call means by its place, ready to stand
    /// in a digest. What a macro calls is found where that macro is called.
    pub(super) fn textual(&mut self, id: ItemId, facts: &Facts) -> Vec<(Name, Vec<String>)> {
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
        for at in self.stands_at(id) {
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

    /// The item itself, or each call that may have made it, where a macro did.
    fn stands_at(&self, id: ItemId) -> Vec<ItemId> {
        let item = self.item(id);
        if !self.files[item.file].path.as_os_str().is_empty() {
            return vec![id];
        }
        self.krate(self.crate_of(id)).invocations.clone()
    }

    /// What a call of `name` may mean at a place of a module.
    fn meant(&self, name: Name, place: &Place, module: ModuleId, scope: &Scope) -> Vec<String> {
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
        let brought = &self.krate(self.module(module).krate).brought;
        let externs = scope.externs.iter();
        let externs = externs.filter(|it| it.brings(name, brought));
        let externs = externs.map(|it| format!("extern {}", it.name.as_str()));
        seen.chain(externs).collect()
    }

    /// Which one a macro, or a call that defines some, is of those of its path.
    pub(super) fn textual_ranks(&mut self, id: ItemId) -> Vec<(Name, usize)> {
        let scope = self.textual_scope(self.crate_of(id));
        let ranks = scope.ranks.get(&id).into_iter().flatten();
        ranks.map(|(name, rank)| (*name, *rank)).collect()
    }

    /// The macros that an item may call, itself or through others.
    fn called_by(&mut self, id: ItemId, facts: &Facts, scope: &Scope) -> BTreeSet<Name> {
        let krate = self.crate_of(id);
        let mut waiting: Vec<Name> = match &self.item(id).kind {
            // Those who call it say what it calls.
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
                // One that is followed and procedural is a function.
                if let (Target::Item(target), true) = (target, definition.is_opaque) {
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

    /// Adds what the procedural macros of a crate write; whether that is known.
    fn add_written(
        &mut self,
        artifact: Option<PathBuf>,
        scope: &Scope,
        names: &mut Vec<Name>,
    ) -> bool {
        let Some(artifact) = artifact.filter(|artifact| !self.is_quiet(artifact)) else {
            return true;
        };
        let written = self.written_by(&artifact);
        let found = written.as_ref().map(|words| scope.written(words));
        names.extend(found.into_iter().flatten());
        written.is_some()
    }

    /// The names in the body of a macro that mean something by their place.
    fn mentioned(
        &mut self,
        krate: CrateId,
        scope: &Scope,
        file: &Arc<File>,
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

    fn textual_scope(&mut self, krate: CrateId) -> Arc<Scope> {
        if let Some(known) = self.textual.scopes.get(&krate) {
            return Arc::clone(known);
        }
        let scope = Arc::new(self.read_scope(krate));
        self.textual.scopes.insert(krate, Arc::clone(&scope));
        scope
    }

    fn read_scope(&mut self, krate: CrateId) -> Scope {
        let mut scope = Scope {
            externs: self.macro_use_externs(krate),
            ..Scope::default()
        };
        let free = self.krate(krate).free.values().flatten();
        let is_macro = |id: &&ItemId| self.item(**id).kind == ItemKind::Macro;
        let mut macros: Vec<ItemId> = free.filter(is_macro).copied().collect();
        macros.sort_unstable();
        for &id in &macros {
            self.add_definer(&mut scope, self.item(id).name, id);
        }
        if !scope.externs.is_empty() {
            for &name in &self.krate(krate).brought {
                scope.definers.entry(name).or_default();
            }
        }
        for id in self.krate(krate).invocations.clone() {
            let is_inner = self.krate(krate).inner_calls.contains_key(&id);
            if !is_inner && self.item(id).parent.is_none() {
                for name in self.defined_by_call(id, &scope) {
                    self.add_definer(&mut scope, name, id);
                }
            }
        }
        self.rank(&mut scope);
        for id in macros {
            let (file, body) = (self.file_of(id), self.item(id).body.clone());
            let mentioned = scope.mentioned(&file, &body.unwrap_or_default());
            let behind = scope.behind.entry(self.item(id).name).or_default();
            behind.extend(mentioned);
        }
        scope
    }

    fn add_definer(&self, scope: &mut Scope, name: Name, id: ItemId) {
        let mut seen_in = self.item(id).module;
        while let (true, Some(parent)) =
            (self.module(seen_in).macro_use, self.module(seen_in).parent)
        {
            seen_in = parent;
        }
        let place = self.textual_place(id);
        let definer = Definer { id, place, seen_in };
        scope.definers.entry(name).or_default().push(definer);
    }

    /// Puts the definers of each name in order, and tells those of one path apart.
    fn rank(&self, scope: &mut Scope) {
        for (name, definers) in &mut scope.definers {
            definers.sort_by(|one, other| one.place.cmp(&other.place));
            let mut paths: HashMap<String, Vec<ItemId>> = HashMap::new();
            for definer in definers.iter().filter(|_| definers.len() > 1) {
                let path = self.item_path(definer.id);
                paths.entry(path).or_default().push(definer.id);
            }
            for ids in paths.into_values().filter(|ids| ids.len() > 1) {
                for (id, rank) in ids.into_iter().zip(0..) {
                    scope.ranks.entry(id).or_default().insert(*name, rank);
                }
            }
        }
    }

    /// Where the item stands in the order of all text of its crate.
    fn textual_place(&self, id: ItemId) -> Place {
        let item = self.item(id);
        let mut module = Some(item.module);
        let mut around = None;
        while let (Some(at), None) = (module, around) {
            around = self.module(at).body_of;
            module = self.module(at).parent;
        }
        let mut place = match around.or(item.given_to) {
            Some(outer) => self.textual_place(outer),
            None => Vec::new(),
        };
        place.push(id);
        place
    }

    /// The macros that a call where an item stands may define.
    fn defined_by_call(&mut self, id: ItemId, scope: &Scope) -> BTreeSet<Name> {
        let item = self.item(id).clone();
        let file = self.file_of(id);
        let Some(body) = item.body else {
            return BTreeSet::new();
        };
        let call = expand::invoked(&file, item.head, item.name_at, body.clone());
        let definition = self.definition(item.module, &call.path);
        let mut found = BTreeSet::new();
        let mut takes_name = rules(&file, &body, &mut found);
        for (file, body) in &definition.bodies {
            takes_name |= rules(file, body, &mut found);
        }
        if takes_name {
            found.extend(&call.words);
        } else if definition.is_opaque {
            found.extend(hidden(&definition, &call.words, scope));
        }
        found
    }

    fn macro_use_externs(&self, krate: CrateId) -> Vec<Extern> {
        let root = self.module(self.krate(krate).root);
        let mut found = Vec::new();
        for item in root.items.iter().map(|&id| self.item(id)) {
            let ItemKind::ExternCrate(name) = item.kind else {
                continue;
            };
            let file = &self.files[item.file];
            let attributes = attribute::read(file, item.span.start, &self.krate(krate).cfgs);
            let lists = attributes.macro_use;
            if lists.is_empty() {
                continue;
            }
            let is_all = lists.iter().any(|list| list.is_empty());
            let names = lists.into_iter().flatten().filter_map(|i| file.name(i));
            let list = (!is_all).then(|| names.collect());
            found.push(Extern { name, list });
        }
        found
    }
}

impl Scope {
    /// The names in other code that mean something by their place.
    fn written(&self, words: &Words) -> Vec<Name> {
        let known = self.definers.keys();
        known
            .filter(|name| words.names.contains(name))
            .copied()
            .collect()
    }

    /// The names in the body of a macro that mean something by their place: those
    /// that are defined somewhere, and with another crate's also what it calls.
    fn mentioned(&self, file: &File, body: &Span) -> Vec<Name> {
        let has_externs = !self.externs.is_empty();
        let known: std::collections::HashSet<&str> =
            self.definers.keys().map(|name| name.as_str()).collect();
        let is_called = |i: usize| has_externs && file.is(i + 1, b'!') && file.opens(i + 2);
        let words = body.clone().filter(|&i| file.is_word_kind(i));
        let words = words.filter(|&i| known.contains(file.text(i)) || is_called(i));
        let found: BTreeSet<Name> = words.filter_map(|i| file.name(i)).collect();
        found.into_iter().collect()
    }
}

/// Whether code is included, which may call any macro.
fn includes_code(facts: &Facts) -> bool {
    let mut open = facts.open.iter();
    open.any(|open| matches!(open, Open::Include { is_code: true, .. }))
}

/// Adds the macros that `span` has definitions of, and says whether it has one
/// whose name a macro is given.
fn rules(file: &File, span: &Span, found: &mut BTreeSet<Name>) -> bool {
    let mut takes_name = false;
    for i in span.clone() {
        let is_start = file.get(i).is_some_and(|token| token.byte == b'm');
        if is_start && file.is_word(i, "macro_rules") && file.is(i + 1, b'!') {
            takes_name |= file.is(i + 2, b'$');
            found.extend(file.name(i + 2));
        }
    }
    takes_name
}

/// The macros that code which is not known may define, of those that there are
/// others of.
fn hidden(definition: &Definition, given: &[Name], scope: &Scope) -> BTreeSet<Name> {
    let written = definition.written.names.iter();
    let all = written.chain(given).copied();
    all.filter(|name| scope.definers.contains_key(name) || is_of_standard(name.as_str()))
        .collect()
}
