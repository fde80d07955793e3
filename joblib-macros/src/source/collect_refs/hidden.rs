//! Finds trait objects: a list of traits after `dyn` or, in editions before 2021, a
//! trait in type position.

use super::RefCollector;
use crate::source::bounds;
use crate::source::name::Name;
use crate::source::references::TraitObject;
use crate::source::use_tree::UsePath;

impl RefCollector<'_> {
    /// Records the traits of the trait object list at `at`.
    pub(super) fn objects(&mut self, at: usize) {
        for bound in bounds::listed(self.file, at, self.file.len()) {
            match bound.path.names.is_empty() {
                true => self.facts.hides_input = true,
                false => self.object(bound.path, true),
            }
        }
    }

    /// Records a trait object once.
    fn object(&mut self, path: UsePath, is_sure: bool) {
        let is_same = |known: &TraitObject| known.path == path && known.is_sure == is_sure;
        if !self.facts.objects.iter().any(is_same) {
            self.facts.objects.push(TraitObject { path, is_sure });
        }
    }

    /// Records a path from `at` to `next` that may be a trait object without `dyn`.
    pub(super) fn bare_object(&mut self, path: &UsePath, at: usize, next: usize) {
        if self.may_hide(path, at, next) {
            self.object(path.clone(), false);
        }
    }

    /// Returns whether editions before 2021 may parse the path from `at` to `next` as
    /// a trait object.
    fn may_hide(&self, path: &UsePath, at: usize, next: usize) -> bool {
        let file = self.file;
        let start = at.saturating_sub(2 * usize::from(path.global));
        let starts = [b'<', b'&', b'(', b',', b'=', b'>'];
        let is_start = start > 0
            && (starts.iter().any(|&byte| file.is(start - 1, byte))
                || matches!(file.text(start - 1), "mut" | "const")
                || file.text(start - 1).starts_with('\''));
        let is_type = |name: Name| name.as_str().starts_with(char::is_uppercase);
        let is_other = file.is(next, b'(') || file.is(next, b'{') || file.is(next, b'!');
        self.world.krate(self.krate).edition.as_str() < "2021"
            && is_start
            && path.last().is_some_and(is_type)
            && !is_other
            && !file.is_path_sep(next)
    }
}
