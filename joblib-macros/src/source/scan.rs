//! A shallow scanner that finds the start, the end and the name of items. It leaves
//! the contents of items to its callers.

use super::token::{LexedFile, Span};

/// The kind of an item, from its keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ItemKindGuess {
    Fn,
    Type,
    TypeAlias,
    Trait,
    Impl,
    Const,
    Macro,
    Module,
    Use,
    ExternCrate,
    ExternBlock,
    Invocation,
}

/// One item, without its attributes.
#[derive(Debug)]
pub(super) struct ScannedItem {
    pub(super) shape: ItemKindGuess,
    /// The token of its name, or its keyword.
    pub(super) name_at: usize,
    /// The tokens between its braces, if it has any.
    pub(super) body: Option<Span>,
    pub(super) end: usize,
}

/// Scans the item whose visibility or first keyword is at `start`.
pub(super) fn item(file: &LexedFile, start: usize, limit: usize) -> Option<ScannedItem> {
    let mut at = visibility(file, start);
    loop {
        match file.text(at) {
            "fn" => return Some(braced(file, ItemKindGuess::Fn, at + 1, limit)),
            "struct" | "enum" => return Some(braced(file, ItemKindGuess::Type, at + 1, limit)),
            "union" | "auto" | "safe" | "default" | "async" | "unsafe"
                if file.is_word_kind(at + 1) =>
            {
                if file.is_word(at, "union") {
                    return Some(braced(file, ItemKindGuess::Type, at + 1, limit));
                }
            }
            "trait" => return Some(braced(file, ItemKindGuess::Trait, at + 1, limit)),
            "impl" => return Some(braced(file, ItemKindGuess::Impl, at, limit)),
            "mod" => return Some(braced(file, ItemKindGuess::Module, at + 1, limit)),
            "type" => return Some(ended(file, ItemKindGuess::TypeAlias, at + 1, limit)),
            "use" => return Some(ended(file, ItemKindGuess::Use, at + 1, limit)),
            "const" | "static" if is_expression(file, at + 1) => return None,
            "const" => match file.text(at + 1) {
                "fn" | "unsafe" | "async" | "extern" | "impl" | "trait" => {}
                _ => return Some(ended(file, ItemKindGuess::Const, at + 1, limit)),
            },
            "static" => {
                let name_at = if file.is_word(at + 1, "mut") {
                    at + 2
                } else {
                    at + 1
                };
                return Some(ended(file, ItemKindGuess::Const, name_at, limit));
            }
            "extern" => {
                if file.is_word(at + 1, "crate") {
                    return Some(ended(file, ItemKindGuess::ExternCrate, at + 2, limit));
                }
                let abi = !file.is_word_kind(at + 1) && !file.is(at + 1, b'{');
                at += usize::from(abi);
                if file.is(at + 1, b'{') {
                    return Some(braced(file, ItemKindGuess::ExternBlock, at, limit));
                }
            }
            "macro_rules" if file.is(at + 1, b'!') && file.is_word_kind(at + 2) => {
                return Some(invoked(file, ItemKindGuess::Macro, at + 2, at + 3));
            }
            "macro" if file.is_word_kind(at + 1) => {
                return Some(braced(file, ItemKindGuess::Macro, at + 1, limit));
            }
            _ => return invocation(file, at),
        }
        at += 1;
        if at >= limit {
            return None;
        }
    }
}

/// Returns whether the tokens after `const` or `static` form an expression: a block,
/// as in `const { … }`, or a closure.
fn is_expression(file: &LexedFile, at: usize) -> bool {
    file.is(at, b'{') || file.is(at, b'|') || file.is_word(at, "move")
}

/// Returns the index after `pub` and its restriction.
pub(super) fn visibility(file: &LexedFile, at: usize) -> usize {
    if file.is_word(at, "crate") && file.is_word_kind(at + 1) {
        return at + 1;
    }
    if !file.is_word(at, "pub") {
        return at;
    }
    let restricted =
        file.is(at + 1, b'(') && matches!(file.text(at + 2), "crate" | "self" | "super" | "in");
    if restricted {
        file.after(at + 1)
    } else {
        at + 1
    }
}

/// Scans an item that ends with its braces, or with `;` if that comes first.
fn braced(file: &LexedFile, shape: ItemKindGuess, name_at: usize, limit: usize) -> ScannedItem {
    let mut at = name_at;
    while at < limit {
        if file.is(at, b';') {
            return ScannedItem {
                shape,
                name_at,
                body: None,
                end: at + 1,
            };
        }
        if file.is(at, b'{') && file.opens(at) && !is_const_argument(file, at) {
            let end = file.after(at);
            return ScannedItem {
                shape,
                name_at,
                body: Some(file.inside(at)),
                end,
            };
        }
        at = file.after(at);
    }
    ScannedItem {
        shape,
        name_at,
        body: None,
        end: limit,
    }
}

/// Returns whether the braces at `at` are a generic argument, as in `Grid<{ N + 1
/// }>`.
fn is_const_argument(file: &LexedFile, at: usize) -> bool {
    let next = file.after(at);
    (file.is(next, b'>') || file.is(next, b','))
        && at > 0
        && (file.is(at - 1, b'<') || file.is(at - 1, b',') || file.is(at - 1, b'='))
}

/// Scans an item that ends with `;`.
fn ended(file: &LexedFile, shape: ItemKindGuess, name_at: usize, limit: usize) -> ScannedItem {
    let mut at = name_at;
    while at < limit && !file.is(at, b';') {
        at = file.after(at);
    }
    ScannedItem {
        shape,
        name_at,
        body: None,
        end: (at + 1).min(limit),
    }
}

/// Scans `path::to::macro! { … }`.
fn invocation(file: &LexedFile, start: usize) -> Option<ScannedItem> {
    let mut at = start;
    if file.is_path_sep(at) {
        at += 2;
    }
    if file.is(at, b'$') {
        at += 1;
    }
    while file.is_word_kind(at) && file.is_path_sep(at + 1) {
        at += 3;
    }
    let named = file.is_word_kind(at) && file.is(at + 1, b'!');
    (named && file.opens(at + 2)).then(|| invoked(file, ItemKindGuess::Invocation, at, at + 2))
}

/// Scans the definition or call of a macro whose group opens at `open`.
fn invoked(file: &LexedFile, shape: ItemKindGuess, name_at: usize, open: usize) -> ScannedItem {
    if !file.opens(open) {
        return ScannedItem {
            shape,
            name_at,
            body: None,
            end: open,
        };
    }
    let after = file.after(open);
    let end = if file.is(after, b';') {
        after + 1
    } else {
        after
    };
    ScannedItem {
        shape,
        name_at,
        body: Some(file.inside(open)),
        end,
    }
}
