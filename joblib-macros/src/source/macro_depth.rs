//! Finds the tokens of a macro definition that are emitted directly at the call, and
//! not in the body of an item that the macro defines.

use super::syntax::is_keyword;
use super::token::{LexedFile, Span};

/// The depth up to which tokens are considered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum MacroDepth {
    /// Tokens directly at the call.
    Call,
    /// Also tokens in impls, traits and modules there.
    Items,
}

/// Returns the indexes of the tokens in the definition `body` that are emitted at the
/// call, down to `level`.
pub(super) fn outer(file: &LexedFile, body: Span, level: MacroDepth) -> Vec<usize> {
    let mut found = Vec::new();
    for arm in arms(file, body) {
        walk(file, arm, level, &mut found);
    }
    found
}

/// Returns whether a macro with this definition may import something at its call.
pub(super) fn imports(file: &LexedFile, body: Span) -> bool {
    let mut outer = outer(file, body, MacroDepth::Call).into_iter();
    outer.any(|at| {
        (file.is_word(at, "use") && !file.is(at + 1, b'<'))
            || (file.is_word(at, "extern") && file.is_word(at + 1, "crate"))
    })
}

/// Returns whether a macro matches the contents of attributes in its input, as
/// `#[$key:ident = $value:literal]` does. Documentation is also an attribute.
pub(super) fn matches_docs(file: &LexedFile, body: Span) -> bool {
    let mut at = body.start;
    while at < body.end {
        let next = file.after(at);
        let is_matcher = file.opens(at) && file.is(next, b'=') && file.is(next + 1, b'>');
        if is_matcher && file.inside(at).any(|at| matches_attribute(file, at)) {
            return true;
        }
        at = next;
    }
    false
}

/// Returns whether a pattern matches the contents of an attribute at `at`.
fn matches_attribute(file: &LexedFile, at: usize) -> bool {
    let after_hash = at > 0 && file.is(at - 1, b'#');
    if after_hash && file.is(at, b'$') {
        return true;
    }
    if !(file.is(at, b'[') && file.opens(at)) {
        return false;
    }
    let mut inside = file.inside(at);
    inside.any(|at| {
        let takes = |at: usize| fragment(file, at).is_some_and(|fragment| fragment != "meta");
        (after_hash && takes(at)) || (file.is(at, b'=') && takes(at + 1))
    })
}

/// Returns whether the output of a macro may depend on the number of attributes in
/// its input, including documentation: it matches single tokens, distinguishes one
/// attribute from none, or does more with an attribute than put it in front of
/// something.
pub(super) fn depends_on_docs(file: &LexedFile, body: Span) -> bool {
    let mut at = body.start;
    while at < body.end {
        let next = file.after(at);
        let is_matcher = file.opens(at) && file.is(next, b'=') && file.is(next + 1, b'>');
        if is_matcher && file.opens(next + 2) {
            let made = file.inside(next + 2);
            if file.inside(at).any(|at| counts(file, at, &made)) {
                return true;
            }
        }
        at = next;
    }
    false
}

/// Returns whether a pattern counts attributes at `at`; `made` is the output of the
/// rule.
fn counts(file: &LexedFile, at: usize, made: &Span) -> bool {
    if file.is(at, b'#') && file.is(at + 1, b'[') {
        let around = file.around(at);
        return !around.is_some_and(|open| open > 0 && file.is(open - 1, b'$'));
    }
    match fragment(file, at) {
        Some("tt") => true,
        Some("meta") => {
            let is_same = |i: usize| file.is(i, b'$') && file.text(i + 1) == file.text(at + 1);
            made.clone().any(|i| is_same(i) && !is_prefix_only(file, i))
        }
        _ => false,
    }
}

/// Returns whether the variable at `at` is the only content of `$(#[$variable])*`.
fn is_prefix_only(file: &LexedFile, at: usize) -> bool {
    let within = |open: usize| {
        file.around(open)
            .map(|around| (around, file.inside(around)))
    };
    let Some((bracket, inside)) = within(at) else {
        return false;
    };
    let Some((open, all)) = within(bracket) else {
        return false;
    };
    let is_attribute = file.is(bracket, b'[') && inside == (at..at + 2);
    let is_alone = bracket > 0 && file.is(bracket - 1, b'#') && all == (bracket - 1..at + 3);
    is_attribute && is_alone && open > 0 && file.is(open - 1, b'$')
}

/// Returns the fragment kind of the pattern variable at `at`, if one starts there.
fn fragment(file: &LexedFile, at: usize) -> Option<&str> {
    let is_variable = file.is(at, b'$') && file.is_word_kind(at + 1) && file.is(at + 2, b':');
    is_variable.then(|| file.text(at + 3))
}

/// Returns the output of each rule of a macro.
fn arms(file: &LexedFile, body: Span) -> Vec<Span> {
    let mut arms = Vec::new();
    let mut at = body.start;
    while at < body.end {
        if file.opens(at) && at > body.start && file.is(at - 1, b'>') {
            arms.push(file.inside(at));
        }
        at = file.after(at);
    }
    if arms.is_empty() {
        arms.push(body);
    }
    arms
}

fn walk(file: &LexedFile, span: Span, level: MacroDepth, found: &mut Vec<usize>) {
    let mut head = "";
    let mut at = span.start;
    while at < span.end {
        found.push(at);
        if file.is_word_kind(at) && is_keyword(file.text(at)) && head != "fn" {
            head = match file.text(at) {
                word @ ("fn" | "impl" | "trait" | "mod" | "extern") => word,
                _ => head,
            };
        }
        if file.opens(at) {
            let is_repeated = file.is(at, b'(') && at > span.start && file.is(at - 1, b'$');
            let is_given = at > span.start && file.is(at - 1, b'!');
            let has_items = level == MacroDepth::Items
                && file.is(at, b'{')
                && matches!(head, "impl" | "trait" | "mod" | "extern");
            if is_repeated || is_given || has_items {
                walk(file, file.inside(at), level, found);
            }
        }
        if file.is(at, b';') || (file.opens(at) && file.is(at, b'{')) {
            head = "";
        }
        at = file.after(at);
    }
}
