//! Attributes: which of them can change the meaning of an item, and whether `cfg`
//! keeps the item.

use super::cfg::{Cfgs, Ternary, render};
use super::known::attributes::{JOBLIB_ATTRIBUTES, LINTS};
use super::literal;
use super::name::Name;
use super::token::{LexedFile, Span};

/// The outer attributes before an item.
pub(super) struct OuterAttributes {
    /// The end of the attributes.
    pub(super) end: usize,
    /// The contents of `[…]` of each relevant attribute.
    pub(super) counted: Vec<Span>,
    /// Whether `cfg` keeps the item.
    pub(super) present: bool,
    /// Predicates whose value does not follow from the command line.
    pub(super) unknown: Vec<String>,
    /// The files named by `path = "…"`. With `cfg_attr` there can be several
    /// candidates.
    pub(super) paths: Vec<String>,
    /// Whether the default file is also a candidate, in addition to `paths`.
    pub(super) may_default: bool,
    /// The list of each `#[macro_use]`; empty if the attribute has no list.
    pub(super) macro_use: Vec<Span>,
}

/// Reads the attributes that start at `at`.
pub(super) fn read(file: &LexedFile, at: usize, cfgs: &Cfgs) -> OuterAttributes {
    let mut out = OuterAttributes::none(at);
    while let Some(inside) = attribute_at(file, out.end) {
        out.end = inside.end + 1;
        out.take(file, inside, cfgs, true);
    }
    out
}

/// Reads the inner attribute with these contents.
pub(super) fn inner(file: &LexedFile, inside: Span, cfgs: &Cfgs) -> OuterAttributes {
    let mut out = OuterAttributes::none(inside.end + 1);
    out.take(file, inside, cfgs, true);
    out
}

/// Returns the contents of the inner attribute at `at`.
pub(super) fn inner_at(file: &LexedFile, at: usize) -> Option<Span> {
    let is_inner = file.is(at, b'#') && file.is(at + 1, b'!') && file.is(at + 2, b'[');
    (is_inner && file.opens(at + 2)).then(|| file.inside(at + 2))
}

/// Returns the end of the outer attributes that start at `at`.
pub(super) fn skip(file: &LexedFile, mut at: usize) -> usize {
    while let Some(inside) = attribute_at(file, at) {
        at = inside.end + 1;
    }
    at
}

/// Returns the contents of the outer attribute at `at`.
pub(super) fn attribute_at(file: &LexedFile, at: usize) -> Option<Span> {
    (file.is(at, b'#') && file.is(at + 1, b'[') && file.opens(at + 1)).then(|| file.inside(at + 1))
}

/// Returns whether the attribute with these contents can change a result.
pub(super) fn counts(file: &LexedFile, inside: &Span) -> bool {
    if file.is_word(inside.start, "cfg_attr") && file.is(inside.start + 1, b'(') {
        let (_, parts) = cfg_attr(file, inside);
        return parts.iter().any(|part| counts(file, part));
    }
    if is_elsewhere(file, inside) {
        return true;
    }
    let is_joblib_target = match file.is_path_sep(inside.start + 1) {
        true => ours(file, inside),
        false => alias(file, inside.start).is_some(),
    };
    !(is_joblib_target || LINTS.contains(&file.text(inside.start)))
}

/// Returns the attribute of joblib that the name at `at` is an alias of.
fn alias(file: &LexedFile, at: usize) -> Option<Name> {
    file.shadowed()?.of_joblib(file.name(at)?)
}

/// Returns whether the attribute with these contents belongs to another crate, even
/// if it has a well-known name.
pub(super) fn is_elsewhere(file: &LexedFile, inside: &Span) -> bool {
    let (Some(shadowed), Some(name)) = (file.shadowed(), file.name(inside.start)) else {
        return false;
    };
    match file.is_path_sep(inside.start + 1) {
        true => {
            shadowed.is_crate(name)
                || last_of(file, inside).is_some_and(|it| shadowed.is_imported_elsewhere(it))
        }
        false => shadowed.is_attribute(name),
    }
}

/// Returns the last name of the path at the start of the attribute.
fn last_of(file: &LexedFile, inside: &Span) -> Option<Name> {
    let mut at = inside.start;
    while file.is_path_sep(at + 1) {
        at += 3;
    }
    file.name(at)
}

/// Returns the attribute with these contents or, for `cfg_attr`, the attributes in
/// it.
pub(super) fn all_parts(file: &LexedFile, inside: &Span) -> Vec<Span> {
    if file.is_word(inside.start, "cfg_attr") && file.is(inside.start + 1, b'(') {
        let (_, parts) = cfg_attr(file, inside);
        let nested = parts.iter().flat_map(|part| all_parts(file, part));
        return nested.collect();
    }
    vec![inside.clone()]
}

