//! The groups around a token, and what each is of: a function, an impl, a
//! module, a macro.

use super::super::token::LexedFile;
use super::header::{self, GenericContext};
use crate::fn_context::FnContext;

/// A group around a token.
#[derive(Debug)]
pub(super) struct EnclosingGroup {
    pub(super) kind: GroupKind,
    /// Where the item or statement starts that the group belongs to.
    pub(super) start: usize,
    /// The token that opens the group.
    pub(super) open: usize,
}

/// What a group is of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum GroupKind {
    Module(String),
    Function(String),
    /// Its trait, if it has one, and its type.
    Impl {
        of: Option<String>,
        subject: String,
        surroundings: GenericContext,
    },
    Trait {
        name: String,
        surroundings: GenericContext,
    },
    /// The definition of a macro called so.
    Definition(String),
    /// What a macro called so is given.
    Invocation(String),
    /// A block, or anything else in braces.
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

    /// Whether what stands in it can be named from nowhere else.
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

    /// Its part in the path of what stands in it.
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

/// A file, and for each token where the item or statement around it starts: found in
/// one pass, so that many functions of one file cost no more than the file.
#[derive(Debug)]
pub(super) struct FileGroups {
    pub(super) file: LexedFile,
    starts: Vec<u32>,
}

impl FileGroups {
    /// Looks at all tokens of `file`.
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

    /// The groups around the token at `at`, outermost first.
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

/// What the group that opens at `open` is of, by the tokens before it.
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
