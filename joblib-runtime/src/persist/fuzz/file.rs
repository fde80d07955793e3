//! Fuzzing of whole files, as they are loaded.

use super::super::compress::Codec;
use super::super::file::{FileIndex, MemoryFile};
use super::super::layout::{MAGIC, reseal};
use super::super::schema::Schema;
use super::super::{Compress, Dump, Load, Persist};
use super::forms::{Apart, OneByOne, Records, Together, records, together};
use super::{COUNTS, Rich, Wide, rich};
use crate::fuzz::Target;

/// A file, after a byte. An odd one has the checksums set right, so that what
/// they keep out is met as well.
pub(crate) const FILE: Target = Target {
    name: "persist_file",
    run,
    seeds,
};

fn run(bytes: &[u8]) {
    let Some(file) = unsealed(bytes) else {
        return;
    };
    // Whatever it says, it takes no more than that.
    let load = Load::new().limit_bytes(64 << 20);
    if let Ok(value) = load.read::<Rich>(&file[..]) {
        let first = dumped(&value, Dump::new());
        if file.starts_with(&MAGIC) {
            let stream = [&file[..], b"more"].concat();
            let mut input = &stream[..];
            let next = load.read_next::<Rich>(&mut input).ok().flatten();
            let next = next.expect("what is loaded is found in a stream");
            assert!(dumped(&next, Dump::new()) == first, "another value");
            assert_eq!(input, b"more");
        }
        if is_plain::<Rich>(&file) {
            assert!(first == file, "two encodings of one value");
        }
        let again = load.read::<Rich>(&first[..]);
        let again = again.expect("what was dumped can be loaded");
        assert!(dumped(&again, Dump::new()) == first, "another value");
    }
    let _ = load.read::<Wide>(&file[..]);
    if let Ok(value) = load.read::<Together>(&file[..]) {
        let first = dumped(&value, Dump::new());
        let again = load.read::<Together>(&first[..]);
        let again = again.expect("what was dumped can be loaded");
        assert!(dumped(&again, Dump::new()) == first, "another value");
    }
    let _ = load.read::<Apart>(&file[..]);
    if let Ok(value) = load.read::<Records>(&file[..]) {
        let first = dumped(&value, Dump::new());
        if is_plain::<Records>(&file) {
            assert!(first == file, "two encodings of one value");
        }
        let again = load.read::<Records>(&first[..]);
        assert_eq!(again.expect("what was dumped can be loaded"), value);
    }
    let _ = load.read::<OneByOne>(&file[..]);
    let _ = load.read::<Vec<f64>>(&file[..]);
}

/// The file in what a target was given.
pub(super) fn unsealed(bytes: &[u8]) -> Option<Vec<u8>> {
    let (mode, file) = bytes.split_first()?;
    Some(match mode % 2 {
        1 => resealed(file),
        _ => file.to_vec(),
    })
}

/// The file with its checksums set right.
pub(super) fn resealed(file: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    reseal(&mut file);
    file
}

/// Whether it is as `dump` writes a `T`, so that only one file has that value.
fn is_plain<T: Persist>(file: &[u8]) -> bool {
    let asked = Schema::of::<T>().bytes().ok();
    let Ok(outline) = FileIndex::read(&MemoryFile(file), file.len() as u64) else {
        return false;
    };
    let is_plain = |segment: &super::super::layout::Segment| segment.codec == Codec::None;
    outline.schema.bytes().ok() == asked && outline.segments.iter().all(is_plain)
}

pub(super) fn dumped<T: Persist>(value: &T, dump: Dump) -> Vec<u8> {
    let mut out = Vec::new();
    let written = dump.write(&mut out, value);
    assert!(written.is_ok(), "what was loaded cannot be dumped");
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

/// Each file once as it is and once to be sealed anew.
pub(super) fn sealed(files: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let both = |file: Vec<u8>| [0, 1].map(|mode| [&[mode][..], &file].concat());
    files.into_iter().flat_map(both).collect()
}
