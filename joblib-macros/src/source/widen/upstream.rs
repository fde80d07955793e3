//! Dependents of a library can implement the traits that its functions require for
//! their own types. The compilation of the library cannot see these impls. For such
//! types the key contains the digest of the executable instead (`origins`), and the
//! list of reached items mentions it.

use crate::source::database::{ItemId, ItemKind};
use crate::source::globs::visibility;
use crate::source::impl_header;
use crate::source::reachability::Reachability;
use crate::source::references;

impl Reachability<'_> {
    /// Notes the traits that `seed` requires and that dependents can implement.
    pub(in crate::source) fn note_traits_from_above(&mut self, seed: ItemId) {
        if !self.world.context.is_library || self.world.crate_of(seed) != 0 {
            return;
        }
        let parent = self.world.item(seed).parent;
        for id in [Some(seed), parent].into_iter().flatten() {
            for bound in self.traits_asked_for_by(id) {
                let name = self.world.item(bound).name.as_str();
                self.note(seed, || {
                    format!("impls of `{name}`, for types from further up by the executable")
                });
            }
        }
    }

    /// Returns the traits in the header of an item that are visible to other crates.
    fn traits_asked_for_by(&mut self, id: ItemId) -> Vec<ItemId> {
        let item = self.world.item(id).clone();
        let file = self.world.file_of(id);
        let body = item.body.as_ref();
        let end = body.map_or(references::own_span(&item).end, |body| body.start);
        let krate = self.world.crate_of(id);
        let header = self.world.read_tokens(krate, &file, item.head..end, false);
        let is_impl = item.kind == ItemKind::Impl;
        let own = is_impl
            .then(|| impl_header::head(&file, &item).trait_path)
            .flatten();
        let asked = header.paths.iter();
        let mut found = Vec::new();
        for mention in asked.filter(|mention| own.as_ref() != Some(&mention.path)) {
            let targets = self.world.resolve(item.module, &mention.path).targets;
            for target in targets {
                if let Some(id) = target.item().filter(|id| self.is_open_trait(*id))
                    && !found.contains(&id)
                {
                    found.push(id);
                }
            }
        }
        found
    }

    fn is_open_trait(&self, id: ItemId) -> bool {
        let item = self.world.item(id);
        let file = &self.world.files[item.file];
        item.kind == ItemKind::Trait && visibility(file, item.head) == "pub"
    }
}
