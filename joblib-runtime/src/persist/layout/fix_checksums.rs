//! Repairs the metadata of a mutated file, so that fuzzing is not stopped by checksums.

use super::{
    AT_CHECKSUM, AT_DIRECTORY, AT_END, AT_HEADER, AT_LEN, AT_SCHEMA_HASH, AT_SCHEMA_LEN,
    AT_TRAILER_CHECKSUM, AT_VERSION, AT_ZEROS, ArraySegment, END, ENTRY, HEADER, Header, MAGIC,
    TRAILER, Trailer, checksum, directory, u32_at, u64_at,
};
use crate::persist::schema::Schema;
use crate::xxh3;

/// Repairs, as far as the lengths in `file` allow it: its magic numbers, its length,
/// the hash of its schema and all checksums.
pub(in super::super) fn reseal(file: &mut [u8]) {
    let Some((header_checksum, header)) = head(file) else {
        return;
    };
    let Some(at) = file.len().checked_sub(TRAILER) else {
        return;
    };
    let len = file.len() as u64;
    let (before, trailer) = file.split_at_mut(at);
    put(trailer, AT_LEN, len);
    put(trailer, AT_HEADER, header_checksum);
    trailer[AT_END..].copy_from_slice(&END);
    if let Some(checksum) = segments(before, trailer, header) {
        put(trailer, AT_DIRECTORY, checksum);
    }
    let checksum = xxh3::hash64(&trailer[..AT_TRAILER_CHECKSUM]);
    put(trailer, AT_TRAILER_CHECKSUM, checksum);
}

fn put(bytes: &mut [u8], at: usize, number: u64) {
    bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
}

/// Repairs the header. Returns its checksum and the header.
fn head(file: &mut [u8]) -> Option<(u64, Header)> {
    let (head, rest) = file.split_first_chunk_mut::<HEADER>()?;
    head[..AT_VERSION].copy_from_slice(&MAGIC);
    let schema = rest.get(..u32_at(head, AT_SCHEMA_LEN) as usize)?;
    let read = Schema::from_bytes(schema).and_then(|it| Ok((it.version(), it.hash()?)));
    if let Ok((version, hash)) = read {
        head[AT_VERSION..AT_SCHEMA_LEN].copy_from_slice(&version.to_le_bytes());
        head[AT_SCHEMA_HASH..AT_ZEROS].copy_from_slice(&hash.to_le_bytes());
    }
    let checksum = checksum(&[&head[..AT_CHECKSUM], schema]);
    put(head, AT_CHECKSUM, checksum);
    Some((checksum, Header::parse(head).ok()?))
}

/// Repairs the checksums of blocks and of their lists. Returns the checksum of the
/// directory.
fn segments(before: &mut [u8], trailer: &[u8], header: Header) -> Option<u64> {
    let mut repaired = Trailer {
        count: u64_at(trailer, super::AT_COUNT),
        lists: u64_at(trailer, super::AT_LISTS),
        len: (before.len() + TRAILER) as u64,
        directory_checksum: 0,
        header_checksum: 0,
    };
    let (_, at) = repaired.offsets().ok()?;
    let (before, entries) = before.split_at_mut(at as usize);
    repaired.directory_checksum = xxh3::hash64(entries);
    let segments = directory(entries, header, &repaired).unwrap_or_default();
    for (segment, entry) in segments.iter().zip(entries.chunks_exact_mut(ENTRY)) {
        let list_checksum = list(before, segment);
        let right = ArraySegment {
            list_checksum,
            ..*segment
        };
        entry.copy_from_slice(&right.entry());
    }
    Some(xxh3::hash64(entries))
}

/// Repairs the checksums of the blocks of `segment`. Returns the checksum of their
/// list.
fn list(before: &mut [u8], segment: &ArraySegment) -> u64 {
    let at = segment.list as usize;
    let (contents, list) = before.split_at_mut(at);
    let list = &mut list[..segment.list_len() as usize];
    if let Ok(blocks) = segment.stored_blocks(list, "") {
        let entry = super::block::entry(segment.codec);
        for (block, entry) in blocks.iter().zip(list.chunks_exact_mut(entry)) {
            let start = block.at as usize;
            let stored = &contents[start..start + block.stored];
            put(entry, 0, xxh3::hash64(stored));
        }
    }
    xxh3::hash64(list)
}
