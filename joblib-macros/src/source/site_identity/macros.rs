//! Infers the context of a function that a declarative macro generates, from the
//! macro and its calls in the package.

use super::cached;
use super::enclosing::{EnclosingGroup, FileGroups, GroupKind};
use crate::fn_context::FnContext;

/// Returns the context in which a macro expands the contents of the groups `around`.
/// Returns nothing if it depends on code outside the package.
pub(super) fn place(file: &FileGroups, around: &[EnclosingGroup]) -> Option<FnContext> {
    let mut inner = around.iter().rev();
    // An item inside the input or the body of the macro determines the context by
    // itself.
    for group in inner.by_ref() {
        match &group.kind {
            GroupKind::Impl { .. } | GroupKind::Trait { .. } => return Some(group.place()),
            GroupKind::Function(_) | GroupKind::Module(_) => return Some(FnContext::Free),
            GroupKind::Definition(name) => return of_calls(file, name),
            GroupKind::Invocation(name) => {
                // The expansion of the macro is inserted in the context of its call.
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

/// Returns the context of the calls of the macro `name` in this file or, if there are
/// none, in other files. If they differ, the result fits all of them.
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

/// Returns the context of each call that is not part of the input of another macro.
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

/// Returns nothing if the macro `name` may wrap its input in an impl. A macro that is
/// defined elsewhere most likely emits its input unchanged.
fn of_definition(groups: &FileGroups, name: &str) -> Option<FnContext> {
    let defined = owners(groups, name).or_else(|| {
        let others = cached::naming(name);
        others.iter().find_map(|file| owners(file, name))
    });
    (!defined.unwrap_or(false)).then_some(FnContext::Free)
}

/// Returns whether the macro `name` generates an impl or a trait, if it is defined in
/// the file.
fn owners(groups: &FileGroups, name: &str) -> Option<bool> {
    let file = &groups.file;
    let is_definition =
        |&at: &usize| file.is_word(at, name) && at >= 2 && file.is_word(at - 2, "macro_rules");
    let at = file.all().find(is_definition)?;
    let is_owner = |at| file.is_word(at, "impl") || file.is_word(at, "trait");
    Some(file.opens(at + 1) && file.inside(at + 1).any(is_owner))
}
