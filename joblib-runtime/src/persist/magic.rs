//! What a file that is none of ours looks like, for messages.

use super::compress::whole_file::WholeFileCodec;

/// What the first bytes of a file look like.
pub(super) fn hint(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => ", but one of numpy",
        [0x80, 2..=5, ..] => ", but a pickle, as joblib for Python writes",
        [b'P', b'K', 3 | 5, ..] => ", but a zip archive, as numpy.savez writes",
        _ => WholeFileCodec::of(bytes).map_or("", WholeFileCodec::hint),
    }
}
