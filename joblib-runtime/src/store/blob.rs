//! Large payloads, each in a file of its own. A small record in the log refers to it.
//! The file is published by an atomic rename once it is complete.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::directory::{StoreDir, random};
use super::error::Error;
use super::fs::FileSystem;
use super::record::u64_at;
use super::temp_file;
use super::{Id, Payload, PayloadBytes};
use crate::xxh3;

/// Header layout: magic number, length, checksum.
const MAGIC: [u8; 8] = *b"jbBlob01";
const LEN: usize = 8;
const CHECKSUM: usize = LEN + 8;
/// Size of the header. It aligns the payload for memory maps and vector instructions.
const HEADER: usize = 64;

/// Size of the reference in the log record: the number of the file, the length and the
/// checksum of the payload.
const REFERENCE: usize = 24;

/// Returns the length of the payload that a record refers to; 0 if the reference is
/// invalid.
pub(crate) fn len(reference: &[u8]) -> u64 {
    if reference.len() == REFERENCE {
        u64_at(reference, 8)
    } else {
        0
    }
}

/// Writes a payload to a file of its own. Returns the reference for the log record, and
/// the file.
pub(crate) fn write(
    files: &dyn FileSystem,
    directory: &StoreDir,
    id: Id,
    payload: &[u8],
    is_durable: bool,
) -> Result<([u8; REFERENCE], File), Error> {
    let number = random();
    let checksum = xxh3::hash64(payload);
    let mut header = [0; HEADER];
    header[..LEN].copy_from_slice(&MAGIC);
    header[LEN..CHECKSUM].copy_from_slice(&(payload.len() as u64).to_le_bytes());
    header[CHECKSUM..CHECKSUM + 8].copy_from_slice(&checksum.to_le_bytes());
    let path = directory.payload(id, number);
    let file = temp_file::publish(files, directory, &[&header, payload], &path, is_durable)
        .map_err(Error::io("write", &path))?;
    let mut reference = [0; REFERENCE];
    reference[..8].copy_from_slice(&number.to_le_bytes());
    reference[8..16].copy_from_slice(&(payload.len() as u64).to_le_bytes());
    reference[16..].copy_from_slice(&checksum.to_le_bytes());
    Ok((reference, file))
}

/// Reads the payload that a record refers to, as a memory map or a copy.
pub(crate) fn read(
    files: &dyn FileSystem,
    directory: &StoreDir,
    id: Id,
    reference: &[u8],
    map: bool,
) -> Result<Payload, Error> {
    let path = path(directory, id, reference);
    let damaged = |what| Error::Damaged {
        path: path.clone(),
        offset: 0,
        what,
    };
    let file = directory
        .open_file(files, &path)
        .map_err(Error::io("open", &path))?;
    let size = files.len(&file).map_err(Error::io("read", &path))? as usize;
    let len = usize::try_from(len(reference))
        .map_err(|_| damaged("its length is too large for this platform"))?;
    if Some(size) != len.checked_add(HEADER) {
        return Err(damaged("its length differs from that in its record"));
    }
    if reference.len() != REFERENCE {
        return Err(damaged("the reference in its record is invalid"));
    }
    let mapped = files.map(&file, size).map_err(Error::io("map", &path))?;
    let header_says = mapped[..LEN] == MAGIC
        && u64_at(&mapped, LEN) == len as u64
        && mapped[CHECKSUM..CHECKSUM + 8] == reference[16..]
        && mapped[CHECKSUM + 8..HEADER].iter().all(|byte| *byte == 0);
    if !header_says {
        return Err(damaged("its header differs from its record"));
    }
    let payload = if map {
        Payload(PayloadBytes::Mapped {
            map: Arc::new(mapped),
            start: HEADER,
            len,
        })
    } else {
        Payload(PayloadBytes::Owned(mapped[HEADER..].into()))
    };
    if xxh3::hash64(&payload) != u64_at(reference, 16) {
        return Err(damaged("its checksum is wrong"));
    }
    Ok(payload)
}

/// Returns the path of the file that a record refers to.
pub(crate) fn path(directory: &StoreDir, id: Id, reference: &[u8]) -> PathBuf {
    let number = if reference.len() == REFERENCE {
        u64_at(reference, 0)
    } else {
        0
    };
    directory.payload(id, number)
}

/// Removes a payload, if it exists.
pub(crate) fn remove(files: &dyn FileSystem, path: &Path) {
    let _ = files.remove(path);
}
