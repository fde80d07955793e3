//! Functions of the standard library whose result is where or what the source
//! is, where an import brings them under another name.

use super::super::name::Name;
use super::super::resolve::PathTarget;
use super::Reachability;

impl Reachability<'_> {
    /// What a path that ends with `name` says by leading to `target`. Under their
    /// own names these functions are known without that.
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
