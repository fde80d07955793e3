//! Determines from tokens how a name is used: at the start of a path, or as a type.

use crate::source::database::{Item, ItemKind};
use crate::source::name::{Name, Set};
use crate::source::token::{LexedFile, Span};
use crate::type_name::is_companion_item;

/// Returns whether `span` contains `name` before `::` and something that is not a
/// companion.
pub(super) fn leads(file: &LexedFile, mut span: Span, name: Name) -> bool {
    span.any(|at| leads_at(file, at, name))
}

/// Returns whether this is the case at `at`.
pub(super) fn leads_at(file: &LexedFile, at: usize, name: Name) -> bool {
    starts_path(file, at) && is_name(file, at, name)
}

/// Adds every name that is used this way.
pub(super) fn all_path_starts(file: &LexedFile, names: &mut Set<Name>) {
    let path_starts = file.all().filter(|&at| starts_path(file, at));
    names.extend(path_starts.filter_map(|at| file.name(at)));
    let imported = file.all().filter(|&at| is_imported(file, at));
    names.extend(imported.filter_map(|at| file.name(at)));
}

/// Returns whether there is an import of only `name` at `at`.
pub(super) fn imports_at(file: &LexedFile, at: usize, name: Name) -> bool {
    is_imported(file, at) && is_name(file, at, name)
}

fn is_name(file: &LexedFile, at: usize, name: Name) -> bool {
    let text = file.text(at);
    name == text.strip_prefix("r#").unwrap_or(text)
}

fn is_imported(file: &LexedFile, at: usize) -> bool {
    let is_end = file.is(at + 1, b';') || file.is_word(at + 1, "as");
    is_end && at > 0 && file.is_word_kind(at) && file.is_word(at - 1, "use")
}

/// Returns whether a path starts at `at` and continues with something that is not a
/// companion.
fn starts_path(file: &LexedFile, at: usize) -> bool {
    if !file.is_path_sep(at + 1) || !file.is_word_kind(at) {
        return false;
    }
    let is_later = at > 1 && file.is_path_sep(at - 2);
    let is_part = at > 0 && (file.is(at - 1, b'.') && !file.is(at.wrapping_sub(2), b'.'))
        || at > 0 && file.is(at - 1, b'$');
    let is_brought = is_companion_item(file.text(at + 3));
    let goes_on = file.is_word_kind(at + 3) || file.is(at + 3, b'{') || file.is(at + 3, b'*');
    !is_later && !is_part && !is_brought && goes_on && !is_in_tree(file, at)
}

/// Returns whether the path at `at` continues one before braces, as in `use
/// a::{b::c}`.
fn is_in_tree(file: &LexedFile, at: usize) -> bool {
    let may_be = at > 0 && (file.is(at - 1, b'{') || file.is(at - 1, b','));
    may_be
        && file.around(at).is_some_and(|open| {
            file.is(open, b'{')
                && open > 1
                && (file.is_path_sep(open - 2) || is_in_tree(file, open))
        })
}

/// Returns the start of the function body: the group that closes last.
pub(super) fn body(given: &LexedFile) -> usize {
    let last = given.len().saturating_sub(1);
    let is_body = |&at: &usize| given.opens(at) && given.mate(at) == last;
    given.all().find(is_body).unwrap_or(given.len())
}

/// Returns whether `name` is used as a type in a signature.
pub(super) fn is_type(file: &LexedFile, mut span: Span, name: Name) -> bool {
    span.any(|at| at > 0 && is_name(file, at, name) && is_type_at(file, at))
}

/// Returns whether `name` is used as a type at `at`, in `item`. Where a value is also
/// possible, the use must be certain.
pub(super) fn is_type_in(file: &LexedFile, at: usize, name: Name, item: &Item) -> bool {
    if at == 0 || !is_name(file, at, name) || !file.is_word_kind(at) {
        return false;
    }
    let is_signature = match (&item.kind, &item.body) {
        (ItemKind::Type | ItemKind::TypeAlias, _) => true,
        (_, Some(body)) => at < body.start,
        _ => false,
    };
    is_type_at(file, at) && (is_signature || is_certain(file, at))
}

fn is_certain(file: &LexedFile, at: usize) -> bool {
    let is_arrow = at > 1 && file.is(at - 1, b'>') && file.is(at - 2, b'-');
    let is_word = ["as", "dyn", "impl"]
        .iter()
        .any(|word| file.is_word(at - 1, word));
    let is_end = [b'=', b';', b')'].iter().any(|&byte| file.is(at + 1, byte));
    is_arrow || is_word || (file.is(at - 1, b':') && is_end)
}

fn is_type_at(file: &LexedFile, at: usize) -> bool {
    let before = |byte| file.is(at - 1, byte);
    let is_path = at > 1 && file.is_path_sep(at - 2);
    let is_binding = file.is(at + 1, b':') && !file.is_path_sep(at + 1);
    let after_word = ["as", "for", "dyn", "impl", "mut"].iter();
    let is_after_word = after_word.clone().any(|word| file.is_word(at - 1, word));
    let is_after = [b':', b'<', b'>', b'&', b'+', b'=', b'['].iter();
    let is_listed = before(b'(') || before(b',');
    let is_placed = is_after_word || is_after.clone().any(|&byte| before(byte)) || is_listed;
    is_placed && !is_path && !is_binding && !file.is(at + 1, b'(') && !is_in_pattern(file, at)
}

/// Returns whether the group around `at` is the pattern of a parameter.
fn is_in_pattern(file: &LexedFile, at: usize) -> bool {
    file.around(at).is_some_and(|open| {
        let end = file.after(open);
        file.is(end, b':') && !file.is_path_sep(end)
    })
}

/// Returns whether an item whose attributes end at `head` is private to its module.
pub(super) fn is_private(file: &LexedFile, head: usize) -> bool {
    !file.is_word(head, "pub")
}
