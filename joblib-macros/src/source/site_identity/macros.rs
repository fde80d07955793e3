//! What may stand beside a function that a macro makes, as far as the macro and
//! its calls in the package tell.

use super::cached;
use super::enclosing::{EnclosingGroup, FileGroups, GroupKind};
use crate::fn_context::FnContext;

/// Where a macro puts what is written inside the groups `around`; nothing where
/// that depends on what the package does not show.
pub(super) fn place(file: &FileGroups, around: &[EnclosingGroup]) -> Option<FnContext> {
    let mut inner = around.iter().rev();
    // Within what the macro is given or makes, an item tells by itself.
    for group in inner.by_ref() {
        match &group.kind {
            GroupKind::Impl { .. } | GroupKind::Trait { .. } => return Some(group.place()),
            GroupKind::Function(_) | GroupKind::Module(_) => return Some(FnContext::Free),
            GroupKind::Definition(name) => return of_calls(file, name),
            GroupKind::Invocation(name) => {
                // What it is called in takes what it makes.
                let caller = inner.find(|group| !group.is_macro());
                return match caller.map(EnclosingGroup::place) {
                    Some(FnContext::Free) | None => of_definition(file, name),
                    place => place,
                };
            }
            GroupKind::Block | GroupKind::Parens => {}
        }
    }
    Some(FnContext::Free)
}

/// Where the calls of the macro called `name` stand: those in the file, or in
/// others if it has none. Where they differ, what fits all.
fn of_calls(groups: &FileGroups, name: &str) -> Option<FnContext> {
    let mut places = calls(groups, name);
    if places.is_empty() {
        let others = cached::naming(name);
        places = others.iter().flat_map(|file| calls(file, name)).collect();
    }
    let first = *places.first()?;
    let is_alike = places.iter().all(|&place| place == first);
    Some(if is_alike { first } else { FnContext::Trait })
}

/// Where each call stands that is not given to another macro.
fn calls(groups: &FileGroups, name: &str) -> Vec<FnContext> {
    let file = &groups.file;
    let is_call =
        |&at: &usize| file.is_word(at, name) && file.is(at + 1, b'!') && file.opens(at + 2);
    let place = |at| match groups.around(at).last() {
        Some(group) if group.is_macro() => None,
        group => Some(group.map_or(FnContext::Free, EnclosingGroup::place)),
    };
    file.all().filter(is_call).filter_map(place).collect()
}

/// Nothing if the macro called `name` may put what it is given in an impl. One
/// that is defined elsewhere most likely hands on what it is given.
fn of_definition(groups: &FileGroups, name: &str) -> Option<FnContext> {
    let defined = owners(groups, name).or_else(|| {
        let others = cached::naming(name);
        others.iter().find_map(|file| owners(file, name))
    });
    (!defined.unwrap_or(false)).then_some(FnContext::Free)
}

/// Whether the macro called `name` writes an impl or a trait, if it is defined in
/// the file.
fn owners(groups: &FileGroups, name: &str) -> Option<bool> {
    let file = &groups.file;
    let is_definition =
        |&at: &usize| file.is_word(at, name) && at >= 2 && file.is_word(at - 2, "macro_rules");
    let at = file.all().find(is_definition)?;
    let is_owner = |at| file.is_word(at, "impl") || file.is_word(at, "trait");
    Some(file.opens(at + 1) && file.inside(at + 1).any(is_owner))
}
