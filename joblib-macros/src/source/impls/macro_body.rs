//! Analyzes the definition of a macro by itself: the names that it defines, the types
//! that it implements traits for, and the macros that it calls.

use crate::source::impl_header::{after_angles, is_binder};
use crate::source::known::macros::PLAIN;
use crate::source::macro_depth::{MacroDepth, outer};
use crate::source::name::{Name, Set};
use crate::source::name_pattern::is_pasted;
use crate::source::syntax::{is_keyword, is_primitive};
use crate::source::token::{LexedFile, Span};

/// The names that a macro's body defines.
#[derive(Default)]
pub(super) struct DefinedNames {
    /// Names of items.
    pub(super) names: Set<Name>,
    /// Names of functions in impls.
    pub(super) methods: Set<Name>,
    /// Names in the headers of impls and in imports.
    pub(super) headers: Set<Name>,
    /// The self types of impls, except those that the macro receives as input.
    pub(super) subjects: Set<Name>,
    /// Names that it passes to macros which may generate impls from them.
    pub(super) passed: Set<Name>,
    /// Whether it has impls for types without a name, or for more than the named
    /// type.
    pub(super) has_other_subjects: bool,
    /// Whether it calls macros whose names it receives.
    pub(super) calls_given: bool,
    /// Whether it pastes names together, so that any name may be defined.
    pub(super) pastes: bool,
}

/// A macro call in the body of a macro.
pub(super) struct InnerMacro {
    pub(super) name: Name,
    pub(super) arguments: Span,
    /// Whether the call is in item position.
    pub(super) is_outer: bool,
}

/// Adds what a macro's body defines and returns the macros that it calls.
pub(super) fn defined(file: &LexedFile, span: Span, found: &mut DefinedNames) -> Vec<InnerMacro> {
    let mut calls = Vec::new();
    let mut impl_end = 0;
    let outer: Set<usize> = outer(file, span.clone(), MacroDepth::Items)
        .into_iter()
        .collect();
    for at in span.clone() {
        found.pastes |= pastes(file, at);
        match file.text(at) {
            "macro_rules" if file.is(at + 1, b'!') => {
                // A name from the input appears as one of the names in the arguments.
                found.names.extend(file.name(at + 2));
            }
            "fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static" | "mod" => {
                let name = if file.is_word(at + 1, "mut") {
                    at + 2
                } else {
                    at + 1
                };
                let names = if at < impl_end {
                    &mut found.methods
                } else {
                    &mut found.names
                };
                names.extend(file.name(name).filter(|name| is_telling(name.as_str())));
            }
            "impl" | "use" => {
                let ends = |i: &usize| file.is(*i, b'{') || file.is(*i, b';');
                let end = (at..span.end).find(ends).unwrap_or(span.end);
                collect(file, at + 1..end, &mut found.headers);
                if file.is_word(at, "impl") {
                    found.subject(file, at, end);
                    if file.opens(end) {
                        impl_end = impl_end.max(file.mate(end));
                    }
                }
            }
            _ if file.is_word_kind(at) && file.is(at + 1, b'!') && file.opens(at + 2) => {
                let inside = file.inside(at + 2);
                let is_outer = outer.contains(&at);
                let is_plain = PLAIN.contains(&file.text(at));
                let names = if is_plain {
                    &mut found.headers
                } else {
                    &mut found.names
                };
                found.pastes |= collect(file, inside.clone(), names);
                if is_outer {
                    collect(file, inside.clone(), &mut found.passed);
                    found.has_other_subjects |= has_primitive(file, inside.clone());
                }
                if file.is(at - 1, b'$') {
                    found.calls_given = true;
                } else if let Some(name) = file.name(at) {
                    calls.push(InnerMacro {
                        name,
                        arguments: inside,
                        is_outer,
                    });
                }
            }
            _ => {}
        }
    }
    calls
}

impl DefinedNames {
    /// Records the self type of the impl at `at`, whose header ends at `end`.
    fn subject(&mut self, file: &LexedFile, at: usize, end: usize) {
        let is_type = [b':', b'<', b',', b'&', b'=']
            .iter()
            .any(|&byte| at > 0 && file.is(at - 1, byte))
            || super::super::syntax::ends_arrow(file, at.saturating_sub(1));
        if is_type {
            return;
        }
        let mut start = at + 1;
        let mut generics = start..start;
        if file.is(start, b'<') {
            let after = after_angles(file, start, end);
            generics = start..after;
            start = after;
        }
        let mut next = start;
        while next < end {
            let angle = file.is(next, b'<');
            if file.is_word(next, "for") && !is_binder(file, next) {
                start = next + 1;
                break;
            }
            next = match angle {
                true => after_angles(file, next, end),
                false => file.after(next),
            };
        }
        while file.is(start, b'&')
            || file.is_word(start, "mut")
            || file.text(start).starts_with('\'')
        {
            start += 1;
        }
        let is_end = |at: usize| at >= end || file.is(at, b'<') || file.is_word(at, "where");
        if file.is(start, b'$') && !file.is_word(start + 1, "crate") {
            self.has_other_subjects |= !(file.is_word_kind(start + 1) && is_end(start + 2));
            return;
        }
        start += usize::from(file.is(start, b'$'));
        while file.is_word_kind(start) && file.is_path_sep(start + 1) {
            start += 3;
        }
        let is_parameter = |name: Name| generics.clone().any(|at| name == file.text(at));
        match file.name(start).filter(|_| is_end(start + 1)) {
            Some(name) if !is_parameter(name) => {
                self.subjects.insert(name);
            }
            _ => self.has_other_subjects = true,
        }
    }
}

/// Adds every name in `span` and returns whether names are pasted together.
pub(super) fn collect(file: &LexedFile, span: Span, names: &mut Set<Name>) -> bool {
    let mut is_pasted = false;
    for i in span {
        is_pasted |= pastes(file, i);
        if file.is_word_kind(i) && is_telling(file.text(i)) {
            names.extend(file.name(i));
        }
    }
    is_pasted
}

/// Returns whether a pasted name starts at `at`.
fn pastes(file: &LexedFile, at: usize) -> bool {
    file.is(at, b'[') && file.opens(at) && is_pasted(file, &file.inside(at))
}

/// Returns whether the tokens name a primitive type.
pub(super) fn has_primitive(file: &LexedFile, mut span: Span) -> bool {
    span.any(|i| file.is_word_kind(i) && is_primitive(file.text(i)))
}

/// Returns whether a word can be the name of an item.
fn is_telling(word: &str) -> bool {
    let is_language = matches!(
        word,
        "self"
            | "Self"
            | "super"
            | "crate"
            | "true"
            | "false"
            | "_"
            | "Some"
            | "None"
            | "Ok"
            | "Err"
    );
    !is_keyword(word) && !is_primitive(word) && !is_language
}