/// Returns whether the last path segment of an attribute is an attribute of joblib.
/// The crate may have been renamed.
fn ours(file: &LexedFile, inside: &Span) -> bool {
    last_of(file, inside).is_some_and(|last| JOBLIB_ATTRIBUTES.contains(&last.as_str()))
}

/// Returns the options of `#[memoize(…)]` that decide which calls share results.
/// Callers of the function depend on them as they do on its body. Empty for an
/// attribute without such options.
pub(super) fn settings(file: &LexedFile, inside: &Span, names: &[&str]) -> Vec<Vec<Span>> {
    if file.is_word(inside.start, "cfg_attr") && file.is(inside.start + 1, b'(') {
        let (_, parts) = cfg_attr(file, inside);
        let nested = parts.iter().flat_map(|part| settings(file, part, names));
        return nested.collect();
    }
    let open = inside.end.saturating_sub(1);
    let Some(open) = (inside.start..=open).find(|&at| file.opens(at)) else {
        return Vec::new();
    };
    let is_alias =
        open == inside.start + 1 && alias(file, inside.start).is_some_and(|name| name == "memoize");
    if !file.is_word(open - 1, "memoize") && !is_alias {
        return Vec::new();
    }
    let options = split(file, file.inside(open));
    let option = |name: &&str| options.iter().find(|span| file.is_word(span.start, name));
    let parts = |span: &Span| match file.is(span.start + 1, b'(') {
        true => {
            let mut parts = split(file, file.inside(span.start + 1));
            parts.sort_by_key(|part| file.text(part.start));
            parts.insert(0, span.start..span.start + 1);
            parts
        }
        false => vec![span.clone()],
    };
    names.iter().filter_map(option).map(parts).collect()
}

/// Splits `cfg_attr(predicate, attribute, …)` into the predicate and the attributes.
fn cfg_attr(file: &LexedFile, inside: &Span) -> (Span, Vec<Span>) {
    let mut parts = split(file, file.inside(inside.start + 1));
    if parts.is_empty() {
        return (inside.end..inside.end, parts);
    }
    let predicate = parts.remove(0);
    (predicate, parts)
}

/// Splits `span` at its commas.
pub(super) fn split(file: &LexedFile, span: Span) -> Vec<Span> {
    let mut parts = Vec::new();
    let mut start = span.start;
    let mut at = span.start;
    while at < span.end {
        if file.is(at, b',') {
            parts.push(start..at);
            start = at + 1;
        }
        at = file.after(at);
    }
    if start < span.end {
        parts.push(start..span.end);
    }
    parts
}

impl OuterAttributes {
    /// Returns an empty set of attributes that ends at `end`.
    fn none(end: usize) -> OuterAttributes {
        OuterAttributes {
            end,
            counted: Vec::new(),
            present: true,
            unknown: Vec::new(),
            paths: Vec::new(),
            may_default: true,
            macro_use: Vec::new(),
        }
    }

    /// Applies the inner attributes at `at`, which belong to the same item.
    pub(super) fn take_inner(&mut self, file: &LexedFile, mut at: usize, cfgs: &Cfgs) {
        while let Some(inside) = inner_at(file, at) {
            at = inside.end + 1;
            self.take(file, inside, cfgs, true);
        }
    }

    fn take(&mut self, file: &LexedFile, inside: Span, cfgs: &Cfgs, certain: bool) {
        let name = file.text(inside.start);
        let has_args = file.is(inside.start + 1, b'(');
        match name {
            "cfg" if has_args => self.cfg(file, file.inside(inside.start + 1), cfgs, certain),
            "cfg_attr" if has_args => self.cfg_attr(file, &inside, cfgs, certain),
            "path" if file.is(inside.start + 1, b'=') => {
                self.paths
                    .extend(literal::unquote(file.text(inside.start + 2)));
                self.may_default &= !certain;
            }
            "macro_use" => self.macro_use.push(match has_args {
                true => file.inside(inside.start + 1),
                false => inside.end..inside.end,
            }),
            _ if counts(file, &inside) => self.counted.push(inside),
            _ => {}
        }
    }

    fn cfg(&mut self, file: &LexedFile, predicate: Span, cfgs: &Cfgs, certain: bool) {
        match cfgs.eval(file, predicate.clone()) {
            Ternary::Yes => {}
            Ternary::No if certain => self.present = false,
            _ => self.unknown.push(render(file, predicate)),
        }
    }

    fn cfg_attr(&mut self, file: &LexedFile, inside: &Span, cfgs: &Cfgs, certain: bool) {
        let (predicate, parts) = cfg_attr(file, inside);
        let truth = cfgs.eval(file, predicate.clone());
        if truth == Ternary::No {
            return;
        }
        if truth == Ternary::Unknown {
            self.unknown.push(render(file, predicate));
        }
        for part in parts {
            self.take(file, part, cfgs, certain && truth == Ternary::Yes);
        }
    }
}
