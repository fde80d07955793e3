//! Which tokens of a macro's definition stand where it is called, and not within
//! the body of something that it defines.

use super::syntax::is_keyword;
use super::token::{File, Span};

/// How far down tokens are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// What stands right where the macro is called.
    Call,
    /// What stands in impls, traits and modules there too.
    Items,
}

/// The places of the tokens in the definition `body` that stand where the macro
/// is called.
pub(super) fn outer(file: &File, body: Span, level: Level) -> Vec<usize> {
    let mut found = Vec::new();
    for arm in arms(file, body) {
        walk(file, arm, level, &mut found);
    }
    found
}

/// Whether a macro of this definition may import something where it is called.
pub(super) fn imports(file: &File, body: Span) -> bool {
    let mut outer = outer(file, body, Level::Call).into_iter();
    outer.any(|at| {
        (file.is_word(at, "use") && !file.is(at + 1, b'<'))
            || (file.is_word(at, "extern") && file.is_word(at + 1, "crate"))
    })
}

/// What stands for a call in each rule of a macro.
fn arms(file: &File, body: Span) -> Vec<Span> {
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

fn walk(file: &File, span: Span, level: Level, found: &mut Vec<usize>) {
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
            let has_items = level == Level::Items
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
