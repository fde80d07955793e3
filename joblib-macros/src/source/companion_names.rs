//! The names of the companions that annotations generate. A reference to `run_memo`
//! or `run_par` is also a reference to the function `run`, which they call.

use super::name::Name;
use super::references::{ItemRefs, PathRef};
use super::use_tree::UsePath;

/// The suffixes of companion names.
const ENDINGS: [&str; 2] = ["_memo", "_par"];

/// Returns the function whose companion has the name `name`, if it is such a name.
pub(super) fn function(name: Name) -> Option<Name> {
    let text = name.as_str();
    let mut endings = ENDINGS.iter();
    let function = endings.find_map(|ending| text.strip_suffix(ending))?;
    (!function.is_empty()).then(|| Name::new(function))
}

impl ItemRefs {
    /// Adds references to the functions of the referenced companions.
    pub(super) fn with_companion_targets(mut self) -> ItemRefs {
        let paths: Vec<PathRef> = self.paths.iter().flat_map(functions_of).collect();
        self.paths.extend(paths);
        for names in [&mut self.members, &mut self.own, &mut self.loose] {
            let functions: Vec<Name> = names.iter().copied().filter_map(function).collect();
            names.extend(functions);
        }
        // The function itself takes a different number of arguments.
        let methods = self.methods.iter().map(|(name, _)| *name);
        self.members.extend(methods.filter_map(function));
        self
    }
}

/// Returns the references to functions whose companions are named in a path.
fn functions_of(mention: &PathRef) -> impl Iterator<Item = PathRef> + '_ {
    let names = &mention.path.names;
    let found = names.iter().enumerate();
    let found = found.filter_map(|(at, &name)| Some((at, function(name)?)));
    found.map(|(at, function)| PathRef {
        path: UsePath {
            global: mention.path.global,
            names: names[..at].iter().copied().chain([function]).collect(),
        },
        ..mention.clone()
    })
}
