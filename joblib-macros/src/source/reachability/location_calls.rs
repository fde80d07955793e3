//! Functions of the standard library that return the location or the text of source
//! code, when an import renames them.

use super::Reachability;
use crate::source::name::Name;
use crate::source::resolve::PathTarget;

impl Reachability<'_> {
    /// Records what a path that ends with `name` and leads to `target` reads. Under
    /// their own names these functions are recognized elsewhere.
    pub(in crate::source) fn data_behind(&mut self, name: Option<Name>, target: &PathTarget) {
        let PathTarget::Foreign(_, _, path) = target else {
            return;
        };
        let last = path.rsplit("::").next().unwrap_or(path);
        if !self.world.is_of_standard(target) || name.is_some_and(|name| name == last) {
            return;
        }
        match last {
            "type_name" | "type_name_of_val" | "PhantomData" => {
                self.widening.has_module_path = true;
            }
            "set_hook" => self.widening.has_positions = true,
            _ => {}
        }
    }
}
