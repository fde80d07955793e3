//! Analyzes the header of an impl: the types and traits that must be reached before
//! code can call the impl.

use crate::source::database::{CrateDb, Item, ItemId, ItemKind};
use crate::source::impl_header;
use crate::source::name::Map;
use crate::source::resolve::PathTarget;
use crate::source::token::{LexedFile, Span};
use crate::source::use_tree::UsePath;

/// The types and traits that an impl concerns.
#[derive(Clone, Debug, Default)]
pub(in crate::source) struct ImplEntry {
    /// The local types it may be for; empty if it may be for any type.
    pub(in crate::source) types: Vec<ItemId>,
    pub(in crate::source) traits: Vec<ItemId>,
    /// The local traits, if it is an impl for a trait object.
    pub(in crate::source) objects: Vec<ItemId>,
    /// Whether the trait belongs to another crate, so that code outside the scanned
    /// source may call it.
    pub(in crate::source) is_foreign: bool,
    /// Every local type in the trait and the self type, without the bounds.
    pub(in crate::source) named: Vec<ItemId>,
    /// For `From` and `TryFrom`: the local source type. It cannot be inferred from
    /// the impl, because every type converts to itself.
    converted: Vec<ItemId>,
}

impl ImplEntry {
    /// Returns whether code outside the scanned source may call this impl of a
    /// foreign trait. The self type must be reached. The generic arguments of the
    /// type and of the trait need not be reached, because a call may leave them to be
    /// inferred from the only impl.
    pub(in crate::source) fn is_callable(&self, reached: &Map<ItemId, bool>) -> bool {
        let is_reached = |id: &ItemId| reached.contains_key(id);
        if !self.objects.is_empty() {
            return self.objects.iter().any(|id| reached.get(id) == Some(&true));
        }
        match self.types.is_empty() {
            true => self.named.is_empty() || self.named.iter().any(is_reached),
            false => self.types.iter().any(&is_reached) && self.converted.iter().all(is_reached),
        }
    }
}

impl CrateDb {
    /// Returns whether an impl of a foreign trait may be one of `Deref`. Another
    /// crate may re-export `Deref` under another name.
    pub(super) fn may_be_deref(&mut self, id: ItemId) -> bool {
        let item = self.item(id).clone();
        let Some(path) = impl_header::head(&self.file_of(id), &item).trait_path else {
            return true;
        };
        let found = self.resolve(item.module, &path).targets;
        let is_deref = |name: &str| name == "Deref" || name == "DerefMut";
        path.last().is_some_and(|last| is_deref(last.as_str()))
            || found.iter().any(|target| match target {
                PathTarget::Foreign(_, _, text) => {
                    !self.is_of_standard(target) || text.rsplit("::").next().is_some_and(is_deref)
                }
                _ => false,
            })
    }

    pub(super) fn concern(&mut self, id: ItemId) -> ImplEntry {
        let item = self.item(id).clone();
        let file = self.file_of(id);
        let head = impl_header::head(&file, &item);
        let mut concern = ImplEntry::default();
        let mut is_any = false;
        if let Some(path) = &head.self_path {
            (concern.types, is_any) = self.types_at(&item, path);
            concern.objects = self.objects_at(&item, path);
        }
        if let Some(path) = &head.trait_path {
            let found = self.resolve(item.module, path);
            for target in &found.targets {
                match target {
                    PathTarget::Item(id) if self.item(*id).kind == ItemKind::Trait => {
                        concern.traits.push(*id);
                    }
                    _ => concern.is_foreign = true,
                }
            }
            concern.is_foreign |= concern.traits.is_empty();
            if self.is_conversion(path, &found.targets)
                && let Some(path) = impl_header::argument(&file, &item)
            {
                let (converted, may_be_other) = self.types_at(&item, &path);
                concern.converted = converted;
                if may_be_other || concern.converted.len() > 1 {
                    concern.converted.clear();
                }
            }
        }
        if concern.is_foreign {
            let (of, subject, _) = impl_header::header_spans(&file, &item);
            let is_hidden = of.iter().chain([&subject]).any(|it| hides_type(&file, it));
            for span in of.into_iter().chain([subject]) {
                for mention in self
                    .read_tokens(self.crate_of(id), &file, span, false)
                    .paths
                {
                    let (types, any) = self.types_at(&item, &mention.path);
                    concern.named.extend(types);
                    is_any |= any;
                }
            }
            if is_hidden {
                concern.named.clear();
            }
        }
        if is_any {
            concern.types.clear();
            concern.named.clear();
            concern.converted.clear();
        }
        concern
    }

