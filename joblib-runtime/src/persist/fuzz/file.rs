//! Fuzzing of whole files that are loaded.

use super::forms::{Apart, OneByOne, Records, Together, records, together};
use super::{COUNTS, Rich, Wide, rich};
use crate::fuzz_target::Target;
use crate::persist::compress::Codec;
use crate::persist::file::{FileIndex, MemoryFile};
use crate::persist::layout::{MAGIC, reseal};
use crate::persist::schema::Schema;
use crate::persist::{Compress, Dump, Load, Persist};

/// Input: a mode byte, then a file. After an odd byte, the checksums are corrected, so
/// that the code behind them is reached as well.
pub(crate) const FILE: Target = Target {
    name: "persist_file",
    run,
    seeds,
};

fn run(bytes: &[u8]) {
    let Some(file) = unsealed(bytes) else {
        return;
    };
    // Limits the memory, whatever lengths the file states.
    let load = Load::new().limit_bytes(64 << 20);
    if let Ok(value) = load.read::<Rich>(&file[..]) {
        let first = dumped(&value, Dump::new());
        if file.starts_with(&MAGIC) {
            let stream = [&file[..], b"more"].concat();
            let mut input = &stream[..];
            let next = load.read_next::<Rich>(&mut input).ok().flatten();
            let next = next.expect("a loaded value can be read from a stream");
            assert!(dumped(&next, Dump::new()) == first, "the value changed");
            assert_eq!(input, b"more");
        }
        if is_plain::<Rich>(&file) {
            assert!(first == file, "two encodings of one value");
        }
        let again = load.read::<Rich>(&first[..]);
        let again = again.expect("a dumped value can be loaded");
        assert!(dumped(&again, Dump::new()) == first, "the value changed");
    }
    let _ = load.read::<Wide>(&file[..]);
    if let Ok(value) = load.read::<Together>(&file[..]) {
        let first = dumped(&value, Dump::new());
        let again = load.read::<Together>(&first[..]);
        let again = again.expect("a dumped value can be loaded");
        assert!(dumped(&again, Dump::new()) == first, "the value changed");
    }
    let _ = load.read::<Apart>(&file[..]);
    if let Ok(value) = load.read::<Records>(&file[..]) {
        let first = dumped(&value, Dump::new());
        if is_plain::<Records>(&file) {
            assert!(first == file, "two encodings of one value");
        }
        let again = load.read::<Records>(&first[..]);
        assert_eq!(again.expect("a dumped value can be loaded"), value);
    }
    let _ = load.read::<OneByOne>(&file[..]);
    let _ = load.read::<Vec<f64>>(&file[..]);
}

/// Returns the file in the input of a target.
pub(super) fn unsealed(bytes: &[u8]) -> Option<Vec<u8>> {
    let (mode, file) = bytes.split_first()?;
    Some(match mode % 2 {
        1 => resealed(file),
        _ => file.to_vec(),
    })
}

/// Returns the file with correct checksums.
pub(super) fn resealed(file: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    reseal(&mut file);
    file
}

/// Returns whether the file has the encoding that `dump` produces for a `T`, which is
/// unique for each value.
fn is_plain<T: Persist>(file: &[u8]) -> bool {
    let expected = Schema::of::<T>().bytes().ok();
    let Ok(outline) = FileIndex::read(&MemoryFile(file), file.len() as u64) else {
        return false;
    };
    let is_plain = |segment: &super::super::layout::ArraySegment| segment.codec == Codec::None;
    outline.schema.bytes().ok() == expected && outline.segments.iter().all(is_plain)
}

pub(super) fn dumped<T: Persist>(value: &T, dump: Dump) -> Vec<u8> {
    let mut out = Vec::new();
    let written = dump.write(&mut out, value);
    assert!(written.is_ok(), "a loaded value cannot be dumped");
    out
}

fn seeds() -> Vec<Vec<u8>> {
    let files = Compress::all().into_iter().flat_map(|compress| {
        let form = Dump::new().compress(compress);
        COUNTS.map(|count| dumped(&rich(count), form))
    });
    let forms = COUNTS.map(|count| dumped(&together(count), Dump::new()));
    let structs = COUNTS.map(|count| dumped(&records(count), Dump::new()));
    sealed(files.chain(forms).chain(structs).collect())
}

/// Returns two inputs for each file: unchanged, and with corrected checksums.
pub(super) fn sealed(files: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let both = |file: Vec<u8>| [0, 1].map(|mode| [&[mode][..], &file].concat());
    files.into_iter().flat_map(both).collect()
}
