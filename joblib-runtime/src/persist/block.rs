//! Segments as blocks of one mebibyte. Each block has a checksum and is compressed
//! independently, so that a range can be read and verified without the rest, and
//! several cores can work in parallel.

use std::hash::Hasher;
use std::mem::MaybeUninit;
use std::sync::Mutex;

use twox_hash::XxHash3_64;

use super::compress::{Codec, Compress, UnpackError};
use super::error::{Error, ErrorKind};
use super::layout::ArraySegment;
use crate::sched::core_budget;
use crate::sched::thread_pool;
use crate::unpoisoned::lock;
use crate::xxh3;

/// The size of a block in bytes. The last block of a segment may be shorter.
pub(super) const BLOCK: usize = 1 << 20;

/// The number of blocks per core that are compressed before they are written.
pub(super) const AHEAD: usize = 2;

/// The minimum number of blocks of a segment that several threads read.
const PARALLEL_MIN_BLOCKS: u64 = 8;

/// Returns the size of an entry in the block list: the checksum of the stored bytes
/// and, for a compressed segment, their length.
pub(super) fn entry(codec: Codec) -> usize {
    match codec {
        Codec::None => 8,
        _ => 16,
    }
}

/// A sink for the bytes of segments.
pub(super) trait BlockSink {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error>;
}

/// Writes one segment.
pub(super) struct BlockWriter<'o> {
    out: &'o mut dyn BlockSink,
    compress: Compress,
    /// Bytes that are not yet compressed. Unused without compression.
    pending: Vec<u8>,
    /// The checksum of the current block. Used without compression.
    hasher: XxHash3_64,
    hashed: usize,
    list: Vec<u8>,
    len: u64,
    stored: u64,
}

/// A segment that was written, and its block list.
pub(super) struct WrittenSegment {
    pub(super) segment: ArraySegment,
    pub(super) list: Vec<u8>,
}

impl<'o> BlockWriter<'o> {
    pub(super) fn new(out: &'o mut dyn BlockSink, compress: Compress) -> Self {
        BlockWriter {
            out,
            compress,
            pending: Vec::new(),
            hasher: XxHash3_64::new(),
            hashed: 0,
            list: Vec::new(),
            len: 0,
            stored: 0,
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.len += bytes.len() as u64;
        match self.compress.codec() {
            Codec::None => self.write_plain(bytes),
            _ => self.write_compressed(bytes),
        }
    }

    fn write_plain(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        if self.hashed == 0 && bytes.len() >= PARALLEL_MIN_BLOCKS as usize * BLOCK && cores() > 1 {
            let whole = bytes.len() / BLOCK * BLOCK;
            let (now, later) = bytes.split_at(whole);
            self.write_and_checksum(now)?;
            bytes = later;
        }
        while !bytes.is_empty() {
            let room = BLOCK - self.hashed;
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            bytes = later;
            self.out.write(now)?;
            self.stored += now.len() as u64;
            if now.len() == BLOCK {
                self.list
                    .extend_from_slice(&xxh3::hash64(now).to_le_bytes());
                continue;
            }
            self.hasher.write(now);
            self.hashed += now.len();
            if self.hashed == BLOCK {
                self.end_plain_block();
            }
        }
        Ok(())
    }

    /// Writes whole blocks while other threads compute their checksums.
    fn write_and_checksum(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let blocks: Vec<_> = bytes.chunks(BLOCK).collect();
        let out = &mut *self.out;
        let (checksums, written) =
            on_other_cores(&blocks, |block| xxh3::hash64(block), || out.write(bytes));
        written?;
        self.stored += bytes.len() as u64;
        for checksum in checksums {
            self.list.extend_from_slice(&checksum.to_le_bytes());
        }
        Ok(())
    }

    fn end_plain_block(&mut self) {
        let hasher = std::mem::replace(&mut self.hasher, XxHash3_64::new());
        self.list.extend_from_slice(&hasher.finish().to_le_bytes());
        self.hashed = 0;
    }

    fn write_compressed(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        let batch = AHEAD * cores() * BLOCK;
        while !bytes.is_empty() {
            if self.pending.is_empty() && bytes.len() >= batch {
                let (now, later) = bytes.split_at(batch);
                bytes = later;
                self.compress_batch(now)?;
                continue;
            }
            let room = batch - self.pending.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            bytes = later;
            self.pending.extend_from_slice(now);
            if self.pending.len() == batch {
                self.flush_pending()?;
            }
        }
        Ok(())
    }

    fn flush_pending(&mut self) -> Result<(), Error> {
        let mut pending = std::mem::take(&mut self.pending);
        self.compress_batch(&pending)?;
        pending.clear();
        self.pending = pending;
        Ok(())
    }

    /// Compresses blocks on all cores, and writes them in order.
    fn compress_batch(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let compress = self.compress;
        let blocks: Vec<_> = bytes.chunks(BLOCK).collect();
        for (block, packed) in blocks.iter().zip(on_all_cores(&blocks, |block| {
            let mut packed = Vec::new();
            compress.block(block, &mut packed).map(|()| packed)
        })) {
            let packed = packed?;
            // A block that compression does not shorten is stored as it is.
            let stored = match packed.len() < block.len() {
                true => &packed[..],
                false => block,
            };
            self.out.write(stored)?;
            self.stored += stored.len() as u64;
            let checksum = xxh3::hash64(stored);
            self.list.extend_from_slice(&checksum.to_le_bytes());
            self.list
                .extend_from_slice(&(stored.len() as u64).to_le_bytes());
        }
        Ok(())
    }

    /// Ends the segment, whose elements are of `kind`.
    pub(super) fn finish(
        mut self,
        kind: Option<super::number::NumberKind>,
        start: u64,
    ) -> Result<WrittenSegment, Error> {
        if self.hashed > 0 {
            self.end_plain_block();
        }
        if !self.pending.is_empty() {
            self.flush_pending()?;
        }
        let segment = ArraySegment {
            kind,
            codec: self.compress.codec(),
            len: self.len,
            stored: self.stored,
            list_checksum: xxh3::hash64(&self.list),
            start,
            list: 0,
        };
        let list = self.list;
        Ok(WrittenSegment { segment, list })
    }
}

impl super::writer::BodySink for BlockWriter<'_> {
    fn write(&mut self, piece: &[u8]) -> Result<(), Error> {
        BlockWriter::write(self, piece)
    }
}

