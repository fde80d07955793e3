//! The header, the directory and the trailer of a file. docs/format.md specifies the
//! whole format; the offsets here are those in its tables.
//!
//! The format has no redundant data that could be contradictory: the offset of a
//! segment follows from the lengths of the segments before it.

#[cfg(feature = "fuzz")]
mod fix_checksums;

use std::hash::Hasher;

use twox_hash::XxHash3_64;

use super::block::{self, BLOCK};
use super::compress::Codec;
use super::error::{Error, ErrorKind};
use super::number::NumberKind;
use crate::xxh3;

#[cfg(feature = "fuzz")]
pub(super) use self::fix_checksums::reseal;

/// The magic number at the start of a file. The first byte does not occur in text, and
/// line ends in it detect transfers that convert them.
pub(super) const MAGIC: [u8; 8] = *b"\x89jbl\r\n\x1a\n";

/// The magic number at the end of a file.
const END: [u8; 8] = *b"jbl\n\x1aend";

/// The newest version of the format.
pub(super) const VERSION: u32 = 5;

/// The size of the header. The schema follows it.
pub(super) const HEADER: usize = 64;
const AT_VERSION: usize = MAGIC.len();
const AT_SCHEMA_LEN: usize = AT_VERSION + 4;
const AT_SCHEMA_HASH: usize = AT_SCHEMA_LEN + 4;
const AT_ZEROS: usize = AT_SCHEMA_HASH + 16;
const AT_CHECKSUM: usize = HEADER - 8;

/// The size of a directory entry.
pub(super) const ENTRY: usize = 32;

/// The size of the trailer.
pub(super) const TRAILER: usize = 64;
const AT_COUNT: usize = 0;
const AT_LISTS: usize = AT_COUNT + 8;
const AT_LEN: usize = AT_LISTS + 8;
const AT_DIRECTORY: usize = AT_LEN + 8;
const AT_HEADER: usize = AT_DIRECTORY + 8;
const AT_TRAILER_ZEROS: usize = AT_HEADER + 8;
const AT_TRAILER_CHECKSUM: usize = TRAILER - 16;
const AT_END: usize = TRAILER - 8;

/// The alignment of segments.
pub(super) const ALIGNMENT: u64 = 64;

/// The minimum size of uncompressed arrays that are aligned to pages.
const PAGED: u64 = 64 << 10;
const PAGE: u64 = 4096;

/// The kind of the body in the directory.
const SMALL: u8 = 0xff;

/// The maximum length of a schema. In memory, a schema takes up to some hundred times
/// its length.
pub(super) const LONGEST_SCHEMA: u32 = 1 << 20;

/// The header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The oldest version of the format that supports everything in the file.
    pub(super) version: u32,
    pub(super) schema_len: u32,
    pub(super) schema_hash: u128,
}

