//! The digest line of one item: its path, its canonical form, the targets of its
//! paths, and everything else that decides what it is.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::DigestNames;
use crate::source::cfg;
use crate::source::database::{CrateDb, ItemId, ItemKind, ModuleId};
use crate::source::impl_header;
use crate::source::item_list::CoveredItem;
use crate::source::name::{Map, Name};
use crate::source::normalize;
use crate::source::references::{self, ItemRefs};
use crate::source::resolve::PathTarget;

impl CrateDb {
    /// Returns the path of an item from the root of its crate.
    pub(in crate::source) fn item_path(&self, id: ItemId) -> String {
        let item = self.item(id);
        let place = match item.parent {
            Some(parent) => self.item_path(parent),
            None => self.module_path(item.module),
        };
        if item.kind != ItemKind::Impl {
            return format!("{place}::{}", item.name.as_str());
        }
        let head = impl_header::head(&self.files[item.file], item);
        let subject = head.self_path.map_or("_".to_owned(), |path| path.text());
        match head.trait_path {
            Some(path) => format!("{place}::<impl {} for {subject}>", path.text()),
            None => format!("{place}::<impl {subject}>"),
        }
    }

    pub(in crate::source) fn target_text(&self, target: &PathTarget) -> String {
        match target {
            PathTarget::Item(id) => self.item_path(*id),
            PathTarget::Module(id) => self.module_path(*id),
            PathTarget::Foreign(_, _, text) => text.clone(),
        }
    }

    /// Returns the digest of the line of an item.
    pub(super) fn line(&mut self, id: ItemId, frame: DigestNames<'_>) -> u128 {
        let key = (id, frame.module);
        if frame.seed != id
            && let Some(&known) = self.lines.get(&key)
        {
            return known;
        }
        let digest = normalize::hash(self.item_line(id, frame).as_bytes());
        if frame.seed != id {
            self.lines.insert(key, digest);
        }
        digest
    }

    /// Returns the item as displayed in a list, with a hash of its line.
    pub(in crate::source) fn listed_item(&mut self, id: ItemId) -> CoveredItem {
        let everywhere = DigestNames {
            base: "\u{1}",
            seed: ItemId::MAX,
            module: 0,
        };
        let line = self.item_line(id, everywhere);
        self.listed(id, normalize::hash(line.as_bytes()) as u64)
    }

    /// Returns the line of an item.
    pub(super) fn item_line(&mut self, id: ItemId, frame: DigestNames<'_>) -> String {
        let is_seed = frame.seed == id;
        let own = self.item(id).name;
        let facts = self.refs_of(id);
        let mut path = self.item_path(id);
        let hash = if is_seed {
            path.truncate(path.len() - own.as_str().len());
            let item = self.item(id);
            let file = &self.files[item.file];
            let span = references::own_span(item);
            normalize::hash(&normalize::canonical(file, span, Some(own.as_str())))
        } else {
            self.hash_of(id, &facts)
        };
        let mut line = format!("{} {hash:032x}", frame.relative(path));
        if let Some(parent) = self.item(id).parent {
            let facts = self.refs_of(parent);
            line.push_str(&format!(" of {:032x}", self.hash_of(parent, &facts)));
            let ordinal = self.ordinal(parent);
            line.push_str(&ordinal);
        }
        let ordinal = self.ordinal(id);
        line.push_str(&ordinal);
        if let Some(block) = self.item(id).foreign {
            let facts = self.refs_of(block);
            line.push_str(&format!(" in {:032x}", self.hash_of(block, &facts)));
        }
        self.put_conditions(id, &facts, &mut line);
        for (argument, path) in &facts.files {
            line.push_str(&format!(" file {argument} {}", contents(path)));
        }
        self.put_order(id, &facts, frame, &mut line);
        self.put_text(id, &facts, &mut line);
        for edge in self.edges(id, is_seed.then_some(own), frame) {
            line.push_str(&edge);
        }
        line
    }

    pub(in crate::source) fn put_conditions(
        &self,
        id: ItemId,
        facts: &ItemRefs,
        line: &mut String,
    ) {
        let unknown = &self.item(id).unknown;
        for predicate in unknown {
            line.push_str(&format!(" cfg {predicate}"));
        }
        for (predicate, truth) in &facts.cfgs {
            line.push_str(&format!(" {predicate}={truth:?}"));
        }
        let mut open = unknown
            .iter()
            .chain(facts.cfgs.iter().map(|(predicate, _)| predicate));
        let krate = self.krate(self.crate_of(id));
        if let Some(unit) = &krate.origin.unit
            && open.any(|predicate| cfg::is_of_profile(predicate))
        {
            line.push_str(&format!(" profile {}", unit.profile));
        }
    }

    /// Returns the ordinal of an item among the items of the same name in a function.
    /// They can be in sibling blocks.
    pub(in crate::source) fn ordinal(&mut self, id: ItemId) -> String {
        let item = self.item(id);
        if !self.module(item.module).block || item.parent.is_some() {
            return String::new();
        }
        let ordinals = self.ordinals(item.module);
        let found = ordinals.get(&id);
        found.map_or_else(String::new, |ordinal| format!(" #{ordinal}"))
    }

