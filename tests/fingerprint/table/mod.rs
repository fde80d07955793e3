//! The table of edits, grouped by topic.

mod conditions;
mod cosmetic;
mod crates;
mod helpers;
mod macros;
mod modules;
mod scopes;
mod standard;
mod traits;
mod unrelated;
mod values;

use crate::edit::Topic;

/// All edits.
pub(crate) const TOPICS: &[Topic] = &[
    helpers::HELPERS,
    helpers::METHODS,
    helpers::ARGUMENTS,
    standard::STANDARD,
    traits::TRAITS,
    values::VALUES,
    macros::MACROS,
    modules::MODULES,
    conditions::CONDITIONS,
    conditions::FILES,
    crates::CRATES,
    crates::MANIFESTS,
    scopes::SCOPES,
    unrelated::UNRELATED,
    cosmetic::COSMETIC,
];
