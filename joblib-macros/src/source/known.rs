//! Names that mean something to the scanner by themselves: of macros, attributes,
//! types and crates. Whoever asks finds out first whether something else goes by
//! the name.

pub(super) mod attributes;
pub(super) mod crates;
pub(super) mod macros;
pub(super) mod traits;
pub(super) mod types;