    /// Returns the ordinals of the items of a block that share a name and a kind.
    fn ordinals(&mut self, block: ModuleId) -> Arc<Map<ItemId, usize>> {
        let count = self.module(block).items.len();
        if let Some((known, ordinals)) = self.ordinals.get(&block)
            && *known == count
        {
            return Arc::clone(ordinals);
        }
        let mut alike: HashMap<_, Vec<ItemId>> = HashMap::new();
        for &id in &self.module(block).items {
            let item = self.item(id);
            if item.parent.is_none() {
                let kind = std::mem::discriminant(&item.kind);
                alike.entry((item.name, kind)).or_default().push(id);
            }
        }
        let mut ordinals = Map::default();
        for mut ids in alike.into_values().filter(|ids| ids.len() > 1) {
            ids.sort_unstable();
            ordinals.extend(ids.into_iter().enumerate().map(|(at, id)| (id, at)));
        }
        let ordinals = Arc::new(ordinals);
        let known = (count, Arc::clone(&ordinals));
        self.ordinals.insert(block, known);
        ordinals
    }

    /// Adds the order of macros of the same name, because the position of a call
    /// decides which one it uses.
    fn put_order(
        &mut self,
        id: ItemId,
        facts: &ItemRefs,
        frame: DigestNames<'_>,
        line: &mut String,
    ) {
        for (name, rank) in self.textual_ranks(id) {
            line.push_str(&format!(" {}#{rank}", name.as_str()));
        }
        for (name, meant) in self.textual(id, facts) {
            let meant: Vec<String> = meant.into_iter().map(|it| frame.relative(it)).collect();
            line.push_str(&format!(" {}!{}", name.as_str(), meant.join("|")));
        }
    }

    /// Adds the text of an item, if a macro uses it as data.
    pub(in crate::source) fn put_text(&mut self, id: ItemId, facts: &ItemRefs, line: &mut String) {
        let scope = self.block_of(id).unwrap_or(self.item(id).module);
        let mut sees_text = facts.has_text;
        for call in &facts.calls {
            let definition = self.definition(scope, &call.path);
            sees_text |= definition.sees_text();
            if definition.depends_on_docs {
                let item = self.item(id);
                let places = self.files[item.file].places_of_docs(call.arguments.clone());
                let at = call.arguments.start.saturating_sub(item.span.start);
                line.extend(places.map(|it| format!(" docs at {at} {it:032x}")));
            }
        }
        let item = self.item(id);
        let file = &self.files[item.file];
        let is_seen = self.is_seen(id);
        if sees_text || is_seen {
            line.push_str(&format!(" text {:032x}", file.spacing(item.span.clone())));
            line.push_str(&format!(" docs {:032x}", file.docs(item.span.clone())));
        }
        if is_seen {
            let lints = normalize::lints(file, item.span.clone());
            line.push_str(&format!(" lints {:032x}", normalize::hash(&lints)));
        }
    }

    /// Returns the positions of the tokens of an item.
    pub(in crate::source) fn positions(&self, id: ItemId) -> String {
        let item = self.item(id);
        let file = &self.files[item.file];
        let path = self.item_path(id);
        let places = file.positions(item.span.clone());
        format!(
            "{path} stands in {} {places:032x}",
            self.written(&file.path)
        )
    }

    /// Returns a file's path as `file!` expands to it. Cargo passes paths of the
    /// workspace relative to its root, and other paths in full.
    fn written(&self, path: &Path) -> String {
        let root = &self.shown_from;
        let path = match path.strip_prefix(root) {
            Ok(rest) if !root.as_os_str().is_empty() => rest,
            _ => path,
        };
        let mut remapped = self.context.remapped.iter().rev();
        let found = remapped.find_map(|both| {
            let (from, to) = both.split_once('=')?;
            Some(Path::new(to).join(path.strip_prefix(from).ok()?))
        });
        found.map_or_else(|| path.display().to_string(), |it| it.display().to_string())
    }

    /// Returns a digest of an item as written, including comments.
    pub(in crate::source) fn written_text(&self, id: ItemId) -> String {
        let item = self.item(id);
        let file = &self.files[item.file];
        let text = normalize::hash(file.written(item.span.clone()).as_bytes());
        format!("{} is written {text:032x}", self.item_path(id))
    }

    /// Returns the targets of each path in an item.
    pub(super) fn edges(
        &mut self,
        id: ItemId,
        own: Option<Name>,
        frame: DigestNames<'_>,
    ) -> Vec<String> {
        let facts = self.refs_of(id);
        let resolutions = self.resolutions(id);
        let mut edges = Vec::new();
        for (mention, resolution) in facts.paths.iter().zip(resolutions.iter()) {
            let is_own =
                |target: &PathTarget| matches!(target, PathTarget::Item(i) if frame.seed == *i);
            let mut targets: Vec<String> = resolution
                .targets
                .iter()
                .filter(|target| own.is_none() || !is_own(target))
                .map(|target| frame.relative(self.target_text(target)))
                .collect();
            if targets.is_empty() {
                continue;
            }
            targets.sort();
            let text = match own {
                Some(own) if mention.path.names == [own] => "\u{1}self".to_owned(),
                _ => mention.path.text(),
            };
            edges.push(format!(" {text}={}", targets.join("|")));
        }
        edges.sort();
        edges
    }

    pub(in crate::source) fn listed(&self, id: ItemId, hash: u64) -> CoveredItem {
        let item = self.item(id);
        let file = &self.files[item.file];
        CoveredItem {
            path: self.item_path(id),
            file: self.shown(&file.path),
            line: file.line(item.name_at),
            hash,
        }
    }

    /// Returns a file's path relative to the workspace, or only its file name.
    pub(in crate::source) fn shown(&self, path: &std::path::Path) -> String {
        let root = &self.shown_from;
        match path.strip_prefix(root) {
            Ok(rest) if !root.as_os_str().is_empty() => rest.display().to_string(),
            _ => path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
        }
    }
}

/// Returns the digest of the contents of a file.
pub(in crate::source) fn contents(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_default();
    format!("{:032x}", normalize::hash(&bytes))
}
