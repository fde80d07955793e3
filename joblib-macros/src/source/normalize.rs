//! The canonical form of source text. Two texts have the same form if they differ
//! only in comments, layout, documentation, lints or what `rustfmt` rewrites. Two
//! texts with different meanings have different forms.

use xxhash_rust::xxh3::xxh3_128;

use super::attribute;
use super::known::macros::PLAIN;
use super::name::Name;
use super::syntax::{
    closing_bar, has_arms, is_arrow, is_callee, is_double, is_glued, is_macro_call,
    is_operand_before, is_statement_start, is_top_comma, is_unit_result, leaves_alike,
    single_expression,
};
use super::token::{LexedFile, Span, TokenKind};
use super::use_tree;

/// Returns the digest of bytes.
pub(super) fn hash(bytes: &[u8]) -> u128 {
    xxh3_128(bytes)
}

/// Returns whether the macro at `at` prints its condition on failure, because it has
/// no message.
fn is_condition_shown(file: &LexedFile, at: usize, open: usize) -> bool {
    matches!(file.text(at), "assert" | "debug_assert")
        && attribute::split(file, file.inside(open)).len() == 1
}

/// Returns the canonical bytes of the tokens in `span`. A placeholder replaces the
/// bare name `own`, so that renaming the function changes nothing.
pub(super) fn canonical(file: &LexedFile, span: Span, own: Option<&str>) -> Vec<u8> {
    let head = match own {
        Some(_) => attribute::skip(file, span.start),
        None => span.start,
    };
    let mut canon = Normalizer {
        file,
        own,
        head,
        is_text: false,
        out: Vec::new(),
    };
    canon.code(span, CodeContext::Items);
    canon.out
}

/// Returns the attribute tokens in `span` that the canonical form omits, as written.
pub(super) fn lints(file: &LexedFile, span: Span) -> Vec<u8> {
    let mut canon = Normalizer {
        file,
        own: None,
        head: span.start,
        is_text: true,
        out: Vec::new(),
    };
    for at in span {
        let open = at + 1 + usize::from(file.is(at + 1, b'!'));
        if file.is(at, b'#') && file.is(open, b'[') && file.opens(open) {
            let inside = file.inside(open);
            if !attribute::counts(file, &inside) {
                canon.exact(inside);
            }
        }
    }
    canon.out
}

/// The context of a token sequence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CodeContext {
    Items,
    Block,
    Match,
    Parens,
    /// Parentheses of a tuple with one element, whose comma counts.
    Single,
}

struct Normalizer<'a> {
    file: &'a LexedFile,
    own: Option<&'a str>,
    /// The end of the attributes of the function `own`.
    head: usize,
    /// Whether the code is converted to text by the compiler. Then only comments,
    /// layout and trailing commas are omitted.
    is_text: bool,
    out: Vec<u8>,
}

