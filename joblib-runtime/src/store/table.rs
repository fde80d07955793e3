//! The key table of a sealed segment: its records sorted by ID, searched in the mapped
//! file.
//!
//! A table is derived data: it is only a hint where a record may be, because the record
//! itself contains its ID and checksum.

use std::cmp::Ordering;
use std::ops::Range;

use super::Id;
use super::fences::{FencePointers, TableRange};
use super::record::u64_at;
use crate::xxh3;

const MAGIC: [u8; 8] = *b"jbTable3";

// The header.
const SEGMENT: usize = 8;
const DATA_LEN: usize = SEGMENT + 8;
const COUNT: usize = DATA_LEN + 8;
const CLEARS: usize = COUNT + 8;
const NEWEST: usize = CLEARS + 8;
const RESULTS: usize = NEWEST + 8;
const CHECKSUM: usize = RESULTS + 8;
const HEADER: usize = CHECKSUM + 8;

/// A clear: the function and the order.
const CLEAR: usize = 16;
/// An entry: the ID, the offset and the order.
const ENTRY: usize = 32;

/// The offset and the order of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordPlace {
    pub(crate) offset: u64,
    pub(crate) order: u64,
}

/// The metadata of a table and its segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TableSummary {
    pub(crate) segment: u64,
    pub(crate) data_len: u64,
    /// The order of the newest record.
    pub(crate) newest: u64,
    /// The number of records that are results.
    pub(crate) results: u64,
    /// The clears, each with its order; function 0 stands for all functions.
    pub(crate) clears: Vec<(u64, u64)>,
}

/// Encodes a table. `entries` may have any order and contain one location per ID.
pub(crate) fn encode(summary: &TableSummary, entries: &mut [(Id, RecordPlace)]) -> Vec<u8> {
    entries.sort_unstable_by_key(|(id, _)| *id);
    let filter = BloomFilter::of(entries.iter().map(|(id, _)| *id), entries.len());
    let size = HEADER + filter.len() + summary.clears.len() * CLEAR + entries.len() * ENTRY;
    let mut out = Vec::with_capacity(size);
    out.extend_from_slice(&MAGIC);
    let counts = [entries.len() as u64, summary.clears.len() as u64];
    for field in [summary.segment, summary.data_len]
        .into_iter()
        .chain(counts)
    {
        out.extend_from_slice(&field.to_le_bytes());
    }
    out.extend_from_slice(&summary.newest.to_le_bytes());
    out.extend_from_slice(&summary.results.to_le_bytes());
    let clears: Vec<u8> = summary
        .clears
        .iter()
        .flat_map(|(function, time)| [function.to_le_bytes(), time.to_le_bytes()])
        .flatten()
        .collect();
    let checksum = checksum(&out, &clears);
    out.extend_from_slice(&checksum.to_le_bytes());
    out.extend_from_slice(&filter);
    out.extend_from_slice(&clears);
    for (id, place) in entries {
        out.extend_from_slice(&id.to_le_bytes());
        out.extend_from_slice(&place.offset.to_le_bytes());
        out.extend_from_slice(&place.order.to_le_bytes());
    }
    out
}

/// Decodes the header, if it is valid and matches the length of the file.
pub(crate) fn summary(bytes: &[u8]) -> Option<TableSummary> {
    let header = bytes.get(..HEADER)?;
    if header[..8] != MAGIC {
        return None;
    }
    let clears_len = usize::try_from(u64_at(header, CLEARS))
        .ok()?
        .checked_mul(CLEAR)?;
    let entries_len = usize::try_from(u64_at(header, COUNT))
        .ok()?
        .checked_mul(ENTRY)?;
    let start = HEADER.checked_add(filter_len(entries_len / ENTRY))?;
    let clears = bytes.get(start..start.checked_add(clears_len)?)?;
    if bytes.len() != (start + clears_len).checked_add(entries_len)? {
        return None;
    }
    if checksum(&header[..CHECKSUM], clears) != u64_at(header, CHECKSUM) {
        return None;
    }
    Some(TableSummary {
        segment: u64_at(header, SEGMENT),
        data_len: u64_at(header, DATA_LEN),
        newest: u64_at(header, NEWEST),
        results: u64_at(header, RESULTS),
        clears: clears
            .chunks_exact(CLEAR)
            .map(|clear| (u64_at(clear, 0), u64_at(clear, 8)))
            .collect(),
    })
}

