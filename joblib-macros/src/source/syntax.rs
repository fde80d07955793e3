//! Determines the role of a token from the tokens around it.

use super::token::{LexedFile, Span, TokenKind};

pub(super) fn is_statement_start(file: &LexedFile, at: usize, span: &Span) -> bool {
    at == span.start
        || [b';', b'{', b'}', b']']
            .iter()
            .any(|&byte| file.is(at - 1, byte))
}

/// Returns whether `name!` and a group start at `at`.
pub(super) fn is_macro_call(file: &LexedFile, at: usize) -> bool {
    let text = file.text(at);
    if !file.is(at + 1, b'!') || (is_keyword(text) && !is_later_keyword(text)) {
        return false;
    }
    file.opens(at + 2) || (file.is_word(at, "macro_rules") && file.opens(at + 3))
}

/// Returns whether a word is a keyword only since the 2018 edition.
pub(super) fn is_later_keyword(word: &str) -> bool {
    matches!(word, "async" | "await" | "dyn")
}

/// Returns whether a word is a keyword that cannot end an operand.
pub(super) fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "as" | "async"
            | "await"
            | "box"
            | "break"
            | "const"
            | "continue"
            | "dyn"
            | "else"
            | "enum"
            | "extern"
            | "fn"
            | "for"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "pub"
            | "ref"
            | "return"
            | "static"
            | "struct"
            | "trait"
            | "type"
            | "unsafe"
            | "use"
            | "where"
            | "while"
            | "yield"
    )
}

/// Returns whether parentheses after the token at `at` contain arguments.
pub(super) fn is_callee(file: &LexedFile, at: usize) -> bool {
    let text = file.text(at);
    match file.get(at).map(|token| token.kind) {
        Some(TokenKind::Word) => text == "fn" || !is_keyword(text),
        Some(TokenKind::Close) => text != "}" && !ends_before_item(file, at),
        _ => matches!(text, "!" | "?") || (text == ">" && ends_arguments(file, at)),
    }
}

/// Returns whether an attribute or a visibility ends at `at`. Parentheses after it do
/// not belong to it.
fn ends_before_item(file: &LexedFile, at: usize) -> bool {
    let open = file.mate(at);
    let Some(before) = open.checked_sub(1) else {
        return false;
    };
    match file.text(open) {
        "[" => {
            let mark = before - usize::from(file.is(before, b'!') && before > 0);
            file.is(mark, b'#')
        }
        _ => file.is_word(before, "pub"),
    }
}

/// Returns whether the `>` at `at` ends generic arguments or parameters. A comparison
/// has a space after it in formatted code.
fn ends_arguments(file: &LexedFile, at: usize) -> bool {
    if !file.is_joint(at) {
        return false;
    }
    let mut depth = 0;
    let mut open = at;
    loop {
        match file.get(open).map(|token| token.kind) {
            Some(TokenKind::Close) => open = file.mate(open),
            Some(TokenKind::Open) => return false,
            _ if file.is(open, b'>') && !ends_arrow(file, open) => depth += 1,
            _ if file.is(open, b'<') => depth -= 1,
            _ if file.is(open, b';') => return false,
            _ => {}
        }
        let Some(before) = open.checked_sub(1) else {
            return false;
        };
        if depth == 0 {
            let declares = matches!(file.text(open.saturating_sub(2)), "fn" | "struct");
            return declares || (open > 1 && file.is_path_sep(open - 2));
        }
        open = before;
    }
}

/// Returns whether the compiler treats the tokens at `at` and `at + 1` as one token.
pub(super) fn is_glued(file: &LexedFile, at: usize) -> bool {
    const GLUED: &[&str] = &[
        "==", "=>", "!=", "<=", ">=", "<-", "<<", ">>", "->", "&&", "||", "::", "..", ".=", "+=",
        "-=", "*=", "/=", "%=", "^=", "&=", "|=",
    ];
    let is_pair = |pair: &&str| {
        let (one, other) = (pair.as_bytes()[0], pair.as_bytes()[1]);
        file.is(at, one) && file.is(at + 1, other)
    };
    file.is_joint(at) && GLUED.iter().any(is_pair)
}

pub(super) fn ends_arrow(file: &LexedFile, at: usize) -> bool {
    at > 0 && file.is_joint(at - 1) && (file.is(at - 1, b'=') || file.is(at - 1, b'-'))
}

