//! What the encoding promises about values, and about bytes that are none.

mod hostile;
mod round_trip;

pub(super) use self::round_trip::{Tree, tree};
