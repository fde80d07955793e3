//! Determines from the tokens around a name which type it belongs to.

use crate::source::attribute;
use crate::source::impl_header::after_angles;
use crate::source::name::Map;
use crate::source::syntax::is_arrow;
use crate::source::token::{LexedFile, TokenKind};

/// Returns whether the called name at `at` follows exactly `self.`.
pub(super) fn is_self(file: &LexedFile, at: usize) -> bool {
    at > 1 && file.is_word(at - 2, "self") && !(at > 2 && file.is(at - 3, b'.'))
}

/// Returns the number of arguments of the method call at `at`, unless a `|`, an angle
/// bracket or a `cfg` condition among them makes it ambiguous.
pub(super) fn arguments(file: &LexedFile, at: usize) -> Option<usize> {
    let open = match file.is_path_sep(at + 1) {
        true => after_angles(file, at + 3, file.len()),
        false => at + 1,
    };
    if !file.is(open, b'(') || !file.opens(open) {
        return None;
    }
    let inside = file.inside(open);
    let parts = attribute::split(file, inside.clone());
    let is_open = |at| [b'|', b'<', b'#'].iter().any(|&byte| file.is(at, byte));
    let mut at = inside.start;
    while at < inside.end {
        if is_open(at) {
            return None;
        }
        at = file.after(at);
    }
    Some(parts.len())
}

/// Returns the earliest end of the bounds that follow a `dyn` before `start`.
pub(super) fn end_of_bounds(file: &LexedFile, start: usize) -> usize {
    let mut at = start;
    while at < file.len() {
        let ends = [b',', b';', b'=', b'{', b'>'];
        if file.is(at, b'-') && file.is(at + 1, b'>') {
            at += 2;
        } else if file.is(at, b'<') {
            at = after_angles(file, at, file.len());
        } else if ends.iter().any(|&byte| file.is(at, byte))
            || file
                .get(at)
                .is_some_and(|token| token.kind == TokenKind::Close)
        {
            break;
        } else {
            at = file.after(at);
        }
    }
    at
}

/// A cache of which commas separate generic arguments, so that each comma of a long
/// list is examined once.
#[derive(Debug, Default)]
pub(super) struct AngleCommas(Map<u32, bool>);

impl AngleCommas {
    /// Returns whether the name at `at` may be an associated type, as in `Has<Out =
    /// T>` and `Has<Out: Bound>`. No path leads to such a name.
    pub(super) fn is_projection(&mut self, file: &LexedFile, at: usize) -> bool {
        let mut next = at + 1;
        if file.is(next, b'<') && at > 0 && (file.is(at - 1, b'<') || file.is(at - 1, b',')) {
            next = after_angles(file, next, file.len());
        }
        let is_equal = file.is(next, b'=') && !is_arrow(file, next);
        let is_bound = file.is(next, b':') && !file.is_path_sep(next);
        (is_equal || is_bound) && at > 0 && self.is_argument(file, at - 1)
    }

    /// Returns whether the token at `before` starts a generic argument.
    fn is_argument(&mut self, file: &LexedFile, before: usize) -> bool {
        if file.is(before, b'<') {
            return true;
        }
        if !file.is(before, b',') {
            return false;
        }
        let found = self.look(file, before);
        self.0.insert(before as u32, found);
        found
    }

    fn look(&self, file: &LexedFile, before: usize) -> bool {
        let mut depth = 0;
        let mut at = before;
        while at > 0 {
            at -= 1;
            match file.get(at).map(|token| token.kind) {
                Some(TokenKind::Close) => at = file.mate(at),
                Some(TokenKind::Open) => return false,
                _ if file.is(at, b';') => return false,
                _ if file.is(at, b'>') && !(at > 0 && file.is(at - 1, b'-')) => depth += 1,
                _ if file.is(at, b'<') && depth == 0 => return true,
                _ if file.is(at, b'<') => depth -= 1,
                _ => match self.0.get(&(at as u32)) {
                    // No angle bracket is open at that comma, so none is open here.
                    Some(false) => return false,
                    Some(true) if depth == 0 => return true,
                    _ => {}
                },
            }
        }
        false
    }
}
