//! Detects the format of foreign files, for messages.

use super::compress::whole_file::WholeFileCodec;

/// Returns what the first bytes suggest the file is, as the end of a message.
pub(super) fn hint(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => ", but a numpy file",
        [0x80, 2..=5, ..] => ", but a pickle, as written by joblib for Python",
        [b'P', b'K', 3 | 5, ..] => ", but a zip archive, as written by numpy.savez",
        _ => WholeFileCodec::detect(bytes).map_or("", WholeFileCodec::hint),
    }
}
