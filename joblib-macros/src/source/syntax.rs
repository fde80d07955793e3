//! What a token stands for, told from the tokens around it.

use super::token::{LexedFile, Span, TokenKind};

pub(super) fn is_statement_start(file: &LexedFile, at: usize, span: &Span) -> bool {
    at == span.start
        || [b';', b'{', b'}', b']']
            .iter()
            .any(|&byte| file.is(at - 1, byte))
}

/// Whether `name!` and a group start at `at`.
pub(super) fn is_macro_call(file: &LexedFile, at: usize) -> bool {
    let text = file.text(at);
    if !file.is(at + 1, b'!') || (is_keyword(text) && !is_later_keyword(text)) {
        return false;
    }
    file.opens(at + 2) || (file.is_word(at, "macro_rules") && file.opens(at + 3))
}

/// Words that are names in the first edition.
pub(super) fn is_later_keyword(word: &str) -> bool {
    matches!(word, "async" | "await" | "dyn")
}

/// Words that end no operand.
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

/// Whether parentheses after the token at `at` are arguments.
pub(super) fn is_callee(file: &LexedFile, at: usize) -> bool {
    let text = file.text(at);
    match file.get(at).map(|token| token.kind) {
        Some(TokenKind::Word) => text == "fn" || !is_keyword(text),
        Some(TokenKind::Close) => text != "}" && !ends_before_item(file, at),
        _ => matches!(text, "!" | "?") || (text == ">" && ends_arguments(file, at)),
    }
}

/// Whether an attribute or a visibility ends at `at`, which has nothing to do with
/// the parentheses after it.
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

/// Whether the `>` at `at` ends the arguments or the parameters of a function or a
/// type, and compares nothing, which has a space after it wherever it is laid out.
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

/// Whether the compiler takes the tokens at `at` and after it for one.
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

/// Whether `-> ()` at `at` says what its absence says.
pub(super) fn is_unit_result(file: &LexedFile, at: usize, span: &Span) -> bool {
    at > span.start
        && file.is(at - 1, b')')
        && file.is(at + 1, b'>')
        && file.is(at + 2, b'(')
        && file.is(at + 3, b')')
        && (file.is(at + 4, b'{') || file.is(at + 4, b';') || file.is_word(at + 4, "where"))
}

/// The bar that ends the parameters of a closure which starts at `at`.
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

/// Whether the statement that ends with the `;` at `end` leaves its block.
fn leaves_block(file: &LexedFile, span: &Span, end: usize) -> bool {
    leaving(file, span, end).is_some()
}

/// Whether that statement does the same without its `;`. Editions before 2024 drop
/// what an expression at the end of a block has made after the variables there, and
/// what a statement has made before them.
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

/// Where the statement that ends with the `;` at `end` starts, if it leaves its block.
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

/// What stands in a block that is one expression.
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

/// Types that the language brings.
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
