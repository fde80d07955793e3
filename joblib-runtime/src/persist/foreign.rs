//! What a file that is none of ours looks like, for messages.

/// What the first bytes of a file look like.
pub(super) fn hint(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => ", but one of numpy",
        [0x80, 2..=5, ..] => ", but a pickle, as joblib for Python writes",
        [b'P', b'K', 3 | 5, ..] => ", but a zip archive, as numpy.savez writes",
        [0x1f, 0x8b, ..] => ", but one that gzip compressed",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => ", but one that zstd compressed",
        [0x04, 0x22, 0x4d, 0x18, ..] => ", but one that lz4 compressed",
        [b'B', b'Z', b'h', ..] => ", but one that bzip2 compressed",
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => ", but one that xz compressed",
        _ => "",
    }
}
