//! A bare compression library. It compresses the same blocks as joblib, each prefixed
//! by its length and without checksums, on all available cores.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::marker::PhantomData;
use std::path::Path;

use bytemuck::{cast_slice, cast_slice_mut};
use rayon::prelude::*;
use zstd::bulk::{Compressor, Decompressor};

use super::map;
use crate::Result;
use crate::persist::format::Format;
use crate::persist::value::{ARRAY, Array};

/// A library, and the state that it reuses between blocks.
pub(crate) trait Library: Sized + Send {
    fn new() -> io::Result<Self>;

    fn pack(&mut self, block: &[u8]) -> io::Result<Vec<u8>>;

    /// Decompresses into all of `block`.
    fn unpack(&mut self, packed: &[u8], block: &mut [u8]) -> io::Result<()>;
}

/// The library `zstd` 0.14 at level 3.
pub(crate) struct Zstd(Compressor<'static>, Decompressor<'static>);

impl Library for Zstd {
    fn new() -> io::Result<Self> {
        Ok(Self(Compressor::new(3)?, Decompressor::new()?))
    }

    fn pack(&mut self, block: &[u8]) -> io::Result<Vec<u8>> {
        self.0.compress(block)
    }

    fn unpack(&mut self, packed: &[u8], block: &mut [u8]) -> io::Result<()> {
        self.1.decompress_to_buffer(packed, block).map(drop)
    }
}

/// The library `lz4_flex` 0.14, built as in joblib: without unsafe code.
pub(crate) struct Lz4;

impl Library for Lz4 {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    fn pack(&mut self, block: &[u8]) -> io::Result<Vec<u8>> {
        Ok(lz4_flex::block::compress(block))
    }

    fn unpack(&mut self, packed: &[u8], block: &mut [u8]) -> io::Result<()> {
        let unpacked = lz4_flex::block::decompress_into(packed, block);
        unpacked.map(drop).map_err(io::Error::other)
    }
}

pub(crate) struct Bare<L>(PhantomData<L>);

/// The number of values in a mebibyte.
const BLOCK: usize = (1 << 20) / size_of::<f64>();

/// The number of blocks compressed ahead of writing.
const AHEAD: usize = 8;

impl<L: Library> Format<Array> for Bare<L> {
    type Held = Array;

    fn hold(value: Array) -> Result<Array> {
        Ok(value)
    }

    fn dump(value: &Array, path: &Path) -> Result {
        let mut out = BufWriter::new(File::create(path)?);
        for blocks in value.chunks(AHEAD * BLOCK) {
            let packed = blocks.par_chunks(BLOCK).map_init(L::new, |library, block| {
                ready(library)?.pack(cast_slice(block))
            });
            for packed in packed.collect::<io::Result<Vec<_>>>()? {
                out.write_all(&(packed.len() as u64).to_le_bytes())?;
                out.write_all(&packed)?;
            }
        }
        Ok(out.flush()?)
    }

    fn load(path: &Path) -> Result<Array> {
        let file = map(path)?;
        let mut value = vec![0.0; ARRAY];
        let blocks = value.par_chunks_mut(BLOCK);
        let unpacked = blocks.zip(packed(&file)?);
        unpacked
            .map_init(L::new, |library, (block, packed)| {
                ready(library)?.unpack(packed, cast_slice_mut(block))
            })
            .collect::<io::Result<()>>()?;
        Ok(value)
    }
}

/// Returns the library, or the error of its creation.
fn ready<L>(library: &mut io::Result<L>) -> io::Result<&mut L> {
    library
        .as_mut()
        .map_err(|error| io::Error::new(error.kind(), error.to_string()))
}

/// Splits a file into its blocks.
fn packed(mut file: &[u8]) -> Result<Vec<&[u8]>> {
    let mut blocks = Vec::new();
    while let Some((len, rest)) = file.split_first_chunk() {
        let len = u64::from_le_bytes(*len) as usize;
        let (block, rest) = rest.split_at_checked(len).ok_or("a block is truncated")?;
        blocks.push(block);
        file = rest;
    }
    Ok(blocks)
}
