//! `use` trees, flattened into one leaf for each imported name.

use super::name::Name;
use super::token::{LexedFile, Span};

/// One name imported by a `use`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UseLeaf {
    pub(super) path: UsePath,
    /// The local name: `None` for a glob, `_` for an unnamed trait import.
    pub(super) name: Option<Name>,
    /// The token of the name.
    pub(super) at: usize,
}

/// A path as written, without generic arguments.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct UsePath {
    /// Whether it starts with `::`.
    pub(super) global: bool,
    pub(super) names: Vec<Name>,
}

impl UsePath {
    /// Returns a path of one name.
    pub(super) fn bare(name: Name) -> UsePath {
        UsePath {
            global: false,
            names: vec![name],
        }
    }

    /// Returns the last name, or the one before `self` in the braces of an import.
    pub(super) fn last(&self) -> Option<Name> {
        let (&last, before) = self.names.split_last()?;
        let named = before.last().filter(|_| last == "self");
        Some(named.copied().unwrap_or(last))
    }

    /// Returns the path without `self` in the braces of an import.
    pub(super) fn without_self(mut self) -> UsePath {
        if self.names.len() > 1 && self.names.last().is_some_and(|last| *last == "self") {
            self.names.pop();
        }
        self
    }

    /// Returns the path as text.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (i, segment) in self.names.iter().enumerate() {
            if i > 0 || self.global {
                text.push_str("::");
            }
            text.push_str(segment.as_str());
        }
        text
    }
}

/// Flattens the tree in `span`, which excludes `use` and `;`. The path of `use
/// a::b::{self}` ends with `self`, because it imports the module or type `b`, but not
/// a function or macro of that name.
pub(super) fn flatten(file: &LexedFile, span: Span) -> Vec<UseLeaf> {
    let mut leaves = Vec::new();
    let global = file.is_path_sep(span.start);
    branch(
        file,
        span,
        &UsePath {
            global,
            names: Vec::new(),
        },
        &mut leaves,
    );
    leaves
}

fn branch(file: &LexedFile, span: Span, prefix: &UsePath, leaves: &mut Vec<UseLeaf>) {
    let mut path = prefix.clone();
    let mut at = span.start;
    while at < span.end {
        if file.is_path_sep(at) {
            path.global |= path.names.is_empty();
            at += 2;
        } else if file.is(at, b'*') {
            leaves.push(UseLeaf {
                path,
                name: None,
                at,
            });
            return;
        } else if file.is(at, b'{') {
            for part in super::attribute::split(file, file.inside(at)) {
                branch(file, part, &path, leaves);
            }
            return;
        } else if file.is_word(at, "as") {
            let name = file.name(at + 1);
            leaves.push(UseLeaf {
                path,
                name,
                at: at + 1,
            });
            return;
        } else if let Some(name) = file.name(at) {
            path.names.push(name);
            at += 1;
        } else {
            at += 1;
        }
    }
    let name = path.last();
    if name.is_some() {
        leaves.push(UseLeaf {
            path,
            name,
            at: span.end.saturating_sub(1),
        });
    }
}