pub(super) fn cores() -> usize {
    core_budget::cores().unwrap_or(1)
}

/// Applies `work` to each item on all cores. Returns the results in the order of the
/// items.
pub(super) fn on_all_cores<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    on_other_cores(items, work, || ()).0
}

/// As [`on_all_cores`], but this thread runs `first` before it helps.
fn on_other_cores<T: Sync, R: Send, O>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    first: impl FnOnce() -> O,
) -> (Vec<R>, O) {
    let helpers = cores().min(items.len()).saturating_sub(1);
    let results: Vec<Mutex<Option<R>>> = items.iter().map(|_| Mutex::new(None)).collect();
    let next = Mutex::new(0..items.len());
    let run = || {
        loop {
            let Some(index) = lock(&next).next() else {
                return;
            };
            let result = work(&items[index]);
            *lock(&results[index]) = Some(result);
        }
    };
    let other = thread_pool::scoped(helpers, &run, |_| {
        let other = first();
        run();
        other
    });
    let result = |it: Mutex<Option<R>>| it.into_inner().ok().flatten();
    (results.into_iter().filter_map(result).collect(), other)
}

/// Bytes with random access: a file, or memory.
pub(super) trait ReadAt: Sync {
    /// Fills `out` with the bytes at `offset`, or fails.
    fn read(&self, offset: u64, out: &mut [MaybeUninit<u8>]) -> Result<(), Error>;
}

impl ArraySegment {
    /// Reads and verifies its block list.
    pub(super) fn read_list(&self, file: &dyn ReadAt, part: &str) -> Result<Vec<u8>, Error> {
        let list = read_vec(file, self.list, self.list_len() as usize)?;
        if xxh3::hash64(&list) != self.list_checksum {
            let part = format!("the block list of {part}");
            return Err(Error::damaged(part, "its checksum is wrong"));
        }
        Ok(list)
    }

    /// Decodes the block list: the offset, lengths and checksum of each block.
    pub(super) fn stored_blocks(&self, list: &[u8], part: &str) -> Result<Vec<RawBlock>, Error> {
        let entry = entry(self.codec);
        let mut at = self.start;
        let mut blocks = Vec::with_capacity(list.len() / entry);
        for (index, entry) in list.chunks_exact(entry).enumerate() {
            let before = index as u64 * BLOCK as u64;
            let len = (self.len - before).min(BLOCK as u64);
            let (checksum, stored) = entry.split_at(8);
            let stored = match stored.try_into() {
                Ok(stored) => u64::from_le_bytes(stored),
                Err(_) => len,
            };
            let left = self.start + self.stored - at;
            if stored > len || stored > left || stored == 0 {
                return Err(damaged(part, index, "invalid stored length"));
            }
            blocks.push(RawBlock {
                at,
                stored: stored as usize,
                len: len as usize,
                checksum: u64::from_le_bytes(checksum.try_into().expect("eight bytes")),
            });
            at += stored;
        }
        match at == self.start + self.stored {
            true => Ok(blocks),
            false => Err(Error::damaged(
                part,
                "its blocks do not add up to its length",
            )),
        }
    }

