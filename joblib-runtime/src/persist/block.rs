//! A segment as blocks of a mebibyte, each with its own checksum and, if the
//! segment is compressed, compressed by itself: so that a part can be read
//! and verified without the rest, and several cores work at once.

use std::hash::Hasher;
use std::mem::MaybeUninit;
use std::sync::{Mutex, MutexGuard, PoisonError};

use twox_hash::XxHash3_64;

use super::compress::{Codec, Compress, UnpackError};
use super::error::{Error, ErrorKind};
use super::layout::Segment;
use crate::sched::core_budget;
use crate::sched::thread_pool;

/// The bytes of a block; the last of a segment may have fewer.
pub(super) const BLOCK: usize = 1 << 20;

/// So many blocks for each core are compressed before they are written.
pub(super) const AHEAD: usize = 2;

/// Segments of fewer blocks are read by one thread.
const SHARED: u64 = 8;

/// The bytes of an entry in the list of blocks: the checksum of what is
/// stored and, if it is compressed, how many bytes that is.
pub(super) fn entry(codec: Codec) -> usize {
    match codec {
        Codec::None => 8,
        _ => 16,
    }
}

/// Where segments are written to.
pub(super) trait BlockSink {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error>;
}

/// Writes one segment.
pub(super) struct BlockWriter<'o> {
    out: &'o mut dyn BlockSink,
    compress: Compress,
    /// What waits to be compressed, or, if nothing is compressed, nothing.
    waiting: Vec<u8>,
    /// Of the block that is being written, if nothing is compressed.
    hasher: XxHash3_64,
    hashed: usize,
    list: Vec<u8>,
    len: u64,
    stored: u64,
}

/// A segment that was written.
pub(super) struct WrittenSegment {
    pub(super) segment: Segment,
    pub(super) list: Vec<u8>,
}

impl<'o> BlockWriter<'o> {
    pub(super) fn new(out: &'o mut dyn BlockSink, compress: Compress) -> Self {
        BlockWriter {
            out,
            compress,
            waiting: Vec::new(),
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
            Codec::None => self.plain(bytes),
            _ => self.compressed(bytes),
        }
    }

    fn plain(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        if self.hashed == 0 && bytes.len() >= SHARED as usize * BLOCK && cores() > 1 {
            let whole = bytes.len() / BLOCK * BLOCK;
            let (now, later) = bytes.split_at(whole);
            self.beside(now)?;
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
                    .extend_from_slice(&XxHash3_64::oneshot(now).to_le_bytes());
                continue;
            }
            self.hasher.write(now);
            self.hashed += now.len();
            if self.hashed == BLOCK {
                self.end_plain();
            }
        }
        Ok(())
    }

    /// Writes whole blocks while others take their checksums.
    fn beside(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let blocks: Vec<_> = bytes.chunks(BLOCK).collect();
        let out = &mut *self.out;
        let (checksums, written) = on_other_cores(
            &blocks,
            |block| XxHash3_64::oneshot(block),
            || out.write(bytes),
        );
        written?;
        self.stored += bytes.len() as u64;
        for checksum in checksums {
            self.list.extend_from_slice(&checksum.to_le_bytes());
        }
        Ok(())
    }

    fn end_plain(&mut self) {
        let hasher = std::mem::replace(&mut self.hasher, XxHash3_64::new());
        self.list.extend_from_slice(&hasher.finish().to_le_bytes());
        self.hashed = 0;
    }

    fn compressed(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        let wave = AHEAD * cores() * BLOCK;
        while !bytes.is_empty() {
            if self.waiting.is_empty() && bytes.len() >= wave {
                let (now, later) = bytes.split_at(wave);
                bytes = later;
                self.wave(now)?;
                continue;
            }
            let room = wave - self.waiting.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            bytes = later;
            self.waiting.extend_from_slice(now);
            if self.waiting.len() == wave {
                self.waited()?;
            }
        }
        Ok(())
    }

    fn waited(&mut self) -> Result<(), Error> {
        let mut waiting = std::mem::take(&mut self.waiting);
        self.wave(&waiting)?;
        waiting.clear();
        self.waiting = waiting;
        Ok(())
    }

    /// Compresses whole blocks, on all cores, and writes them.
    fn wave(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let compress = self.compress;
        let blocks: Vec<_> = bytes.chunks(BLOCK).collect();
        for (block, packed) in blocks.iter().zip(on_all_cores(&blocks, |block| {
            let mut packed = Vec::new();
            compress.block(block, &mut packed).map(|()| packed)
        })) {
            let packed = packed?;
            // What does not become shorter stays as it is.
            let stored = match packed.len() < block.len() {
                true => &packed[..],
                false => block,
            };
            self.out.write(stored)?;
            self.stored += stored.len() as u64;
            let checksum = XxHash3_64::oneshot(stored);
            self.list.extend_from_slice(&checksum.to_le_bytes());
            self.list
                .extend_from_slice(&(stored.len() as u64).to_le_bytes());
        }
        Ok(())
    }

    /// Ends the segment, of numbers of that kind.
    pub(super) fn finish(
        mut self,
        kind: Option<super::number::NumberKind>,
        start: u64,
    ) -> Result<WrittenSegment, Error> {
        if self.hashed > 0 {
            self.end_plain();
        }
        if !self.waiting.is_empty() {
            self.waited()?;
        }
        let segment = Segment {
            kind,
            codec: self.compress.codec(),
            len: self.len,
            stored: self.stored,
            list_checksum: XxHash3_64::oneshot(&self.list),
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn cores() -> usize {
    core_budget::cores().unwrap_or(1)
}

/// `work` of each item, in their order.
pub(super) fn on_all_cores<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    on_other_cores(items, work, || ()).0
}

/// As [`on_all_cores`], while this thread does something else first.
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

/// Bytes that can be read at any place: a file, or memory.
pub(super) trait ReadAt: Sync {
    /// Fills `out` with what is at `offset`.
    fn read(&self, offset: u64, out: &mut [MaybeUninit<u8>]) -> Result<(), Error>;
}

impl Segment {
    /// The list of its blocks, verified.
    pub(super) fn read_list(&self, file: &dyn ReadAt, part: &str) -> Result<Vec<u8>, Error> {
        let list = read_vec(file, self.list, self.list_len() as usize)?;
        if XxHash3_64::oneshot(&list) != self.list_checksum {
            let part = format!("the list of blocks of {part}");
            return Err(Error::damaged(part, "its checksum is wrong"));
        }
        Ok(list)
    }

    /// Where each block is in the file, and what it is there.
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
                return Err(damaged(part, index, "it is longer than there is room for"));
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
            false => Err(Error::damaged(part, "its blocks do not fill it")),
        }
    }

    /// Fills `out` with all of it, verified, and does so whole or fails.
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
            SHARED.. => cores() - 1,
            _ => 0,
        };
        thread_pool::scoped(helpers, &run, |_| run());
        match lock(&failed).take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