    /// Returns the local types that a path in the header of `item` may refer to, and
    /// whether it may refer to others.
    fn types_at(&mut self, item: &Item, path: &UsePath) -> (Vec<ItemId>, bool) {
        let mut found = Vec::new();
        let mut is_any = false;
        for target in self.resolve(item.module, path).targets {
            if let PathTarget::Item(id) = target {
                is_any |= !self.expand(id, &mut found, 8);
            }
        }
        (found, is_any)
    }

    /// Returns the local traits that a path leads to, if all its targets are local
    /// traits.
    fn objects_at(&mut self, item: &Item, path: &UsePath) -> Vec<ItemId> {
        let targets = self.resolve(item.module, path).targets;
        let of_trait = |target: &PathTarget| match target {
            PathTarget::Item(id) if self.item(*id).kind == ItemKind::Trait => Some(*id),
            _ => None,
        };
        let traits: Option<Vec<ItemId>> = targets.iter().map(of_trait).collect();
        traits.unwrap_or_default()
    }

    /// Returns the types behind an alias, if the list is complete.
    pub(in crate::source) fn types_behind(&mut self, id: ItemId) -> Option<Vec<ItemId>> {
        let mut found = Vec::new();
        let are_all = self.expand(id, &mut found, 8);
        (are_all && !found.is_empty()).then_some(found)
    }

    /// Adds the type `id` or, for an alias, the types behind it. Returns whether the
    /// list is complete.
    pub(super) fn expand(&mut self, id: ItemId, found: &mut Vec<ItemId>, depth: usize) -> bool {
        match self.item(id).kind.clone() {
            ItemKind::Type => found.push(id),
            ItemKind::TypeAlias if depth == 0 || self.is_open_alias(id) => return false,
            ItemKind::TypeAlias => {
                for resolution in self.resolutions(id).iter() {
                    for target in &resolution.targets {
                        let is_all = match target {
                            PathTarget::Item(other) if *other != id => {
                                self.expand(*other, found, depth - 1)
                            }
                            _ => true,
                        };
                        if !is_all {
                            return false;
                        }
                    }
                }
            }
            _ => {}
        }
        true
    }

    /// Returns whether an alias contains `<Type as Trait>::Name` or `Type::Name`,
    /// calls a macro, or has a generic parameter with the name of a type.
    fn is_open_alias(&mut self, id: ItemId) -> bool {
        let item = self.item(id).clone();
        let file = self.file_of(id);
        let says = |i| file.is_word(i, "as") || file.is(i, b'!');
        let facts = self.refs_of(id);
        let resolutions = self.resolutions(id);
        let parameters = self.parameters_of(id);
        let mut paths = facts.paths.iter().zip(resolutions.iter());
        item.span.clone().any(says)
            || paths.any(|(mention, resolution)| {
                let mut targets = resolution.targets.iter();
                let is_item = targets.any(|target| matches!(target, PathTarget::Item(_)));
                let has_member = !(resolution.members.is_empty() && resolution.owned.is_empty());
                is_item && (has_member || parameters.contains(&mention.path.names[0]))
            })
    }

    /// Returns whether a path leads to a conversion trait of the standard library.
    fn is_conversion(&self, path: &UsePath, targets: &[PathTarget]) -> bool {
        let is_name = |name: &str| name == "From" || name == "TryFrom";
        let is_standard = |target: &PathTarget| match target {
            PathTarget::Foreign(_, _, text) => {
                self.is_of_standard(target) && text.rsplit("::").next().is_some_and(is_name)
            }
            _ => false,
        };
        let is_prelude = path.names.len() == 1 && is_name(path.names[0].as_str());
        match targets.is_empty() {
            true => is_prelude,
            false => targets.iter().all(is_standard),
        }
    }
}

/// Returns whether a header may use a type that it does not name: through `<Type as
/// Trait>::Name` or a macro call.
fn hides_type(file: &LexedFile, span: &Span) -> bool {
    let is_call = |at| file.is_word_kind(at) && file.is(at + 1, b'!') && file.opens(at + 2);
    span.clone().any(|at| file.is_word(at, "as") || is_call(at))
}
