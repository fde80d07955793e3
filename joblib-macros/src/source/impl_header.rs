//! Parses the header of an impl: the trait and the self type.

use super::attribute;
use super::cfg::render;
use super::database::Item;
use super::name::Name;
use super::syntax::is_keyword;
use super::token::{LexedFile, Span};
use super::use_tree::UsePath;

/// The header of an impl.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ImplHeader {
    pub(super) trait_path: Option<UsePath>,
    /// The self type, unless it is a generic parameter or has no path.
    pub(super) self_path: Option<UsePath>,
}

/// Returns the path at the start of the trait's argument, unless it is a generic
/// parameter.
pub(super) fn argument(file: &LexedFile, item: &Item) -> Option<UsePath> {
    let (of, _, generics) = header_spans(file, item);
    let of = of?;
    let open = of.clone().find(|&at| file.is(at, b'<'))?;
    path_in(file, open + 1..of.end, &generics)
}

/// Returns the self type of an impl as written.
pub(super) fn self_type(file: &LexedFile, item: &Item) -> String {
    render(file, header_spans(file, item).1)
}

/// Returns the generic parameters of an impl as written, with the angle brackets.
pub(super) fn generics(file: &LexedFile, item: &Item) -> String {
    let word = (item.head..item.span.end).find(|&i| file.is_word(i, "impl"));
    match word {
        Some(word) if file.is(word + 1, b'<') => {
            let end = after_angles(file, word + 1, item.span.end);
            render(file, word + 1..end)
        }
        _ => String::new(),
    }
}

/// Returns the `where` clause of an impl as written.
pub(super) fn bounds(file: &LexedFile, item: &Item) -> String {
    let start = header_spans(file, item).1.end;
    render(file, start..limit(item))
}

/// Parses the header of an impl.
pub(super) fn head(file: &LexedFile, item: &Item) -> ImplHeader {
    let (of, subject, generics) = header_spans(file, item);
    ImplHeader {
        trait_path: of.and_then(|of| path_in(file, of, &[])),
        self_path: path_in(file, subject, &generics),
    }
}

/// Returns the trait, the self type and the generic parameters in the header of an
/// impl.
pub(super) fn header_spans(file: &LexedFile, item: &Item) -> (Option<Span>, Span, Vec<Name>) {
    let limit = limit(item);
    let mut at = (item.head..limit)
        .find(|&i| file.is_word(i, "impl"))
        .unwrap_or(limit)
        + 1;
    let mut generics = Vec::new();
    if file.is(at, b'<') {
        let end = after_angles(file, at, limit);
        generics = parameters(file, at + 1..end);
        at = end;
    }
    let start = at;
    let mut parts = (start..limit, None);
    while at < limit {
        if file.is(at, b'<') {
            at = after_angles(file, at, limit);
            continue;
        }
        if file.is_word(at, "where") {
            parts = match parts {
                (span, None) => (span.start..at, None),
                (span, Some(rest)) => (span, Some(rest).map(|r: Span| r.start..at)),
            };
            break;
        }
        if file.is_word(at, "for") && !is_binder(file, at) && parts.1.is_none() {
            parts = (start..at, Some(at + 1..limit));
        }
        at = file.after(at);
    }
    match parts {
        (of, Some(subject)) => (Some(of), subject, generics),
        (subject, None) => (None, subject, generics),
    }
}

/// Returns the end of the header.
fn limit(item: &Item) -> usize {
    let body = item.body.as_ref();
    body.map_or(item.span.end, |body| body.start - 1)
}

/// Returns whether there is a `for<'a>` at `at`, and not the self type of an impl, as
/// in `for <Type as Trait>::Name`.
pub(super) fn is_binder(file: &LexedFile, at: usize) -> bool {
    let declares = file.is(at + 2, b'>') || file.text(at + 2).starts_with('\'');
    file.is_word(at, "for") && file.is(at + 1, b'<') && declares
}

pub(super) fn after_angles(file: &LexedFile, open: usize, limit: usize) -> usize {
    let mut depth = 0;
    let mut at = open;
    while at < limit {
        if file.is(at, b'<') {
            depth += 1;
        } else if file.is(at, b'>') && !(file.is(at - 1, b'-') && file.is_joint(at - 1)) {
            depth -= 1;
            if depth == 0 {
                return at + 1;
            }
        }
        at = file.after(at);
    }
    limit
}

/// Returns the names of the type and const parameters between angle brackets: the
/// first name of each parameter, without bounds and defaults.
fn parameters(file: &LexedFile, span: Span) -> Vec<Name> {
    let mut found = Vec::new();
    let mut is_start = true;
    let mut at = span.start;
    while at < span.end {
        at = match is_start {
            true => attribute::skip(file, at),
            false => at,
        };
        if is_start {
            at += usize::from(file.is_word(at, "const"));
            found.extend(file.name(at));
        }
        is_start = file.is(at, b',');
        at = match file.is(at, b'<') {
            true => after_angles(file, at, span.end),
            false => file.after(at),
        };
    }
    found
}

/// Returns the names of the generic parameters of everything that is declared in
/// `span`.
pub(super) fn all_parameters(file: &LexedFile, span: Span) -> Vec<Name> {
    let mut found = Vec::new();
    for at in span.clone().filter(|&at| file.is_word_kind(at)) {
        let open = match file.text(at) {
            "impl" => at + 1,
            "fn" | "struct" | "enum" | "union" | "trait" | "type" => at + 2,
            _ => continue,
        };
        if file.is(open, b'<') {
            let end = after_angles(file, open, span.end);
            found.extend(parameters(file, open + 1..end));
        }
    }
    found
}

/// Returns the path at the start of a type, unless it is a generic parameter.
fn path_in(file: &LexedFile, span: Span, generics: &[Name]) -> Option<UsePath> {
    let mut at = span.start;
    while at < span.end {
        let skipped = file.is(at, b'&')
            || file.is(at, b'!')
            || matches!(file.text(at), "mut" | "dyn" | "const")
            || file.text(at).starts_with('\'');
        if !skipped {
            break;
        }
        at += 1;
    }
    let global = file.is_path_sep(at);
    at += if global { 2 } else { 0 };
    let mut names = Vec::new();
    while at < span.end && file.is_word_kind(at) && !is_keyword(file.text(at)) {
        names.extend(file.name(at));
        at += 1;
        if !file.is_path_sep(at) {
            break;
        }
        at += 2;
    }
    let is_parameter = names.first().is_some_and(|name| generics.contains(name));
    (!names.is_empty() && !is_parameter).then_some(UsePath { global, names })
}