/// Describes why [`summary`] returns `None`.
pub(crate) fn defect(bytes: &[u8]) -> String {
    match bytes.get(..SEGMENT) {
        Some(magic) if magic != MAGIC => {
            let (found, known) = (magic.escape_ascii(), MAGIC.escape_ascii());
            format!("it starts with `{found}` instead of `{known}`")
        }
        _ => "its header is damaged or its end is missing".to_owned(),
    }
}

fn checksum(header: &[u8], clears: &[u8]) -> u64 {
    xxh3::hash64_seeded(xxh3::hash64(header), clears)
}

/// Corrects the checksum of a table that is otherwise valid.
#[cfg(feature = "fuzz")]
pub(crate) fn reseal(bytes: &mut [u8]) {
    let Some(header) = bytes.get(..HEADER) else {
        return;
    };
    let clears = (u64_at(header, CLEARS) as usize).saturating_mul(CLEAR);
    let start = HEADER.saturating_add(filter_len(u64_at(header, COUNT) as usize));
    let Some(clears) = bytes.get(start..start.saturating_add(clears)) else {
        return;
    };
    let checksum = checksum(&header[..CHECKSUM], clears);
    bytes[CHECKSUM..HEADER].copy_from_slice(&checksum.to_le_bytes());
}

/// Returns the range of the entries in a table with a valid summary.
pub(crate) fn entries(bytes: &[u8]) -> Range<usize> {
    let clears = u64_at(bytes, CLEARS) as usize * CLEAR;
    filter(bytes).end + clears..bytes.len()
}

/// Returns the range of the filter in a table with a valid summary.
pub(crate) fn filter(bytes: &[u8]) -> Range<usize> {
    HEADER..HEADER + filter_len(u64_at(bytes, COUNT) as usize)
}

/// Size of a block of the filter: a cache line.
const BLOCK: usize = 64;
/// Bits per entry; about one in a hundred absent IDs passes the filter.
const BITS: usize = 10;
/// Number of bits that are set for an ID, each selected by nine bits of it.
const PROBES: u32 = 6;

fn filter_len(entries: usize) -> usize {
    entries
        .saturating_mul(BITS)
        .div_ceil(BLOCK * 8)
        .saturating_mul(BLOCK)
}

/// A blocked Bloom filter (Putze, Sanders and Singler, "Cache-, Hash- and
/// Space-Efficient Bloom Filters", 2007). A table without an ID is skipped with one
/// memory access, which matters if there are many tables.
struct BloomFilter;

impl BloomFilter {
    fn of(ids: impl Iterator<Item = Id>, count: usize) -> Vec<u8> {
        let mut filter = vec![0; filter_len(count)];
        for id in ids {
            let block = block(id, filter.len());
            for bit in probes(id) {
                filter[block + bit / 8] |= 1 << (bit % 8);
            }
        }
        filter
    }
}

/// Whether a table with this filter may contain `id`. It does not branch on single
/// bits, so that the filters of several tables are fetched from memory at the same
/// time.
#[inline]
pub(crate) fn may_have(filter: &[u8], id: Id) -> bool {
    let start = block(id, filter.len());
    let Some(block) = filter.get(start..start + BLOCK) else {
        return false;
    };
    probes(id).fold(1, |all, bit| all & (block[bit / 8] >> (bit % 8))) & 1 == 1
}

fn block(id: Id, len: usize) -> usize {
    let blocks = (len / BLOCK) as u128;
    ((u128::from(upper(id)) * blocks) >> 64) as usize * BLOCK
}

fn probes(id: Id) -> impl Iterator<Item = usize> {
    let bits = id as u64;
    (0..PROBES).map(move |probe| (bits >> (9 * probe)) as usize % (BLOCK * 8))
}

/// Number of interpolation steps before the search becomes binary: IDs that are not
/// uniformly distributed must not make it slow.
const GUESSES: usize = 8;

