//! A record of a log: a header of 88 bytes, the payload, and zeros up to a multiple of
//! eight. One checksum covers all of it and its location, so that a copy of a record
//! inside a payload is never mistaken for a record.

use super::{Id, RecordKind, RecordMeta};
use crate::xxh3;

/// Every record starts with these bytes, so that a reader can resynchronize after
/// damage.
const MAGIC: u32 = u32::from_le_bytes(*b"jbR2");

/// Size of the header in bytes.
pub(crate) const HEADER: usize = CHECKSUM + 8;

// Each field starts where the previous one ends.
const KIND: usize = 4;
const CODEC: usize = KIND + 1;
const RESERVED: usize = CODEC + 1;
const LEN: usize = RESERVED + 2;
const PADDING: usize = LEN + 4;
const ID: usize = PADDING + 4;
const FUNCTION: usize = ID + 16;
const SOURCE: usize = FUNCTION + 8;
const ARGS: usize = SOURCE + 8;
const ORDER: usize = ARGS + 8;
const CREATED: usize = ORDER + 8;
const COST: usize = CREATED + 8;
const CHECKSUM: usize = COST + 8;

/// A record, decoded and verified.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DecodedRecord<'a> {
    pub(crate) id: Id,
    /// Of two records where one hides the other, the later one has the larger order,
    /// independently of clocks.
    pub(crate) order: u64,
    pub(crate) meta: RecordMeta,
    pub(crate) payload: &'a [u8],
}

/// Returns the size of a record with a payload of this length.
pub(crate) const fn size(payload: usize) -> usize {
    (HEADER + payload).next_multiple_of(8)
}

/// Returns the location of a record as covered by its checksum.
pub(crate) fn origin(segment: u64, offset: usize) -> u64 {
    segment.wrapping_add(offset as u64)
}

/// Appends a record for the location `origin` to `out`.
pub(crate) fn encode(origin: u64, record: &DecodedRecord<'_>, out: &mut Vec<u8>) {
    let DecodedRecord {
        id,
        order,
        meta,
        payload,
    } = record;
    let start = out.len();
    out.extend_from_slice(&MAGIC.to_le_bytes());
    out.push(meta.kind as u8);
    out.push(meta.codec);
    out.extend_from_slice(&[0; LEN - RESERVED]);
    out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    out.extend_from_slice(&[0; ID - PADDING]);
    out.extend_from_slice(&id.to_le_bytes());
    for field in [
        meta.function,
        meta.source,
        meta.args,
        *order,
        meta.created,
        meta.cost,
    ] {
        out.extend_from_slice(&field.to_le_bytes());
    }
    let checksum = checksum(origin, &out[start..], payload);
    out.extend_from_slice(&checksum.to_le_bytes());
    out.extend_from_slice(payload);
    out.resize(start + size(payload.len()), 0);
}

/// Decodes the record at the start of `bytes`, if it is complete, valid, and was
/// written for the location `origin`.
pub(crate) fn decode(origin: u64, bytes: &[u8]) -> Option<DecodedRecord<'_>> {
    let header = bytes.get(..HEADER)?;
    if u32_at(header, 0) != MAGIC {
        return None;
    }
    // The length is untrusted: it is checked against the available bytes here, and
    // validated by the checksum.
    let len = u32_at(header, LEN) as usize;
    let payload = bytes.get(HEADER..HEADER.checked_add(len)?)?;
    let padding = bytes.get(HEADER + len..size(len))?;
    let is_whole = checksum(origin, &header[..CHECKSUM], payload) == u64_at(header, CHECKSUM)
        && padding.iter().all(|byte| *byte == 0);
    if !is_whole {
        return None;
    }
    Some(DecodedRecord {
        id: u128::from_le_bytes(header[ID..FUNCTION].try_into().ok()?),
        order: u64_at(header, ORDER),
        meta: RecordMeta {
            kind: RecordKind::from_byte(header[KIND])?,
            codec: header[CODEC],
            function: u64_at(header, FUNCTION),
            source: u64_at(header, SOURCE),
            args: u64_at(header, ARGS),
            created: u64_at(header, CREATED),
            cost: u64_at(header, COST),
        },
        payload,
    })
}

impl DecodedRecord<'_> {
    /// Returns the size of the record in bytes.
    pub(crate) fn size(&self) -> usize {
        size(self.payload.len())
    }
}