/// A block as it is in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawBlock {
    pub(super) at: u64,
    /// Its bytes in the file; as many as it has if it is not compressed.
    pub(super) stored: usize,
    pub(super) len: usize,
    checksum: u64,
}

impl RawBlock {
    /// Fills `out` with the bytes of the block, the one with number `index`
    /// of `part`.
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
            // SAFETY: `read` filled all of it, or failed.
            let bytes = unsafe { std::slice::from_raw_parts(out.as_ptr().cast(), out.len()) };
            return self.verify(bytes, part, index);
        }
        let packed = read_vec(file, self.at, self.stored)?;
        self.verify(&packed, part, index)?;
        let out = zeroed(out);
        codec.unpack(&packed, out).map_err(|fault| match fault {
            UnpackError::Damaged(why) => damaged(part, index, &why),
            UnpackError::Feature(feature) => {
                let what = format!("reading {part}, which is compressed with {codec},");
                ErrorKind::Feature { what, feature }.into()
            }
        })
    }

    /// Makes sure that `stored` is what was written.
    pub(super) fn verify(&self, stored: &[u8], part: &str, index: usize) -> Result<(), Error> {
        match XxHash3_64::oneshot(stored) == self.checksum {
            true => Ok(()),
            false => Err(damaged(part, index, "its checksum is wrong")),
        }
    }
}

/// The same memory, with zeros in it: what decompresses wants it so.
fn zeroed(out: &mut [MaybeUninit<u8>]) -> &mut [u8] {
    out.fill(MaybeUninit::new(0));
    // SAFETY: all of it is initialized.
    unsafe { std::slice::from_raw_parts_mut(out.as_mut_ptr().cast(), out.len()) }
}

fn damaged(part: &str, block: usize, why: &str) -> Error {
    Error::damaged(format!("block {block} of {part}"), why)
}

/// `len` bytes at `offset`, which are known to be within the file.
pub(super) fn read_vec(file: &dyn ReadAt, offset: u64, len: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let no_memory = |_| ErrorKind::OutOfMemory { bytes: len as u64 };
    bytes.try_reserve_exact(len).map_err(no_memory)?;
    file.read(offset, &mut bytes.spare_capacity_mut()[..len])?;
    // SAFETY: `read` filled all of it, or failed.
    unsafe { bytes.set_len(len) };
    Ok(bytes)
}
