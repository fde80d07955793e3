//! The peers in the comparison. The first is joblib.

use super::task::Value::{
    self, Array, Gibibyte, Hashed, Map, Mixed, Model, Names, Points, Records, Rows, Set, Tree,
};
use super::task::Work;
use crate::program::Program;

/// A peer, and the works that it supports.
pub(crate) struct Contestant {
    /// The header of its column.
    pub(crate) title: &'static str,
    pub(crate) program: Program,
    /// The values that it writes and reads.
    keeps: &'static [Value],
    /// The values that it maps.
    maps: &'static [Value],
    /// Whether its memory use is meaningful.
    needs_memory: bool,
}

impl Contestant {
    /// Returns whether it supports that work with that value.
    pub(crate) fn does(&self, work: Work, value: Value) -> bool {
        match (work, value) {
            (Work::Open, _) => self.maps.contains(&value),
            (Work::DumpMemory | Work::LoadMemory, _) if !self.needs_memory => false,
            // This value is written only to be mapped.
            (_, Gibibyte) => self.maps.contains(&value),
            _ => self.keeps.contains(&value),
        }
    }

    const fn rust(title: &'static str, name: &'static str, keeps: &'static [Value]) -> Self {
        Self::new(title, Program::Rust(name), keeps)
    }

    const fn python(title: &'static str, file: &'static str, keeps: &'static [Value]) -> Self {
        Self::new(title, Program::Python(file), keeps)
    }

    const fn new(title: &'static str, program: Program, keeps: &'static [Value]) -> Self {
        Self {
            title,
            program,
            keeps,
            maps: &[],
            needs_memory: true,
        }
    }

    const fn mapping(mut self, maps: &'static [Value]) -> Self {
        self.maps = maps;
        self
    }

    const fn without_memory(mut self) -> Self {
        self.needs_memory = false;
        self
    }
}

const ALL: &[Value] = &[
    Array, Model, Map, Records, Rows, Points, Mixed, Tree, Hashed, Set, Names,
];
const USUAL: &[Value] = &[Array, Model, Map, Records];
const ARRAYS: &[Value] = &[Array, Model];
const MAPS: &[Value] = &[Array, Model, Gibibyte];

/// The peers that store values in files.
pub(crate) const FILES: &[Contestant] = &[
    Contestant::rust("joblib", "joblib", ALL).mapping(MAPS),
    Contestant::rust("plain", "plain", ALL).without_memory(),
    Contestant::rust("rkyv", "rkyv", ALL).mapping(MAPS),
    Contestant::rust("savefile", "savefile", USUAL),
    Contestant::rust("epserde", "epserde", &[Array, Model, Records]).mapping(MAPS),
    Contestant::rust("bitcode", "bitcode", ALL),
    Contestant::rust("postcard", "postcard", ALL),
    Contestant::rust("bincode", "bincode", ALL),
    Contestant::rust("safetensors", "safetensors", ARRAYS).mapping(MAPS),
    Contestant::python("joblib (Python)", "joblib_dump.py", USUAL).mapping(MAPS),
    Contestant::python("numpy", "numpy_save.py", ARRAYS).mapping(&[Array, Gibibyte]),
    Contestant::python("pickle", "pickle_dump.py", USUAL),
    Contestant::python("safetensors (Python)", "safetensors_save.py", ARRAYS).mapping(MAPS),
];

/// joblib with its default durability, on a disk.
pub(crate) const DURABLE: &[Contestant] = &[Contestant::rust("joblib", "joblib-durable", ALL)];

/// The peers that compress with zstd.
pub(crate) const ZSTD: &[Contestant] = &[
    Contestant::rust("joblib", "joblib-zstd", &[Array]),
    Contestant::rust("bare library", "bare-zstd", &[Array]),
];

/// The peers that compress with lz4.
pub(crate) const LZ4: &[Contestant] = &[
    Contestant::rust("joblib", "joblib-lz4", &[Array]),
    Contestant::rust("bare library", "bare-lz4", &[Array]),
];
