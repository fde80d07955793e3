//! Finds where local variables shadow names: from the statement that binds the
//! variable to the end of its block and, for parameters, in the body of the function.

use crate::source::impl_header::after_angles;
use crate::source::name::{Map, Name};
use crate::source::syntax::is_keyword;
use crate::source::token::{LexedFile, Span};

/// The names of local variables with the token ranges in which they are in scope.
#[derive(Debug, Default)]
pub(super) struct LocalNames(Map<Name, Vec<Span>>);

impl LocalNames {
    /// Returns whether `name` is a local variable at `at`.
    pub(super) fn has(&self, name: Name, at: usize) -> bool {
        let scopes = self.0.get(&name).map_or(&[][..], Vec::as_slice);
        scopes.iter().any(|scope| scope.contains(&at))
    }

    /// Reads a function without items in its body, because an item could shadow the
    /// variable in turn.
    pub(super) fn of(file: &LexedFile, name_at: usize, body: &Span) -> LocalNames {
        let mut locals = LocalNames::default();
        let open = match file.is(name_at + 1, b'<') {
            true => after_angles(file, name_at + 1, body.start),
            false => name_at + 1,
        };
        if file.is(open, b'(') && file.opens(open) {
            locals.parameters(file, file.inside(open), body);
        }
        locals.block(file, body.clone());
        locals
    }

    /// Binds the parameters whose pattern is a plain name.
    fn parameters(&mut self, file: &LexedFile, span: Span, body: &Span) {
        let mut at = span.start;
        while at < span.end {
            let is_start = at == span.start || file.is(at - 1, b',') || is_mutable(file, at);
            if is_start && file.is(at + 1, b':') && !file.is_path_sep(at + 1) {
                self.bind(file, at, body.clone());
            }
            at = file.after(at);
        }
    }

    /// Reads the statements in `span` and in all groups in it.
    fn block(&mut self, file: &LexedFile, span: Span) {
        let mut at = span.start;
        while at < span.end {
            let is_start =
                at == span.start || [b'{', b'}', b';'].iter().any(|&byte| file.is(at - 1, byte));
            if is_start && file.is_word(at, "let") {
                self.statement(file, at + 1..span.end);
            }
            if file.opens(at) {
                self.block(file, file.inside(at));
            }
            at = file.after(at);
        }
    }

    /// Reads a `let` whose pattern is at the start of `span`. `span` ends with the
    /// block.
    fn statement(&mut self, file: &LexedFile, span: Span) {
        let mut pattern = span.start..span.end;
        let mut at = span.start;
        while at < span.end && !file.is(at, b';') {
            let is_type = file.is(at, b':') && !file.is_path_sep(at) && !file.is_path_sep(at - 1);
            if is_type || file.is(at, b'=') {
                pattern.end = pattern.end.min(at);
            }
            at = file.after(at);
        }
        pattern.end = pattern.end.min(at);
        let scope = at..span.end;
        if pattern.clone().any(|at| file.is(at, b'!')) {
            return;
        }
        for at in pattern.clone() {
            let is_path = file.is_path_sep(at + 1) || (at > 1 && file.is_path_sep(at - 2));
            let is_field = file.is(at + 1, b':') && at + 1 < pattern.end;
            let has_more = file.opens(at + 1) || is_field;
            if !is_path && !has_more {
                self.bind(file, at, scope.clone());
            }
        }
    }

    fn bind(&mut self, file: &LexedFile, at: usize, scope: Span) {
        if let Some(name) = file.name(at)
            && !is_keyword(name.as_str())
        {
            let scopes = self.0.entry(name).or_default();
            scopes.extend([at..at + 1, scope]);
        }
    }
}

fn is_mutable(file: &LexedFile, at: usize) -> bool {
    at > 1 && file.is_word(at - 1, "mut") && (file.is(at - 2, b'(') || file.is(at - 2, b','))
}
