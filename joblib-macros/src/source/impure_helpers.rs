//! Finds the helper functions of the crate, and of the path dependencies that are followed,
//! that a function calls by name and that read what no key contains: files, clocks and what
//! else `impure_calls` knows.
//!
//! The fingerprint follows every function that may be called. A warning needs one that is,
//! so only calls whose meaning is certain are followed: paths, and methods on `self`.

use super::database::{CrateDb, ItemId, ItemKind};
use super::impure_calls::{self, ImpureCall};
use super::name::Map;
use super::resolve::PathTarget;
use super::token::LexedFile;

/// How many calls are followed from a function.
const DEPTH: usize = 64;

/// A helper function that reads what no key contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ImpureHelper {
    /// Its name, its file relative to the workspace, and its line.
    pub(super) name: String,
    file: String,
    line: u32,
    /// The call in its body.
    pub(super) call: ImpureCall,
}

/// The first such helper below each function that was asked for.
pub(super) type ImpureHelpers = Map<ItemId, Option<ImpureHelper>>;

impl ImpureHelper {
    /// Returns the warning for a function that calls it.
    pub(super) fn message(&self) -> String {
        let ImpureHelper {
            name, file, line, ..
        } = self;
        format!(
            "`{name}` ({file}:{line}), which this function calls, {}, or accept it with \
             `#[allow(deprecated)]` on `{name}` or on this function",
            self.call.phrase()
        )
    }
}

impl CrateDb {
    /// Returns the first helper of the function `id`, if it has one.
    pub(super) fn impure_helper(&mut self, id: ItemId) -> Option<ImpureHelper> {
        self.callees(id)
            .into_iter()
            .find_map(|callee| self.first_impure(callee, DEPTH))
    }

    /// Returns the function itself or the first helper below it.
    fn first_impure(&mut self, id: ItemId, depth: usize) -> Option<ImpureHelper> {
        if let Some(known) = self.impure_helpers.get(&id) {
            return known.clone();
        }
        // A function that calls itself is not asked again.
        self.impure_helpers.insert(id, None);
        let found = match self.is_accepted(id) || depth == 0 {
            true => None,
            false => self.own_impurity(id).or_else(|| {
                self.callees(id)
                    .into_iter()
                    .find_map(|callee| self.first_impure(callee, depth - 1))
            }),
        };
        self.impure_helpers.insert(id, found.clone());
        found
    }

    /// Returns the functions that `id` calls by paths or on `self`.
    fn callees(&mut self, id: ItemId) -> Vec<ItemId> {
        let (facts, resolutions) = (self.refs_of(id), self.resolutions(id));
        let mut found = Vec::new();
        for (mention, resolution) in facts.paths.iter().zip(resolutions.iter()) {
            if mention.is_local || mention.anywhere {
                continue;
            }
            for target in &resolution.targets {
                if let PathTarget::Item(target) = target {
                    found.push(*target);
                }
            }
            for &(owner, name) in &resolution.owned {
                let krate = self.crate_of(owner);
                let table = self.table(krate);
                for &of_type in table.by_type.get(&owner).into_iter().flatten() {
                    found.extend(self.members_of(of_type, name));
                }
            }
        }
        if let Some(parent) = self.item(id).parent {
            for &name in &facts.own {
                found.extend(self.members_of(parent, name));
            }
        }
        found.retain(|&it| self.item(it).kind == ItemKind::Fn && it != id);
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Returns whether the function has a warning of its own, because it is memoized, or is
    /// accepted by a lint attribute.
    fn is_accepted(&self, id: ItemId) -> bool {
        let item = self.item(id);
        let file = &self.files[item.file];
        let has = |word| (item.span.start..item.head).any(|at| file.is_word(at, word));
        has("memoize") || (has("deprecated") && (has("allow") || has("expect")))
    }

    fn own_impurity(&self, id: ItemId) -> Option<ImpureHelper> {
        let item = self.item(id);
        let file = &self.files[item.file];
        let text = words(file, item.body.clone()?);
        let call = impure_calls::first(text.iter().map(|(text, follows)| (&**text, *follows)))?;
        let path = file.path.strip_prefix(&self.shown_from);
        Some(ImpureHelper {
            name: item.name.as_str().to_owned(),
            file: path.unwrap_or(&file.path).display().to_string(),
            line: file.line(item.name_at),
            call,
        })
    }
}

/// Returns the identifiers of a body, and whether each follows another and `::`.
fn words(file: &LexedFile, body: super::token::Span) -> Vec<(String, bool)> {
    let words = body.filter(|&at| file.is_word_kind(at));
    words
        .map(|at| {
            // In `W::<Instant>::now()`, `>` is before the second `::`.
            let follows = at >= 3 && file.is_path_sep(at - 2) && file.is_word_kind(at - 3);
            (file.text(at).to_owned(), follows)
        })
        .collect()
}
