//! Names with a known meaning: of macros, attributes, types and crates. The caller
//! first checks that nothing else has the name.

pub(super) mod attributes;
pub(super) mod crates;
pub(super) mod macros;
pub(super) mod traits;
pub(super) mod types;