/// Iterates over the records of the log of `segment` from `start` on, each with its
/// offset. Invalid data is skipped; the caller sees it as a gap between offsets.
pub(crate) fn scan(
    segment: u64,
    bytes: &[u8],
    start: usize,
) -> impl Iterator<Item = (usize, DecodedRecord<'_>)> {
    let mut offset = start;
    std::iter::from_fn(move || {
        while offset < bytes.len() {
            let at = offset;
            if let Some(record) = decode(origin(segment, at), &bytes[at..]) {
                offset += record.size();
                return Some((at, record));
            }
            offset += 8;
        }
        None
    })
}

/// Corrects the checksums of all records that are otherwise valid.
#[cfg(feature = "fuzz")]
pub(crate) fn reseal(segment: u64, bytes: &mut [u8]) {
    let mut offset = 0;
    while let Some(record) = bytes.get(offset..offset + HEADER) {
        let len = u32_at(record, LEN) as usize;
        let is_record = u32_at(record, 0) == MAGIC;
        let payload = bytes.get(offset + HEADER..offset + HEADER + len);
        let Some(payload) = payload.filter(|_| is_record) else {
            offset += 8;
            continue;
        };
        let checksum = checksum(origin(segment, offset), &record[..CHECKSUM], payload);
        bytes[offset + CHECKSUM..][..8].copy_from_slice(&checksum.to_le_bytes());
        offset += size(len);
    }
}

fn checksum(origin: u64, header: &[u8], payload: &[u8]) -> u64 {
    // The hash of the header seeds that of the payload, so both are read only once.
    xxh3::hash64_seeded(xxh3::hash64_seeded(origin, header), payload)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Decodes the little-endian number at `at`.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEGMENT: u64 = 77;

    fn meta() -> RecordMeta {
        RecordMeta {
            function: 1,
            source: 2,
            args: 3,
            created: 4,
            cost: 5,
            codec: 6,
            kind: RecordKind::Result,
        }
    }

    /// Returns a log with one record for each payload, with IDs from 1 on.
    fn log(payloads: &[&[u8]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (payload, id) in payloads.iter().zip(1..) {
            let record = DecodedRecord {
                id,
                order: 8,
                meta: meta(),
                payload,
            };
            encode(origin(SEGMENT, bytes.len()), &record, &mut bytes);
        }
        bytes
    }

    fn ids(bytes: &[u8]) -> Vec<Id> {
        scan(SEGMENT, bytes, 0)
            .map(|(_, record)| record.id)
            .collect()
    }

    #[test]
    fn the_bytes_of_a_record_are_frozen() {
        let bytes = log(&[b"abc"]);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, GOLDEN);
    }

    const GOLDEN: &str = "6a625232010600000300000000000000010000000000000000000000000000000100000000000000\
        02000000000000000300000000000000080000000000000004000000000000000500000000000000\
        8095105fc8fd09036162630000000000";

    #[test]
    fn what_was_encoded_is_decoded() {
        for len in [0, 1, 7, 8, 9, 1000] {
            let payload = vec![7; len];
            let bytes = log(&[&payload]);
            let record = decode(SEGMENT, &bytes).unwrap();
            assert_eq!(
                (record.id, record.order, record.meta, record.payload),
                (1, 8, meta(), &payload[..])
            );
            assert_eq!(record.size(), bytes.len());
        }
    }

    #[test]
    fn every_flipped_bit_and_every_truncation_is_seen() {
        let mut bytes = log(&[&[1, 2, 3, 4, 5]]);
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(SEGMENT, &bytes).is_none(), "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        for len in 0..bytes.len() {
            assert!(decode(SEGMENT, &bytes[..len]).is_none(), "length {len}");
        }
    }

    #[test]
    fn scan_finds_what_follows_a_torn_record() {
        let mut bytes = log(&[b"one", b"two", b"three"]);
        bytes[size(3) + 40] ^= 1;
        assert_eq!(ids(&bytes), [1, 3]);
    }

    #[test]
    fn a_log_inside_a_damaged_payload_is_no_log() {
        let inner = log(&[b"inner"]);
        let mut bytes = log(&[&inner, b"after"]);
        bytes[HEADER + inner.len() - 1] ^= 1;
        assert_eq!(ids(&bytes), [2]);
        bytes[8] ^= 1;
        assert_eq!(ids(&bytes), [2]);
    }
}
