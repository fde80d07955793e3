//! Collects the trait bounds of a header, including the traits after `dyn` and
//! `impl`, each with its subject.

use super::impl_header::{after_angles, is_binder};
use super::name::Name;
use super::syntax::{ends_arrow, is_keyword};
use super::token::{LexedFile, Span, TokenKind};
use super::use_tree::UsePath;

/// A required trait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TraitBound {
    /// Empty if a macro inserts the trait from its input.
    pub(super) path: UsePath,
    /// The names in the bounded type, if there is one.
    pub(super) subject: Vec<Name>,
    /// The generic arguments of the trait.
    pub(super) arguments: Span,
}

/// Returns the bounds in a header, ignoring the `impl` keyword at `except`.
pub(super) fn in_header(file: &LexedFile, span: Span, except: Option<usize>) -> Vec<TraitBound> {
    let mut found = Vec::new();
    walk(file, span, false, except, &mut found);
    found
}

/// Returns the traits of the list that starts at `at`.
pub(super) fn listed(file: &LexedFile, at: usize, end: usize) -> Vec<TraitBound> {
    let mut found = Vec::new();
    list(file, at, end, &[], &mut found);
    found
}

fn walk(
    file: &LexedFile,
    span: Span,
    in_group: bool,
    except: Option<usize>,
    found: &mut Vec<TraitBound>,
) {
    let mut depth = 0;
    let mut at = span.start;
    while at < span.end {
        if file.is(at, b'<') {
            depth += 1;
        } else if file.is(at, b'>') && !ends_arrow(file, at) {
            depth -= 1;
        } else if matches!(file.text(at), "impl" | "dyn") && except != Some(at) {
            list(file, at + 1, span.end, &[], found);
        } else if is_colon(file, at) && (!in_group || depth > 0) {
            let subject = subject(file, span.start, at);
            list(file, at + 1, span.end, &subject, found);
        } else if file.opens(at) {
            walk(file, file.inside(at), true, except, found);
        }
        at = file.after(at);
    }
}

/// Returns whether there is a colon at `at` that is not part of `::`.
fn is_colon(file: &LexedFile, at: usize) -> bool {
    file.is(at, b':') && !file.is_path_sep(at) && !(at > 0 && file.is_path_sep(at - 1))
}

/// Returns the names in the type before the colon at `at`.
fn subject(file: &LexedFile, start: usize, at: usize) -> Vec<Name> {
    let mut names = Vec::new();
    let mut depth = 0;
    for i in (start..at).rev() {
        let opens = file.is(i, b'<');
        let starts = opens || file.is(i, b',');
        if (starts && depth == 0) || file.is_word(i, "where") {
            break;
        }
        depth -= i32::from(opens);
        depth += i32::from(file.is(i, b'>') && !ends_arrow(file, i));
        names.extend(file.name(i).filter(|name| !is_keyword(name.as_str())));
    }
    names
}

/// Adds the traits of the list that starts at `at`.
fn list(file: &LexedFile, at: usize, end: usize, subject: &[Name], found: &mut Vec<TraitBound>) {
    let mut at = at;
    while at < end {
        at = one(file, at, end, subject, found);
        while at < end && !file.is(at, b'+') && !ends_list(file, at) {
            at = match file.is(at, b'<') {
                true => after_angles(file, at, end),
                false => file.after(at),
            };
        }
        if !file.is(at, b'+') {
            return;
        }
        at += 1;
    }
}

fn ends_list(file: &LexedFile, at: usize) -> bool {
    let is_end = [b',', b';', b'='].iter().any(|&byte| file.is(at, byte));
    let closes = file.is(at, b'>') && !ends_arrow(file, at);
    is_end
        || closes
        || file.is(at, b'{')
        || file.is_word(at, "where")
        || file
            .get(at)
            .is_none_or(|token| token.kind == TokenKind::Close)
}

/// Adds the trait that starts at `at` and returns its end.
fn one(
    file: &LexedFile,
    at: usize,
    end: usize,
    subject: &[Name],
    found: &mut Vec<TraitBound>,
) -> usize {
    let at = after_modifiers(file, at, end);
    if file.is(at, b'(') && file.opens(at) {
        let inside = file.inside(at);
        list(file, inside.start, inside.end, subject, found);
        return file.after(at);
    }
    let is_root = file.is_word(at + 1, "crate") && file.is_path_sep(at + 2);
    if file.is(at, b'$') && !is_root {
        let unknown = UsePath {
            global: false,
            names: Vec::new(),
        };
        found.push(TraitBound::new(unknown, subject, at..at));
        return at + 2;
    }
    let (path, at) = path(file, at, end);
    let arguments = match file.is(at, b'<') {
        true => at + 1..after_angles(file, at, end).saturating_sub(1).max(at + 1),
        false => at..at,
    };
    if !path.names.is_empty() {
        found.push(TraitBound::new(path, subject, arguments));
    }
    at
}

fn after_modifiers(file: &LexedFile, mut at: usize, end: usize) -> usize {
    while at < end {
        let is_modifier = file.is(at, b'?') || matches!(file.text(at), "const" | "async" | "~");
        at = match is_binder(file, at) {
            true => after_angles(file, at + 1, end),
            false if is_modifier => at + 1,
            false => break,
        };
    }
    at
}

/// Returns the path at `at` and its end.
fn path(file: &LexedFile, mut at: usize, end: usize) -> (UsePath, usize) {
    let global = file.is_path_sep(at);
    at += if global { 2 } else { 0 };
    let mut names = Vec::new();
    if file.is(at, b'$') {
        names.push(Name::new("$crate"));
        at += 4;
    }
    while at < end && file.is_word_kind(at) && !is_keyword(file.text(at)) {
        names.extend(file.name(at));
        at += 1;
        if !(file.is_path_sep(at) && file.is_word_kind(at + 2)) {
            break;
        }
        at += 2;
    }
    (UsePath { global, names }, at)
}

impl TraitBound {
    fn new(path: UsePath, subject: &[Name], arguments: Span) -> TraitBound {
        TraitBound {
            path,
            subject: subject.to_vec(),
            arguments,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let file = LexedFile::new("".into(), text.to_owned());
        let except = file.is_word(0, "impl").then_some(0);
        let found = in_header(&file, file.all(), except).into_iter();
        let shown = found.map(|it| {
            let subject: Vec<&str> = it.subject.iter().map(|name| name.as_str()).collect();
            format!("{}: {}", subject.join(" "), it.path.text())
        });
        shown.collect()
    }

    #[test]
    fn bounds_are_found_wherever_a_header_may_have_them() {
        assert_eq!(
            of("fn f<'a, T: A + ?Sized + 'a, const N: usize>(t: T, n: b::C) -> D"),
            ["T: A", "T: Sized", "N: usize"]
        );
        assert_eq!(
            of(
                "fn f<T>(t: impl A<Out: B> + C, u: &dyn for<'a> D<'a>) where T: E<F = G>, Vec<T>: H"
            ),
            [": A", ": C", "Out: B", ": D", "T: E", "T Vec: H"]
        );
        assert_eq!(
            of("impl<T: a::B> C<T> for D<T> where for<'a> &'a T: (E) + Fn(T) -> F + G"),
            ["T: a::B", "T: E", "T: Fn", "T: G"]
        );
    }
}