impl Header {
    /// Encodes the header for `schema`.
    pub(super) fn bytes(self, schema: &[u8]) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..AT_VERSION].copy_from_slice(&MAGIC);
        bytes[AT_VERSION..AT_SCHEMA_LEN].copy_from_slice(&self.version.to_le_bytes());
        bytes[AT_SCHEMA_LEN..AT_SCHEMA_HASH].copy_from_slice(&self.schema_len.to_le_bytes());
        bytes[AT_SCHEMA_HASH..AT_ZEROS].copy_from_slice(&self.schema_hash.to_le_bytes());
        let checksum = checksum(&[&bytes[..AT_CHECKSUM], schema]);
        bytes[AT_CHECKSUM..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Decodes the header and validates everything that does not depend on the schema.
    pub(super) fn parse(bytes: &[u8; HEADER]) -> Result<Header, Error> {
        if bytes[..AT_VERSION] != MAGIC {
            let hint = super::magic::hint(bytes);
            return Err(ErrorKind::Foreign { hint }.into());
        }
        let version = u32_at(bytes, AT_VERSION);
        if !(1..=VERSION).contains(&version) {
            let (found, known) = (version, VERSION);
            return Err(ErrorKind::Version { found, known }.into());
        }
        let schema_len = u32_at(bytes, AT_SCHEMA_LEN);
        if schema_len > LONGEST_SCHEMA {
            let why = format!("the schema length {schema_len} exceeds the limit");
            return Err(Error::damaged("the header", why));
        }
        if bytes[AT_ZEROS..AT_CHECKSUM].iter().any(|byte| *byte != 0) {
            return Err(Error::damaged("the header", "reserved bytes are not zero"));
        }
        let hash = bytes[AT_SCHEMA_HASH..AT_ZEROS].try_into();
        Ok(Header {
            version,
            schema_len,
            schema_hash: u128::from_le_bytes(hash.expect("sixteen bytes")),
        })
    }

    /// Verifies the checksum of the header `bytes` and the schema.
    pub(super) fn verify(bytes: &[u8; HEADER], schema: &[u8]) -> Result<(), Error> {
        match checksum(&[&bytes[..AT_CHECKSUM], schema]) == u64_at(bytes, AT_CHECKSUM) {
            true => Ok(()),
            false => Err(Error::damaged("the header", "its checksum is wrong")),
        }
    }

    /// Returns the checksum in a header, which the trailer repeats.
    pub(super) fn checksum_of(bytes: &[u8; HEADER]) -> u64 {
        u64_at(bytes, AT_CHECKSUM)
    }

    /// Returns the offset of the first segment.
    pub(super) fn end(self) -> u64 {
        (HEADER as u64 + u64::from(self.schema_len)).next_multiple_of(ALIGNMENT)
    }
}

/// A segment, as described in the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ArraySegment {
    /// `None` for the body.
    pub(super) kind: Option<NumberKind>,
    pub(super) codec: Codec,
    /// Its size before compression.
    pub(super) len: u64,
    /// Its size in the file.
    pub(super) stored: u64,
    /// The checksum of its block list.
    pub(super) list_checksum: u64,
    /// Its offset in the file; computed, not stored.
    pub(super) start: u64,
    /// The offset of its block list; computed, not stored.
    pub(super) list: u64,
}

impl ArraySegment {
    /// Returns the alignment of an array.
    pub(super) fn alignment(codec: Codec, len: u64) -> u64 {
        match codec {
            Codec::None if len >= PAGED => PAGE,
            _ => ALIGNMENT,
        }
    }

    pub(super) fn blocks(&self) -> u64 {
        self.len.div_ceil(BLOCK as u64)
    }

    /// Returns the size of its block list.
    pub(super) fn list_len(&self) -> u64 {
        self.blocks() * block::entry(self.codec) as u64
    }

    pub(super) fn entry(&self) -> [u8; ENTRY] {
        let mut bytes = [0; ENTRY];
        bytes[..8].copy_from_slice(&self.len.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.stored.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.list_checksum.to_le_bytes());
        bytes[24] = self.kind.map_or(SMALL, |kind| kind as u8);
        bytes[25] = self.codec.number();
        bytes
    }

    fn parse(bytes: &[u8; ENTRY]) -> Result<ArraySegment, &'static str> {
        let kind = match bytes[24] {
            SMALL => None,
            number => {
                Some(NumberKind::from_number(number).ok_or("unknown element type of a segment")?)
            }
        };
        let codec = Codec::from_number(bytes[25]).ok_or("unknown compression of a segment")?;
        let segment = ArraySegment {
            kind,
            codec,
            len: u64_at(bytes, 0),
            stored: u64_at(bytes, 8),
            list_checksum: u64_at(bytes, 16),
            start: 0,
            list: 0,
        };
        let size = kind.map_or(1, NumberKind::size) as u64;
        if bytes[26..].iter().any(|byte| *byte != 0) {
            return Err("reserved bytes are not zero");
        }
        if !segment.len.is_multiple_of(size) {
            return Err("segment length is not a multiple of the element size");
        }
        if segment.stored > segment.len || codec == Codec::None && segment.stored != segment.len {
            return Err("segment with an invalid stored length");
        }
        Ok(segment)
    }
}

