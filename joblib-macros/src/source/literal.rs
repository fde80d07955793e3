//! Evaluates the arguments of `include!`, `env!` and similar macros, if they consist
//! of literals, `concat!`, `stringify!` and `env!`.

use syn::Lit;

use super::token::{LexedFile, Span, TokenKind};

/// Supplies the values that the tokens alone do not contain.
pub(super) struct LiteralContext<'a> {
    /// The value of an environment variable.
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
    /// The replacement for a fragment such as `$path` of a macro, and for the output
    /// of another macro.
    pub(super) fragment: Option<&'a str>,
}

impl LiteralContext<'_> {
    /// Returns the text that `span` evaluates to.
    pub(super) fn text(&self, file: &LexedFile, span: Span) -> Option<String> {
        let mut text = String::new();
        self.append(file, span, &mut text)?;
        Some(text)
    }

    fn append(&self, file: &LexedFile, span: Span, text: &mut String) -> Option<()> {
        let mut at = span.start;
        while at < span.end {
            let is_call = file.is_word_kind(at) && file.is(at + 1, b'!') && file.opens(at + 2);
            if file.is(at, b',') {
                at += 1;
            } else if is_call {
                let inside = file.inside(at + 2);
                match file.text(at) {
                    "concat" => self.append(file, inside, text)?,
                    "stringify" => self.append_words(file, inside, text)?,
                    "env" => {
                        let first = first_argument(file, inside);
                        let name = self.text(file, first)?;
                        text.push_str(&(self.variable)(&name)?);
                    }
                    _ => text.push_str(self.fragment?),
                }
                at = file.after(at + 2);
            } else if file.is(at, b'$') {
                text.push_str(self.fragment?);
                at = after_fragment(file, at);
            } else {
                text.push_str(&unquote(file.text(at))?);
                at += 1;
            }
        }
        Some(())
    }

    /// Appends the result of `stringify!` for one word or fragment.
    fn append_words(&self, file: &LexedFile, span: Span, text: &mut String) -> Option<()> {
        if file.is(span.start, b'$') {
            text.push_str(self.fragment?);
            return (after_fragment(file, span.start) == span.end).then_some(());
        }
        text.push_str(file.text(span.start));
        (span.len() == 1).then_some(())
    }
}

/// Returns the index after `$name` or `$(…)*` at `at`.
pub(super) fn after_fragment(file: &LexedFile, at: usize) -> usize {
    let mut next = file.after(at + 1);
    if file.opens(at + 1) {
        let is_mark = |i| [b'*', b'+', b'?'].iter().any(|&mark| file.is(i, mark));
        next += if is_mark(next) { 1 } else { 2 };
    }
    next
}

fn first_argument(file: &LexedFile, span: Span) -> Span {
    let comma = span.clone().find(|&i| file.is(i, b','));
    span.start..comma.unwrap_or(span.end)
}

/// Returns the text of a literal, as in `concat!`.
pub(super) fn unquote(literal: &str) -> Option<String> {
    // The common case needs no parser.
    let plain = literal
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    if let Some(plain) = plain.filter(|plain| !plain.contains(['\\', '"'])) {
        return Some(plain.to_owned());
    }
    match syn::parse_str(literal).ok()? {
        Lit::Str(text) => Some(text.value()),
        Lit::Char(c) => Some(c.value().to_string()),
        Lit::Bool(truth) => Some(truth.value.to_string()),
        Lit::Int(number) => Some(number.base10_digits().to_owned()),
        _ => None,
    }
}

/// Returns the text of each string literal in `span`.
pub(super) fn strings(file: &LexedFile, span: Span) -> impl Iterator<Item = String> {
    span.filter(|&i| {
        file.get(i)
            .is_some_and(|token| token.kind == TokenKind::Literal)
    })
    .filter(|&i| file.text(i).contains('"'))
    .filter_map(|i| unquote(file.text(i)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(code: &str, fragment: Option<&str>) -> Option<String> {
        let file = LexedFile::new("".into(), code.to_owned());
        let variable = |name: &str| (name == "OUT").then(|| "/out".to_owned());
        let known = LiteralContext {
            variable: &variable,
            fragment,
        };
        known.text(&file, file.all())
    }

    #[test]
    fn literals_in_every_form_are_texts() {
        assert_eq!(text(r##"r#"a"b"#"##, None).as_deref(), Some("a\"b"));
        assert_eq!(text(r#""a\x41\n""#, None).as_deref(), Some("aA\n"));
        assert_eq!(
            text("concat!(\"a\", 'b', 1, true)", None).as_deref(),
            Some("ab1true")
        );
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        let code = "concat!(env!(\"OUT\"), concat!(\"/\", $p, \".rs\"))";
        assert_eq!(text(code, None), None);
        assert_eq!(text(code, Some("pb")).as_deref(), Some("/out/pb.rs"));
        assert_eq!(text("concat!(env!(\"IN\"), \"/x\")", None), None);
        assert_eq!(text("name()", None), None);
    }
}
