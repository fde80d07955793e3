//! Functions that a procedural macro generated. Their tokens have the location of the
//! macro call, not their own. Their context is inferred from the item that the macro
//! is attached to, or from how the package calls them.

use std::sync::Arc;

use super::cached;
use super::enclosing::{EnclosingGroup, FileGroups, GroupKind};
use crate::fn_context::FnContext;
use crate::source::attribute;
use crate::source::scan;
use crate::type_name::is_companion_item;

/// Infers the context of the function `name`, which the macro called at the token `at`
/// generated. Returns `None` if that is not a procedural macro, or nothing shows the context.
pub(super) fn place(groups: &FileGroups, at: usize, name: &str) -> Option<FnContext> {
    // For a declarative macro the definition determines the context.
    if groups.around(at).iter().any(EnclosingGroup::is_macro) {
        return None;
    }
    match attribute_around(groups, at) {
        Some(attribute) => within_item(groups, attribute, name).or_else(|| infer_from_uses(name)),
        None if is_call(groups, at) => infer_from_uses(name),
        None => None,
    }
}

/// Returns the `#` of the attribute that contains the token.
fn attribute_around(groups: &FileGroups, at: usize) -> Option<usize> {
    let file = &groups.file;
    if attribute::attribute_at(file, at).is_some() {
        return Some(at);
    }
    let around = groups.around(at);
    let mut opens = around.iter().map(|group| group.open);
    opens.find_map(|open| {
        let hash = open.checked_sub(1)?;
        attribute::attribute_at(file, hash).map(|_| hash)
    })
}

/// Returns whether the path of a macro call starts at the token.
fn is_call(groups: &FileGroups, mut at: usize) -> bool {
    let file = &groups.file;
    while file.is_word_kind(at) && file.is_path_sep(at + 1) {
        at += 3;
    }
    file.is_word_kind(at) && file.is(at + 1, b'!') && !file.is_word(at, "macro_rules")
}

/// Returns the context of the function in the item below the attribute. If the item
/// contains it several times, the result fits all occurrences.
fn within_item(groups: &FileGroups, attribute: usize, name: &str) -> Option<FnContext> {
    let file = &groups.file;
    let start = attribute::skip(file, attribute);
    let end = scan::item(file, start, file.len())?.end;
    let is_function =
        |&at: &usize| file.is_word(at, name) && at > start && file.is_word(at - 1, "fn");
    let shown = (start..end).filter(is_function);
    let mut places = shown.map(|at| {
        groups
            .around(at)
            .last()
            .map_or(FnContext::Free, EnclosingGroup::place)
    });
    let first = places.next()?;
    let is_alike = places.all(|place| place == first);
    Some(if is_alike { first } else { FnContext::Trait })
}

/// Infers the context from the files of the package.
fn infer_from_uses(name: &str) -> Option<FnContext> {
    infer_from_calls(&cached::naming(name), name)
}

/// Infers from its uses in `files` what the function is: free, if it is called by name
/// or path or through a companion; otherwise a member of a type or trait, if it is used
/// as one.
pub(super) fn infer_from_calls(files: &[Arc<FileGroups>], name: &str) -> Option<FnContext> {
    let any_token = |is_use: fn(&FileGroups, usize) -> bool| {
        files.iter().any(|groups| {
            let file = &groups.file;
            file.all()
                .any(|at| file.is_word(at, name) && is_use(groups, at))
        })
    };
    match any_token(is_free) {
        true => Some(FnContext::Free),
        false => any_token(is_member).then_some(FnContext::Trait),
    }
}

/// Returns whether the token at `at` names a free function: it is called without a
/// path or through a module, or it is followed by the name of a companion.
fn is_free(groups: &FileGroups, at: usize) -> bool {
    let file = &groups.file;
    let has_beside = file.is_path_sep(at + 1) && is_companion_item(file.text(at + 3));
    let is_later = at > 1 && file.is_path_sep(at - 2);
    let is_declared = at > 0 && file.is_word(at - 1, "fn");
    let is_method = at > 0 && file.is(at - 1, b'.');
    let is_called = file.is(at + 1, b'(') && !is_declared && !is_method;
    has_beside || is_called && (!is_later || !is_member(groups, at))
}

/// Returns whether the token at `at` names a member of a type or a trait.
fn is_member(groups: &FileGroups, at: usize) -> bool {
    let file = &groups.file;
    if at > 2 && file.is_path_sep(at - 2) {
        let owner = file.text(at - 3);
        return owner.starts_with(char::is_uppercase) || file.is(at - 3, b'>');
    }
    let is_trait = |group: &EnclosingGroup| matches!(group.kind, GroupKind::Trait { .. });
    at > 0 && file.is_word(at - 1, "fn") && groups.around(at).last().is_some_and(is_trait)
}