impl Normalizer<'_> {
    fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(0);
    }

    fn code(&mut self, span: Span, within: CodeContext) {
        let mut at = span.start;
        let mut in_where = false;
        while at < span.end {
            let token = self.file.get(at).expect("spans are within the file");
            at = match token.kind {
                TokenKind::Word => {
                    in_where |= self.file.is_word(at, "where");
                    self.word(at, &span)
                }
                TokenKind::Open => {
                    in_where &= token.byte != b'{';
                    self.group(at, &span)
                }
                TokenKind::Punct => self.punct(at, &span, within, &mut in_where),
                _ => {
                    self.put(self.file.text(at));
                    at + 1
                }
            };
        }
    }

    fn word(&mut self, at: usize, span: &Span) -> usize {
        let file = self.file;
        let text = file.text(at);
        if text == "use" && !self.is_text && is_statement_start(file, at, span) {
            return self.uses(at, span);
        }
        if text == "extern"
            && !self.is_text
            && (file.is_word(at + 1, "fn") || file.is(at + 1, b'{'))
        {
            self.put("extern");
            self.put("\"C\"");
            return at + 1;
        }
        if is_macro_call(file, at) {
            return self.macro_call(at);
        }
        let is_own = self.own == Some(text)
            && !(at > span.start && (file.is(at - 1, b'.') || file.is(at - 1, b':')))
            && !file.is(at + 1, b':');
        if is_own {
            self.put("\u{1}self");
        } else {
            self.put(text);
        }
        at + 1
    }

    fn macro_call(&mut self, at: usize) -> usize {
        let file = self.file;
        let open = (at + 2..).find(|&i| file.opens(i)).unwrap_or(at + 2);
        let after = file.after(open);
        self.put(file.text(at));
        let is_taken = |name| {
            file.shadowed()
                .is_some_and(|shadowed| shadowed.is_macro(name))
        };
        let is_taken = file.name(at).is_some_and(is_taken);
        let is_plain = open == at + 2 && PLAIN.contains(&file.text(at)) && !is_taken;
        if self.is_text {
            self.exact(at + 1..after);
            self.spaces(at + 1..after);
        } else if is_plain && is_condition_shown(file, at, open) {
            self.put("!");
            self.is_text = true;
            self.code(file.inside(open), CodeContext::Parens);
            self.is_text = false;
            if let Some(docs) = file.docs_within(file.inside(open)) {
                self.out.extend_from_slice(&docs.to_le_bytes());
            }
            self.put("]");
        } else if is_plain {
            let is_vec = file.is_word(at, "vec");
            self.put(if is_vec { "![" } else { "!" });
            self.code(file.inside(open), CodeContext::Parens);
            self.put("]");
        } else {
            self.exact(at + 1..after);
        }
        after
    }

    /// Writes tokens unchanged, because macros may distinguish what the compiler does
    /// not.
    fn exact(&mut self, span: Span) {
        for i in span.clone() {
            if i + 1 < span.end && is_glued(self.file, i) {
                self.out.push(1);
            }
            self.put(self.file.text(i));
        }
    }

    /// Writes which tokens are adjacent without whitespace.
    fn spaces(&mut self, span: Span) {
        let spacing = self.file.spacing(span);
        self.out.extend_from_slice(&spacing.to_le_bytes());
    }

    /// Writes a sequence of `use` statements in a canonical order, because their
    /// order has no meaning.
    fn uses(&mut self, mut at: usize, span: &Span) -> usize {
        let file = self.file;
        let mut leaves = Vec::new();
        while at < span.end && file.is_word(at, "use") {
            let start = at + 1;
            while at < span.end && !file.is(at, b';') {
                at = file.after(at);
            }
            for leaf in use_tree::flatten(file, start..at) {
                let name = leaf.name.map_or("*", Name::as_str);
                leaves.push(format!("use {} as {name}", leaf.path.text()));
            }
            at += 1;
        }
        leaves.sort();
        for leaf in leaves {
            self.put(&leaf);
        }
        at.min(span.end)
    }

    fn group(&mut self, at: usize, span: &Span) -> usize {
        let file = self.file;
        let inside = file.inside(at);
        let after = file.after(at);
        match file.text(at) {
            "(" => self.parens(at, span),
            "[" => {
                self.put("[");
                self.code(inside, CodeContext::Parens);
                self.put("]");
            }
            _ => {
                self.put("{");
                let within = if has_arms(file, &inside) {
                    CodeContext::Match
                } else {
                    CodeContext::Block
                };
                self.code(inside, within);
                self.put("}");
            }
        }
        after
    }

    fn parens(&mut self, at: usize, span: &Span) {
        let file = self.file;
        let inside = file.inside(at);
        let is_call = at > span.start && is_callee(file, at - 1);
        let wraps = !inside.is_empty()
            && file.is(inside.start, b'(')
            && file.after(inside.start) == inside.end;
        if !is_call && wraps && !self.is_text {
            self.parens(inside.start, &(inside.start..inside.end));
            return;
        }
        let within = if is_call {
            CodeContext::Parens
        } else {
            CodeContext::Single
        };
        self.put("(");
        self.code(inside, within);
        self.put(")");
    }

    fn punct(&mut self, at: usize, span: &Span, within: CodeContext, in_where: &mut bool) -> usize {
        let file = self.file;
        match file.text(at) {
            "#" if !self.is_text => {
                if let Some(next) = self.attribute(at, span) {
                    return next;
                }
            }
            "," if self.drops_comma(at, span, within, *in_where) => return at + 1,
            "&" | "|" if self.is_text && is_double(file, at, span) => self.out.push(1),
            _ if self.is_text => {}
            ";" => {
                *in_where = false;
                let repeated = at > span.start && file.is(at - 1, b';');
                if repeated || (at + 1 == span.end && leaves_alike(file, span, at)) {
                    return at + 1;
                }
            }
            "=" if within == CodeContext::Match && is_arrow(file, at) => return self.arm(at, span),
            "-" if is_unit_result(file, at, span) => return at + 4,
            "|" => return self.bar(at, span, within),
            "&" if is_double(file, at, span) && is_operand_before(file, at, span) => {
                self.put("&&");
                return at + 2;
            }
            _ => {}
        }
        self.put(file.text(at));
        at + 1
    }

    /// Skips or writes the attribute at `at`. Consecutive derives form one list.
    fn attribute(&mut self, at: usize, span: &Span) -> Option<usize> {
        let file = self.file;
        let open = if file.is(at + 1, b'!') {
            at + 2
        } else {
            at + 1
        };
        if !file.is(open, b'[') || !file.opens(open) || open >= span.end {
            return None;
        }
        let inside = file.inside(open);
        let after = file.after(open);
        if !attribute::counts(file, &inside) {
            self.settings(&inside, at < self.head);
            return Some(after);
        }
        if file.is_word(inside.start, "derive") {
            return Some(self.derives(at, span));
        }
        self.put("#[");
        self.code(inside, CodeContext::Parens);
        self.put("]");
        Some(after)
    }

    /// Writes the options that decide which calls of a memoized function share
    /// results. The function's own version is in its key.
    fn settings(&mut self, inside: &Span, is_own: bool) {
        let names: &[&str] = match is_own {
            true => &["ignore", "key", "store"],
            false => &["ignore", "key", "store", "version"],
        };
        for option in attribute::settings(self.file, inside, names) {
            for part in option {
                self.code(part, CodeContext::Parens);
                self.put(",");
            }
        }
    }

    fn derives(&mut self, mut at: usize, span: &Span) -> usize {
        let file = self.file;
        self.put("#derive");
        while at < span.end {
            let Some(inside) = attribute::attribute_at(file, at) else {
                break;
            };
            if attribute::counts(file, &inside) {
                if !file.is_word(inside.start, "derive") {
                    break;
                }
                for part in attribute::split(file, file.inside(inside.start + 1)) {
                    self.exact(part);
                    self.put(",");
                }
            }
            at = inside.end + 1;
        }
        at
    }

    fn drops_comma(&self, at: usize, span: &Span, within: CodeContext, in_where: bool) -> bool {
        let file = self.file;
        let next = at + 1;
        if next == span.end {
            let is_only = !span.clone().any(|i| i != at && is_top_comma(file, span, i));
            return !(within == CodeContext::Single && is_only);
        }
        file.is(next, b'>')
            || (in_where && (file.is(next, b'{') || file.is(next, b';')))
            || (within == CodeContext::Match && at > span.start && file.is(at - 1, b'}'))
    }

    /// Writes `=>` and, if the body is a single expression, the body without braces.
    fn arm(&mut self, at: usize, span: &Span) -> usize {
        let file = self.file;
        self.put("=>");
        let open = at + 2;
        let is_block = open < span.end && file.is(open, b'{') && file.opens(open);
        if !is_block {
            return open;
        }
        let after = file.after(open);
        if file.is(after, b'.') || file.is(after, b'?') {
            return open;
        }
        match single_expression(file, file.inside(open)) {
            Some(inner) => {
                let ends_in_braces = file.is(inner.end - 1, b'}');
                self.code(inner, CodeContext::Block);
                let is_last = after >= span.end || (file.is(after, b',') && after + 1 >= span.end);
                if !ends_in_braces && !is_last {
                    self.put(",");
                }
            }
            None => {
                self.group(open, span);
            }
        }
        if after < span.end && file.is(after, b',') {
            after + 1
        } else {
            after
        }
    }

    /// Writes a `|` that is an operator, precedes a pattern, or encloses the
    /// parameters of a closure.
    fn bar(&mut self, at: usize, span: &Span, within: CodeContext) -> usize {
        let file = self.file;
        let doubled = is_double(file, at, span);
        let leads = within == CodeContext::Match
            && !doubled
            && (at == span.start || file.is(at - 1, b',') || file.is(at - 1, b'}'));
        if leads {
            return at + 1;
        }
        if is_operand_before(file, at, span) {
            self.put(if doubled { "||" } else { "|" });
            return at + 1 + usize::from(doubled);
        }
        let Some(close) = closing_bar(file, at, span) else {
            self.put("|");
            return at + 1;
        };
        self.put("|");
        self.code(at + 1..close, CodeContext::Parens);
        self.put("|");
        self.closure_body(close + 1, span)
    }

    fn closure_body(&mut self, open: usize, span: &Span) -> usize {
        let file = self.file;
        if open >= span.end || !file.is(open, b'{') || !file.opens(open) {
            return open;
        }
        let after = file.after(open);
        let ends = after >= span.end || file.is(after, b',') || file.is(after, b';');
        match single_expression(file, file.inside(open)) {
            Some(inner) if ends => {
                self.code(inner, CodeContext::Block);
                after
            }
            _ => open,
        }
    }
}