    /// Fills `out` with the whole segment, verified, or fails.
    pub(super) fn read(
        &self,
        file: &dyn ReadAt,
        out: &mut [MaybeUninit<u8>],
        part: &str,
    ) -> Result<(), Error> {
        let list = self.read_list(file, part)?;
        let blocks = self.stored_blocks(&list, part)?;
        let work = Mutex::new(blocks.iter().zip(out.chunks_mut(BLOCK)).enumerate());
        let failed = Mutex::new(None);
        let run = || {
            loop {
                let next = lock(&work).next();
                let Some((index, (block, out))) = next else {
                    return;
                };
                if let Err(error) = block.read(self.codec, file, out, part, index) {
                    lock(&failed).get_or_insert(error);
                    return;
                }
            }
        };
        let helpers = match self.blocks() {
            PARALLEL_MIN_BLOCKS.. => cores() - 1,
            _ => 0,
        };
        thread_pool::scoped(helpers, &run, |_| run());
        match lock(&failed).take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

/// A block as stored in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawBlock {
    pub(super) at: u64,
    /// Its stored length: equal to `len` if the block is not compressed.
    pub(super) stored: usize,
    pub(super) len: usize,
    checksum: u64,
}

impl RawBlock {
    /// Fills `out` with the decompressed bytes of the block, which has number `index` in
    /// `part`.
    pub(super) fn read(
        &self,
        codec: Codec,
        file: &dyn ReadAt,
        out: &mut [MaybeUninit<u8>],
        part: &str,
        index: usize,
    ) -> Result<(), Error> {
        if self.stored == self.len {
            file.read(self.at, out)?;
            // SAFETY: `read` succeeded, so it has filled all of it.
            let bytes = unsafe { std::slice::from_raw_parts(out.as_ptr().cast(), out.len()) };
            return self.verify(bytes, part, index);
        }
        let packed = read_vec(file, self.at, self.stored)?;
        self.verify(&packed, part, index)?;
        let out = zeroed(out);
        codec.unpack(&packed, out).map_err(|fault| match fault {
            UnpackError::Damaged(why) => damaged(part, index, &why),
            UnpackError::Feature(feature) => {
                let what = format!("reading {part} with {codec} compression");
                ErrorKind::Feature { what, feature }.into()
            }
        })
    }

    /// Verifies the checksum of `stored`.
    pub(super) fn verify(&self, stored: &[u8], part: &str, index: usize) -> Result<(), Error> {
        match xxh3::hash64(stored) == self.checksum {
            true => Ok(()),
            false => Err(damaged(part, index, "its checksum is wrong")),
        }
    }
}

/// Fills `out` with zeros, as decompressors require initialized memory.
fn zeroed(out: &mut [MaybeUninit<u8>]) -> &mut [u8] {
    out.fill(MaybeUninit::new(0));
    // SAFETY: all of it is initialized.
    unsafe { std::slice::from_raw_parts_mut(out.as_mut_ptr().cast(), out.len()) }
}

fn damaged(part: &str, block: usize, why: &str) -> Error {
    Error::damaged(format!("block {block} of {part}"), why)
}

/// Reads `len` bytes at `offset`. The caller has checked that they are within the file.
pub(super) fn read_vec(file: &dyn ReadAt, offset: u64, len: usize) -> Result<Vec<u8>, Error> {
    filled_vec(len, |room| file.read(offset, room))
}

/// Returns `len` bytes. `fill` fills all of them or fails.
pub(super) fn filled_vec(
    len: usize,
    fill: impl FnOnce(&mut [MaybeUninit<u8>]) -> Result<(), Error>,
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let no_memory = |_| ErrorKind::OutOfMemory { bytes: len as u64 };
    bytes.try_reserve_exact(len).map_err(no_memory)?;
    fill(&mut bytes.spare_capacity_mut()[..len])?;
    // SAFETY: `fill` succeeded, so it has filled all of it.
    unsafe { bytes.set_len(len) };
    Ok(bytes)
}