/// Finds the location of `id` in the entries of a table.
///
/// IDs are hashes, so this is an interpolation search: it assumes that IDs are
/// uniformly distributed between the known bounds.
pub(crate) fn find(entries: &[u8], fences: &FencePointers, id: Id) -> Option<RecordPlace> {
    let key = upper(id);
    let TableRange {
        entries: part,
        keys,
    } = fences.part(entries.len() / ENTRY, key);
    let (mut low, mut high) = (part.start, part.end);
    let (mut low_key, mut high_key) = (keys.start, keys.end);
    let mut guesses = 0;
    while low < high {
        let guess = if guesses < GUESSES {
            let share = (key - low_key) as f64 / (high_key - low_key).max(1) as f64;
            low + (share * (high - low) as f64) as usize
        } else {
            low + (high - low) / 2
        };
        guesses += 1;
        let probe = guess.min(high - 1);
        let found = id_at(entries, probe);
        match found.cmp(&id) {
            Ordering::Equal => return Some(place_at(entries, probe)),
            Ordering::Less => (low, low_key) = (probe + 1, upper(found)),
            Ordering::Greater => (high, high_key) = (probe, upper(found)),
        }
    }
    None
}

/// Builds the fences of the entries of a table.
pub(crate) fn fences(entries: &[u8]) -> FencePointers {
    FencePointers::of(entries.len() / ENTRY, |index| upper(id_at(entries, index)))
}

fn upper(id: Id) -> u64 {
    (id >> 64) as u64
}

fn id_at(entries: &[u8], index: usize) -> Id {
    let mut id = [0; 16];
    id.copy_from_slice(&entries[index * ENTRY..index * ENTRY + 16]);
    Id::from_le_bytes(id)
}

fn place_at(entries: &[u8], index: usize) -> RecordPlace {
    let entry = &entries[index * ENTRY..(index + 1) * ENTRY];
    RecordPlace {
        offset: u64_at(entry, 16),
        order: u64_at(entry, 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(count: u64) -> (TableSummary, Vec<u8>) {
        let id = |n: u64| xxh3::hash128(&n.to_le_bytes());
        let mut entries: Vec<_> = (0..count)
            .map(|n| {
                (
                    id(n),
                    RecordPlace {
                        offset: n * 8,
                        order: n,
                    },
                )
            })
            .collect();
        let summary = TableSummary {
            segment: 7,
            data_len: 9,
            newest: count,
            results: count,
            clears: vec![(1, 2), (0, 3)],
        };
        let bytes = encode(&summary, &mut entries);
        (summary, bytes)
    }

    #[test]
    fn every_entry_is_found_and_nothing_else() {
        for count in [0, 1, 2, 3, 100, 5000] {
            let (summary, bytes) = table(count);
            assert_eq!(super::summary(&bytes), Some(summary));
            let (filter, entries) = (&bytes[filter(&bytes)], &bytes[entries(&bytes)]);
            for n in 0..count {
                let id = xxh3::hash128(&n.to_le_bytes());
                assert_eq!(
                    find(entries, &fences(entries), id),
                    Some(RecordPlace {
                        offset: n * 8,
                        order: n
                    })
                );
                assert!(may_have(filter, id));
                assert_eq!(find(entries, &fences(entries), id ^ 1), None);
                assert_eq!(find(entries, &fences(entries), id ^ (1 << 127)), None);
            }
            for id in [0, 1, Id::MAX] {
                assert_eq!(find(entries, &fences(entries), id), None);
            }
        }
    }

    #[test]
    fn a_damaged_header_is_seen_and_a_cut_table_too() {
        let (_, mut bytes) = table(3);
        for len in 0..bytes.len() {
            assert_eq!(summary(&bytes[..len]), None, "length {len}");
        }
        let clears = HEADER + filter_len(3)..HEADER + filter_len(3) + 2 * CLEAR;
        for bit in (0..HEADER)
            .chain(clears)
            .flat_map(|byte| byte * 8..byte * 8 + 8)
        {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(summary(&bytes), None, "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }

    #[test]
    fn damaged_entries_lead_astray_but_never_out_of_the_table() {
        let (_, mut bytes) = table(50);
        let start = HEADER;
        for bit in start * 8..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            for n in 0..50u64 {
                let id = xxh3::hash128(&n.to_le_bytes());
                let _ = may_have(&bytes[filter(&bytes)], id);
                let entries = &bytes[entries(&bytes)];
                let _ = find(entries, &fences(entries), id);
            }
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}