/// The trailer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trailer {
    /// The number of segments.
    pub(super) count: u64,
    /// The size of all block lists.
    pub(super) lists: u64,
    /// The size of the file.
    pub(super) len: u64,
    pub(super) directory_checksum: u64,
    pub(super) header_checksum: u64,
}

impl Trailer {
    pub(super) fn bytes(self) -> [u8; TRAILER] {
        let mut bytes = [0; TRAILER];
        for (at, number) in [
            (AT_COUNT, self.count),
            (AT_LISTS, self.lists),
            (AT_LEN, self.len),
            (AT_DIRECTORY, self.directory_checksum),
            (AT_HEADER, self.header_checksum),
        ] {
            bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
        }
        let checksum = xxh3::hash64(&bytes[..AT_TRAILER_CHECKSUM]);
        bytes[AT_TRAILER_CHECKSUM..AT_END].copy_from_slice(&checksum.to_le_bytes());
        bytes[AT_END..].copy_from_slice(&END);
        bytes
    }

    /// Decodes the trailer of a file of `len` bytes.
    pub(super) fn parse(bytes: &[u8; TRAILER], len: u64) -> Result<Trailer, Error> {
        // In a truncated file, these are other bytes.
        if bytes[AT_END..] != END {
            return Err(ErrorKind::Truncated.into());
        }
        let checksum = xxh3::hash64(&bytes[..AT_TRAILER_CHECKSUM]);
        if checksum != u64_at(bytes, AT_TRAILER_CHECKSUM) {
            return Err(Error::damaged("the trailer", "its checksum is wrong"));
        }
        let zeros = &bytes[AT_TRAILER_ZEROS..AT_TRAILER_CHECKSUM];
        if zeros.iter().any(|byte| *byte != 0) {
            return Err(Error::damaged("the trailer", "reserved bytes are not zero"));
        }
        let trailer = Trailer {
            count: u64_at(bytes, AT_COUNT),
            lists: u64_at(bytes, AT_LISTS),
            len: u64_at(bytes, AT_LEN),
            directory_checksum: u64_at(bytes, AT_DIRECTORY),
            header_checksum: u64_at(bytes, AT_HEADER),
        };
        match trailer.len == len {
            true => Ok(trailer),
            false if trailer.len > len => Err(ErrorKind::Truncated.into()),
            false => Err(Error::damaged(
                "the file",
                "it is longer than its trailer states; \
                 `Load::read_next` reads several values from a stream",
            )),
        }
    }

    /// Returns the offsets of the block lists and of the directory.
    pub(super) fn offsets(&self) -> Result<(u64, u64), Error> {
        let directory = self
            .count
            .checked_mul(ENTRY as u64)
            .and_then(|entries| (self.len - TRAILER as u64).checked_sub(entries));
        let lists = directory.and_then(|directory| directory.checked_sub(self.lists));
        match (lists, directory) {
            (Some(lists), Some(directory)) => Ok((lists, directory)),
            _ => Err(Error::damaged(
                "the trailer",
                "its number of segments exceeds the length of the file",
            )),
        }
    }
}

/// Whether `bytes` end with the trailer of a file of their length.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    let last = bytes.last_chunk();
    last.is_some_and(|last| Trailer::parse(last, bytes.len() as u64).is_ok())
}

/// Whether `bytes`, which end at offset `len`, end with the trailer of a file of that
/// length and with this header.
pub(super) fn is_end(bytes: &[u8], len: u64, header: &[u8; HEADER]) -> bool {
    let is_it = |last: &[u8; TRAILER]| {
        // Compare the magic number first, which excludes most candidates.
        last[AT_END..] == END
            && Trailer::parse(last, len)
                .is_ok_and(|it| it.header_checksum == Header::checksum_of(header))
    };
    bytes.last_chunk().is_some_and(is_it)
}

