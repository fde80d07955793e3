//! Tests of the guarantees of the encoding for valid values and for invalid bytes.

mod hostile;
mod round_trip;

pub(super) use self::round_trip::{Tree, tree};
