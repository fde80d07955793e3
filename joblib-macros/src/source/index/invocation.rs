//! Items in the input of a macro in item position: `include!` of a known file,
//! `cfg_if!`, and other macros that emit their input unchanged.

use std::path::Path as FilePath;

use super::IndexPosition;
use crate::source::cfg::{self, Ternary};
use crate::source::database::{CrateDb, ItemId};
use crate::source::scan::ScannedItem;
use crate::source::token::{LexedFile, Span};

impl CrateDb {
    /// Reads the items that `include!` or a macro such as `cfg_if!` emits.
    pub(super) fn read_invocation(
        &mut self,
        place: &IndexPosition,
        file: &LexedFile,
        found: &ScannedItem,
        body: Span,
        id: ItemId,
    ) {
        if file.is_word(found.name_at, "include") {
            let Some(path) = self.file_argument(place.krate, file, body, None) else {
                self.crates[place.krate as usize].unread.push(id);
                return;
            };
            let dir = path.parent().unwrap_or(FilePath::new("")).to_owned();
            self.read_module_file(place, &path, dir, place.module);
            return;
        }
        let place = IndexPosition {
            receiving_call: Some(id),
            ..place.clone()
        };
        if file.is_word(found.name_at, "cfg_if") {
            self.read_branches(&place, file, body);
            return;
        }
        let groups = std::iter::once(body.clone()).chain(
            body.filter(|&i| file.is(i, b'{') && file.opens(i))
                .map(|i| file.inside(i)),
        );
        for group in groups {
            if declares_module(file, &group) {
                self.read_items(&place, group);
            }
        }
    }

    /// Reads `if #[cfg(a)] { … } else if #[cfg(b)] { … } else { … }`: the items of
    /// the first branch whose predicate holds, and of all branches before it that may
    /// hold.
    pub(super) fn read_branches(&mut self, place: &IndexPosition, file: &LexedFile, body: Span) {
        let mut place = place.clone();
        let mut truth = Ternary::Yes;
        let mut next = body.start;
        while next < body.end {
            let at = next;
            next = file.after(at);
            if file.is(at, b'#') && file.is(at + 1, b'[') && file.is_word(at + 2, "cfg") {
                let predicate = file.inside(at + 3);
                truth = self.krate(place.krate).cfgs.eval(file, predicate.clone());
                if truth == Ternary::Unknown {
                    place.unknown.push(cfg::render(file, predicate));
                }
            }
            if file.is(at, b'{') && file.opens(at) && is_branch(file, at) {
                if truth != Ternary::No {
                    self.read_items(&place, file.inside(at));
                }
                if truth == Ternary::Yes {
                    return;
                }
                truth = Ternary::Yes;
            }
        }
    }
}

/// Returns whether the braces at `at` are a branch of `cfg_if!`: they follow a
/// condition or `else`.
fn is_branch(file: &LexedFile, at: usize) -> bool {
    at > 0 && (file.is(at - 1, b']') || file.is_word(at - 1, "else"))
}

/// Returns whether a macro's arguments declare a module in a separate file.
fn declares_module(file: &LexedFile, group: &Span) -> bool {
    let mut at = group.start;
    while at < group.end {
        let declares = matches!(file.text(at), "mod" | "use" | "impl") && file.is_word_kind(at);
        let is_import =
            file.is_word(at, "use") && (file.is(at + 1, b'{') || file.is_path_sep(at + 1));
        if declares && (file.is_word_kind(at + 1) || file.is(at + 1, b'<') || is_import) {
            return true;
        }
        at = file.after(at);
    }
    false
}
