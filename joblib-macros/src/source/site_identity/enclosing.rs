//! Finds the token groups that enclose a token and what each belongs to: a function,
//! an impl, a module or a macro.

use super::header::{self, GenericContext};
use crate::fn_context::FnContext;
use crate::source::token::LexedFile;

/// A group that encloses a token.
#[derive(Debug)]
pub(super) struct EnclosingGroup {
    pub(super) kind: GroupKind,
    /// The start of the item or statement that the group belongs to.
    pub(super) start: usize,
    /// The token that opens the group.
    pub(super) open: usize,
}

/// What a group belongs to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum GroupKind {
    Module(String),
    Function(String),
    /// An impl with its trait, if it has one, and its type.
    Impl {
        of: Option<String>,
        subject: String,
        surroundings: GenericContext,
    },
    Trait {
        name: String,
        surroundings: GenericContext,
    },
    /// The definition of the macro with this name.
    Definition(String),
    /// The input of a call of the macro with this name.
    Invocation(String),
    /// A block, or any other braces.
    Block,
    /// Parentheses or brackets.
    Parens,
}

impl EnclosingGroup {
    pub(super) fn is_macro(&self) -> bool {
        matches!(
            self.kind,
            GroupKind::Definition(_) | GroupKind::Invocation(_)
        )
    }

    pub(super) fn is_module(&self) -> bool {
        matches!(self.kind, GroupKind::Module(_))
    }

    /// Returns whether items in the group cannot be named from outside it.
    pub(super) fn is_body(&self) -> bool {
        matches!(
            self.kind,
            GroupKind::Function(_) | GroupKind::Block | GroupKind::Parens
        )
    }

    pub(super) fn place(&self) -> FnContext {
        match &self.kind {
            GroupKind::Impl { of: None, .. } => FnContext::Inherent,
            GroupKind::Impl { .. } | GroupKind::Trait { .. } => FnContext::Trait,
            _ => FnContext::Free,
        }
    }

    pub(super) fn surroundings(&self) -> GenericContext {
        match &self.kind {
            GroupKind::Impl { surroundings, .. } | GroupKind::Trait { surroundings, .. } => {
                surroundings.clone()
            }
            _ => GenericContext::Plain,
        }
    }

    /// Returns the segment for this group in the path of an item inside it.
    pub(super) fn shown(&self) -> Option<String> {
        match &self.kind {
            GroupKind::Module(name) | GroupKind::Function(name) => Some(name.clone()),
            GroupKind::Impl { of, subject, .. } => Some(match of {
                Some(of) => format!("<{subject} as {of}>"),
                None => format!("<{subject}>"),
            }),
            GroupKind::Trait { name, .. } => Some(format!("<{name}>")),
            _ => None,
        }
    }
}

/// A file with, for each token, the start of the item or statement around it. One
/// pass computes all starts, so that many functions in a file need only one pass.
#[derive(Debug)]
pub(super) struct FileGroups {
    pub(super) file: LexedFile,
    starts: Vec<u32>,
}

impl FileGroups {
    /// Computes the starts for all tokens of `file`.
    pub(super) fn new(file: LexedFile) -> FileGroups {
        let mut groups = FileGroups {
            starts: Vec::with_capacity(file.len()),
            file,
        };
        let mut around: Vec<usize> = Vec::new();
        let mut start = vec![0];
        for at in groups.file.all() {
            let is_close = around
                .last()
                .is_some_and(|&open| groups.file.mate(open) == at);
            if is_close {
                around.pop();
                start.pop();
            }
            groups.starts.push(*start.last().unwrap_or(&0) as u32);
            if groups.file.opens(at) {
                around.push(at);
                start.push(at + 1);
            } else if (groups.file.is(at, b';') || is_close && groups.file.is(at, b'}'))
                && let Some(start) = start.last_mut()
            {
                *start = at + 1;
            }
        }
        groups
    }

    /// Returns the groups around the token at `at`, outermost first.
    pub(super) fn around(&self, mut at: usize) -> Vec<EnclosingGroup> {
        let mut found = Vec::new();
        while let Some(open) = self.file.around(at) {
            let start = self.starts[open] as usize;
            found.push(EnclosingGroup {
                kind: kind(&self.file, start, open),
                start,
                open,
            });
            at = open;
        }
        found.reverse();
        found
    }
}

/// Determines from the preceding tokens what the group that opens at `open` belongs
/// to.
fn kind(file: &LexedFile, start: usize, open: usize) -> GroupKind {
    if let Some(kind) = of_macro(file, start, open) {
        return kind;
    }
    if !file.is(open, b'{') {
        return GroupKind::Parens;
    }
    let word = header::keyword(file, start..open);
    let name = || file.text(word + 1).trim_start_matches("r#").to_owned();
    match file.text(word) {
        "mod" if word + 2 == open => GroupKind::Module(name()),
        "fn" if file.is_word_kind(word + 1) || file.is(word + 1, b'$') => {
            GroupKind::Function(name())
        }
        "trait" => GroupKind::Trait {
            name: name(),
            surroundings: header::of_trait(file, word..open),
        },
        "impl" if word < open => header::of_impl(file, word..open),
        "macro" if word < open => GroupKind::Definition(name()),
        _ => GroupKind::Block,
    }
}

fn of_macro(file: &LexedFile, start: usize, open: usize) -> Option<GroupKind> {
    let is_word = |at: Option<usize>| at.is_some_and(|at| at >= start && file.is_word_kind(at));
    let is_bang = |at: Option<usize>| at.is_some_and(|at| at >= start && file.is(at, b'!'));
    let before = |by: usize| open.checked_sub(by);
    let text = |by: usize| file.text(open - by).to_owned();
    if is_bang(before(1)) && is_word(before(2)) {
        return Some(GroupKind::Invocation(text(2)));
    }
    let names = is_word(before(1)) && is_bang(before(2)) && is_word(before(3));
    names.then(|| match file.is_word(open - 3, "macro_rules") {
        true => GroupKind::Definition(text(1)),
        false => GroupKind::Invocation(text(3)),
    })
}
