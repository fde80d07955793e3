//! The digest of a closure: every item by path and canonical form, and what
//! each path in it means, so that swapping two meanings is a change too.

use std::path::PathBuf;
use std::sync::Arc;

use super::canon;
use super::cfg::Truth;
use super::closure::Closure;
use super::facts::{self, Facts};
use super::head;
use super::listing::Item;
use super::name::Name;
use super::resolve::Target;
use super::world::{ItemId, ItemKind, ModuleId, World};

/// What a closure comes to.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    pub(super) digest: u128,
    pub(super) items: Vec<Item>,
    pub(super) unknown_cfgs: Vec<String>,
    pub(super) envs: Vec<String>,
    pub(super) files: Vec<PathBuf>,
    /// `include!` and its like whose file could not be told.
    pub(super) missing: Vec<String>,
}

/// What is said of one item.
#[derive(Debug)]
pub(super) struct Line {
    text: String,
    item: Item,
}

/// How a digest names things.
#[derive(Clone, Copy)]
struct Frame<'a> {
    /// The path of the function's module, written `~`.
    base: &'a str,
    /// The function, whose own name does not count.
    seed: ItemId,
    module: ModuleId,
}

impl Frame<'_> {
    fn relative(self, path: String) -> String {
        match path.strip_prefix(self.base) {
            Some(rest) if rest.is_empty() || rest.starts_with("::") => format!("~{rest}"),
            _ => path,
        }
    }
}

impl Closure<'_> {
    /// Digests what was reached, as seen from the function `seed`.
    pub(super) fn summary(&mut self, seed: ItemId) -> Summary {
        let module = self.world.enclosing(self.world.item(seed).module);
        let base = self.world.module_path(module);
        let frame = Frame {
            base: &base,
            module,
            seed,
        };
        let mut summary = Summary::default();
        let mut lines = Vec::new();
        let mut has_open_dependency = false;
        for id in self.reached.keys().copied().collect::<Vec<_>>() {
            let line = self.world.line(id, frame);
            let facts = self.world.facts_of(id);
            let is_own = self.world.crate_of(id) == 0;
            has_open_dependency |= !is_own && self.world.is_open(id, &facts);
            summary.collect(self.world, id, &facts, is_own);
            summary.items.push(line.item.clone());
            lines.push(line.text.clone());
        }
        for module in self.modules.iter().copied().collect::<Vec<_>>() {
            self.module_lines(module, frame, &mut lines);
        }
        for (from, name) in self.foreign.iter().copied().collect::<Vec<_>>() {
            if !matches!(name.as_str(), "std" | "core" | "alloc") {
                let version = self.world.version_of(from, name);
                lines.push(format!("crate {} {version}", name.as_str()));
            }
        }
        if has_open_dependency {
            lines.extend(self.world.source_stems());
        }
        summary.outside(self.world, &mut lines);
        summary.finish(lines);
        summary
    }

    /// What the imports of a module bring without being named.
    fn module_lines(&mut self, module: ModuleId, frame: Frame<'_>, lines: &mut Vec<String>) {
        let place = self.world.module_path(module);
        let place = frame.relative(place);
        for (name, target) in self.world.imports_of(module).iter() {
            let text = match name {
                Some(name) => self.brings(target, *name),
                None => Some(format!("{}::*", self.world.target_text(target))),
            };
            if let Some(text) = text {
                lines.push(format!("in {place} sees {}", frame.relative(text)));
            }
        }
        for &id in &self.world.module(module).items {
            if self.world.item(id).kind == ItemKind::Trait && self.reached.contains_key(&id) {
                let text = frame.relative(self.world.item_path(id));
                lines.push(format!("in {place} sees {text}"));
            }
        }
    }

    /// A trait that an import brings into scope.
    fn brings(&self, target: &Target, name: Name) -> Option<String> {
        match target {
            Target::Item(id) => {
                let is_trait = self.world.item(*id).kind == ItemKind::Trait;
                (is_trait && self.reached.contains_key(id)).then(|| self.world.item_path(*id))
            }
            Target::Foreign(_, krate, text) => {
                let is_std = matches!(krate.as_str(), "std" | "core" | "alloc");
                let last = text.rsplit("::").next().unwrap_or(text);
                let is_trait = if is_std {
                    name == "_" || STANDARD_TRAITS.contains(&last)
                } else {
                    name == "_" || last.starts_with(char::is_uppercase)
                };
                is_trait.then(|| text.clone())
            }
            Target::Module(_) => None,
        }
    }
}

/// Traits of the standard library that are not in the prelude and whose
/// methods others share.
const STANDARD_TRAITS: &[&str] = &[
    "Write",
    "Read",
    "BufRead",
    "Seek",
    "Any",
    "Error",
    "Hash",
    "Hasher",
    "BuildHasher",
    "Borrow",
    "BorrowMut",
    "FromStr",
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Rem",
    "Neg",
    "Not",
    "BitAnd",
    "BitOr",
    "BitXor",
    "Shl",
    "Shr",
    "Index",
    "IndexMut",
    "Deref",
    "DerefMut",
    "Display",
    "Debug",
    "Future",
    "Sum",
    "Product",
    "FromIterator",
    "FusedIterator",
    "RangeBounds",
    "AsciiExt",
    "ToOwned",
];