pub(super) fn is_operand_before(file: &LexedFile, at: usize, span: &Span) -> bool {
    if at == span.start {
        return false;
    }
    let text = file.text(at - 1);
    match file.get(at - 1).map(|token| token.kind) {
        Some(TokenKind::Word) => text == "await" || !is_keyword(text),
        Some(TokenKind::Close) => true,
        Some(TokenKind::Literal | TokenKind::Lifetime) => true,
        _ => text == "?" || (text == ">" && !ends_arrow(file, at - 1)),
    }
}

pub(super) fn is_double(file: &LexedFile, at: usize, span: &Span) -> bool {
    at + 1 < span.end && file.is_joint(at) && file.text(at) == file.text(at + 1)
}

pub(super) fn is_arrow(file: &LexedFile, at: usize) -> bool {
    file.is(at, b'=') && file.is(at + 1, b'>') && file.is_joint(at)
}

pub(super) fn has_arms(file: &LexedFile, inside: &Span) -> bool {
    let mut at = inside.start;
    while at < inside.end {
        if is_arrow(file, at) {
            return true;
        }
        at = file.after(at);
    }
    false
}

pub(super) fn is_top_comma(file: &LexedFile, span: &Span, i: usize) -> bool {
    if !file.is(i, b',') {
        return false;
    }
    let mut at = span.start;
    while at < i {
        at = file.after(at);
    }
    at == i
}

/// Returns whether there is a redundant `-> ()` at `at`.
pub(super) fn is_unit_result(file: &LexedFile, at: usize, span: &Span) -> bool {
    at > span.start
        && file.is(at - 1, b')')
        && file.is(at + 1, b'>')
        && file.is(at + 2, b'(')
        && file.is(at + 3, b')')
        && (file.is(at + 4, b'{') || file.is(at + 4, b';') || file.is_word(at + 4, "where"))
}

/// Returns the bar that ends the parameters of the closure at `at`.
pub(super) fn closing_bar(file: &LexedFile, at: usize, span: &Span) -> Option<usize> {
    let mut i = at + 1;
    while i < span.end {
        if file.is(i, b'|') {
            return Some(i);
        }
        i = file.after(i);
    }
    None
}

/// Returns whether the statement that ends with the `;` at `end` leaves its block.
fn leaves_block(file: &LexedFile, span: &Span, end: usize) -> bool {
    leaving(file, span, end).is_some()
}

/// Returns whether that statement behaves the same without its `;`. Editions before
/// 2024 drop the temporaries of a trailing expression after the local variables of
/// the block, and those of a statement before them.
pub(super) fn leaves_alike(file: &LexedFile, span: &Span, end: usize) -> bool {
    let makes_nothing = |i: usize| {
        let kind = file.get(i).map(|token| token.kind);
        matches!(
            kind,
            Some(TokenKind::Word | TokenKind::Literal | TokenKind::Lifetime)
        ) || file.is(i, b'.')
    };
    let start = leaving(file, span, end);
    start.is_some_and(|start| start == span.start || (start..end).all(makes_nothing))
}

/// Returns the start of the statement that ends with the `;` at `end`, if it leaves
/// its block.
fn leaving(file: &LexedFile, span: &Span, end: usize) -> Option<usize> {
    let mut start = span.start;
    let mut at = span.start;
    while at < end {
        let next = file.after(at);
        let boundary = file.is(at, b';') || (file.opens(at) && file.is(at, b'{'));
        if boundary && next < end {
            start = next;
        }
        at = next;
    }
    matches!(file.text(start), "return" | "break" | "continue").then_some(start)
}

/// Returns the expression in a block that consists of a single expression.
pub(super) fn single_expression(file: &LexedFile, inside: Span) -> Option<Span> {
    let mut span = inside;
    if span.is_empty() || file.is(span.start, b'#') {
        return None;
    }
    let last = span.end - 1;
    if file.is(last, b';') && leaves_block(file, &span, last) {
        span.end = last;
    }
    let mut at = span.start;
    while at < span.end {
        if file.is(at, b';') {
            return None;
        }
        at = file.after(at);
    }
    (!span.is_empty()).then_some(span)
}

/// Returns whether a word is a primitive type.
pub(super) fn is_primitive(word: &str) -> bool {
    matches!(
        word,
        "bool"
            | "char"
            | "str"
            | "u8"
            | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "usize"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "i128"
            | "isize"
            | "f32"
            | "f64"
    )
}