/// Decodes and validates the directory, and computes the offsets of segments.
pub(super) fn directory(
    entries: &[u8],
    header: Header,
    trailer: &Trailer,
) -> Result<Vec<ArraySegment>, Error> {
    let damaged = |why: &str| Error::damaged("the directory", why);
    if xxh3::hash64(entries) != trailer.directory_checksum {
        return Err(damaged("its checksum is wrong"));
    }
    let (lists, _) = trailer.offsets()?;
    let (mut at, mut list) = (header.end(), lists);
    let mut segments = Vec::with_capacity(entries.len() / ENTRY);
    for (index, entry) in entries.as_chunks::<ENTRY>().0.iter().enumerate() {
        let mut segment = ArraySegment::parse(entry).map_err(damaged)?;
        if (index == 0) != segment.kind.is_none() {
            return Err(damaged("the body is not the first segment"));
        }
        let alignment = match segment.kind {
            Some(_) => ArraySegment::alignment(segment.codec, segment.len),
            None => ALIGNMENT,
        };
        segment.start = at.checked_next_multiple_of(alignment).unwrap_or(u64::MAX);
        segment.list = list;
        at = segment.start.saturating_add(segment.stored);
        list = list.saturating_add(segment.list_len());
        // Check this before anything is allocated for the stated lengths.
        if at > lists || list > trailer.len {
            return Err(damaged("segments exceed the file"));
        }
        segments.push(segment);
    }
    if segments.is_empty() {
        return Err(damaged("segments are missing"));
    }
    let end = at.checked_next_multiple_of(ALIGNMENT);
    if end != Some(lists) || list != lists + trailer.lists {
        return Err(damaged("segments do not add up to the file length"));
    }
    Ok(segments)
}

/// Returns the checksum of the concatenated `parts`.
fn checksum(parts: &[&[u8]]) -> u64 {
    let mut hasher = XxHash3_64::new();
    for part in parts {
        hasher.write(part);
    }
    hasher.finish()
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_what_was_put_in() {
        let header = Header {
            version: 2,
            schema_len: 5,
            schema_hash: 7 << 100,
        };
        let bytes = header.bytes(b"hello");
        assert_eq!(Header::parse(&bytes).unwrap(), header);
        assert!(Header::verify(&bytes, b"hello").is_ok());
        assert!(Header::verify(&bytes, b"hallo").is_err());
        assert_eq!(header.end(), 128);
    }

    #[test]
    fn a_trailer_says_what_was_put_in() {
        let trailer = Trailer {
            count: 1,
            lists: 8,
            len: 1000,
            directory_checksum: 3,
            header_checksum: 4,
        };
        let bytes = trailer.bytes();
        assert_eq!(Trailer::parse(&bytes, 1000).unwrap(), trailer);
        assert!(Trailer::parse(&bytes, 999).is_err());
        assert!(Trailer::parse(&bytes, 1001).is_err());
        assert_eq!(trailer.offsets().unwrap(), (896, 904));
    }

    #[test]
    fn a_directory_that_claims_more_than_the_file_is_refused() {
        let header = Header {
            version: 1,
            schema_len: 0,
            schema_hash: 0,
        };
        let segment = |len| ArraySegment {
            kind: None,
            codec: Codec::None,
            len,
            stored: len,
            list_checksum: 0,
            start: 0,
            list: 0,
        };
        for len in [u64::MAX, u64::MAX - 64, 1 << 40, 65] {
            let entries = segment(len).entry();
            let trailer = Trailer {
                count: 1,
                lists: 8,
                len: 64 + 64 + 8 + 32 + 64,
                directory_checksum: xxh3::hash64(&entries),
                header_checksum: 0,
            };
            assert!(directory(&entries, header, &trailer).is_err(), "{len}");
        }
    }
}