impl Summary {
    fn collect(&mut self, world: &World, id: ItemId, facts: &Facts, is_own: bool) {
        self.envs.extend(facts.envs.iter().cloned());
        self.files.extend(facts.files.iter().cloned());
        self.missing.extend(facts.missing.iter().cloned());
        if is_own {
            self.unknown_cfgs
                .extend(world.item(id).unknown.iter().cloned());
            let unknown = facts
                .cfgs
                .iter()
                .filter(|(_, truth)| *truth == Truth::Unknown);
            self.unknown_cfgs
                .extend(unknown.map(|(predicate, _)| predicate.clone()));
        }
    }

    /// Files and variables: what they hold is part of the digest.
    fn outside(&mut self, world: &World, lines: &mut Vec<String>) {
        for list in [&mut self.envs, &mut self.unknown_cfgs, &mut self.missing] {
            list.sort();
            list.dedup();
        }
        self.files.sort();
        self.files.dedup();
        for name in &self.envs {
            lines.push(format!("env {name} {:?}", world.context.variable(name)));
        }
        for path in &self.files {
            let bytes = std::fs::read(path).unwrap_or_default();
            lines.push(format!("file {:032x}", canon::hash(&bytes)));
        }
    }

    fn finish(&mut self, mut lines: Vec<String>) {
        lines.sort();
        lines.dedup();
        self.digest = canon::hash(lines.join("\n").as_bytes());
        self.items.sort();
        self.items.dedup();
    }
}

impl World {
    /// Whether the configuration of an item is not known.
    fn is_open(&self, id: ItemId, facts: &Facts) -> bool {
        !self.item(id).unknown.is_empty()
            || facts.cfgs.iter().any(|(_, truth)| *truth == Truth::Unknown)
    }

    /// The path of an item from its crate.
    pub(super) fn item_path(&self, id: ItemId) -> String {
        let item = self.item(id);
        let place = match item.parent {
            Some(parent) => self.item_path(parent),
            None => self.module_path(item.module),
        };
        if item.kind != ItemKind::Impl {
            return format!("{place}::{}", item.name.as_str());
        }
        let head = head::head(&self.files[item.file], item);
        let subject = head.self_path.map_or("_".to_owned(), |path| path.text());
        match head.trait_path {
            Some(path) => format!("{place}::<impl {} for {subject}>", path.text()),
            None => format!("{place}::<impl {subject}>"),
        }
    }

    fn target_text(&self, target: &Target) -> String {
        match target {
            Target::Item(id) => self.item_path(*id),
            Target::Module(id) => self.module_path(*id),
            Target::Foreign(_, _, text) => text.clone(),
        }
    }

    /// What a digest and a list of items say of an item.
    fn line(&mut self, id: ItemId, frame: Frame<'_>) -> Arc<Line> {
        let key = (id, frame.module);
        if frame.seed != id
            && let Some(known) = self.lines.get(&key)
        {
            return Arc::clone(known);
        }
        let text = self.item_line(id, frame);
        let item = self.listed(id, frame, &text);
        let line = Arc::new(Line { text, item });
        if frame.seed != id {
            self.lines.insert(key, Arc::clone(&line));
        }
        line
    }

    /// All that the digest says of one item.
    fn item_line(&mut self, id: ItemId, frame: Frame<'_>) -> String {
        let is_seed = frame.seed == id;
        let own = self.item(id).name;
        let facts = self.facts_of(id);
        let mut path = self.item_path(id);
        let hash = if is_seed {
            path.truncate(path.len() - own.as_str().len());
            let item = self.item(id);
            let file = &self.files[item.file];
            let span = facts::own_span(item);
            canon::hash(&canon::canonical(file, span, Some(own.as_str())))
        } else {
            self.hash_of(id, &facts)
        };
        let mut line = format!("{} {hash:032x}", frame.relative(path));
        for predicate in &self.item(id).unknown {
            line.push_str(&format!(" cfg {predicate}"));
        }
        for (predicate, truth) in &facts.cfgs {
            line.push_str(&format!(" {predicate}={truth:?}"));
        }
        for edge in self.edges(id, is_seed.then_some(own), frame) {
            line.push_str(&edge);
        }
        line
    }

    /// What each path in an item means.
    fn edges(&mut self, id: ItemId, own: Option<Name>, frame: Frame<'_>) -> Vec<String> {
        let facts = self.facts_of(id);
        let resolutions = self.resolutions(id);
        let mut edges = Vec::new();
        for (mention, resolution) in facts.paths.iter().zip(resolutions.iter()) {
            let is_own = |target: &Target| matches!(target, Target::Item(i) if frame.seed == *i);
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

    fn listed(&self, id: ItemId, frame: Frame<'_>, line: &str) -> Item {
        let item = self.item(id);
        let file = &self.files[item.file];
        Item {
            path: frame.relative(self.item_path(id)),
            file: self.shown(&file.path),
            line: file.line(item.name_at),
            hash: canon::hash(line.as_bytes()) as u64,
        }
    }

    /// A file's path relative to the workspace, or at least to its package.
    fn shown(&self, path: &std::path::Path) -> String {
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
