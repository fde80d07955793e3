//! Flipped bits and truncated files: an entry is correct, damaged or absent.

use std::path::{Path, PathBuf};

use super::*;

const COUNT: u64 = 4;

/// Creates a directory with a sealed log, a growing log and a large payload.
fn golden() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.put(id(0), &meta(1), &value(0)).unwrap();
    store.put(id(1), &meta(1), &value(1)).unwrap();
    store.reduce(&Limits::default()).unwrap();
    store.put(id(2), &meta(1), &value(2)).unwrap();
    store.put(id(3), &meta(1), &value(3)).unwrap();
    dir
}

fn value(n: u64) -> Vec<u8> {
    vec![n as u8 + 1; if n == 1 { BIG + 1 } else { 11 }]
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let inner = dir.join("v2");
    let in_dir = |dir: PathBuf| names(&dir).into_iter().map(move |name| dir.join(name));
    let all = in_dir(inner.clone()).chain(in_dir(inner.join("big")));
    let files: Vec<_> = all
        .filter(|path| path.is_file() && path.file_name() != Some("lock".as_ref()))
        .collect();
    assert_eq!(
        files.len(),
        5,
        "two logs, a table, a payload and the change counters: {files:?}"
    );
    files
}

/// Returns the number of entries that are found. Asserts that each of them is correct,
/// and that damage is reported once.
fn right(dir: &Path, what: &str) -> u64 {
    let store = Store::open(
        dir,
        StoreOptions {
            read_only: true,
            ..StoreOptions::default()
        },
    )
    .unwrap();
    let mut found = 0;
    for n in 0..COUNT {
        for attempt in 0..2 {
            match store.get(id(n), attempt == 0) {
                Ok(Some(record)) => {
                    assert_eq!(&*record.payload, &value(n)[..], "{what}");
                    assert_eq!(
                        RecordMeta {
                            created: 0,
                            ..record.meta
                        },
                        meta(1),
                        "{what}"
                    );
                    found += attempt;
                }
                Ok(None) => {}
                Err(Error::Damaged { .. }) => assert_eq!(attempt, 0, "{what}"),
                Err(error) => panic!("{what}: {error}"),
            }
        }
    }
    found
}

/// Returns the offsets to damage in a large file: the header, and a sample of the rest.
fn places(len: usize) -> impl Iterator<Item = usize> {
    (0..len).filter(move |at| *at < 512 || at % 4099 == 0 || at + 2 > len)
}

#[test]
fn no_flipped_bit_gives_a_wrong_value() {
    let dir = golden();
    assert_eq!(right(dir.path(), "undamaged"), COUNT);
    for path in files(dir.path()) {
        let bytes = std::fs::read(&path).unwrap();
        // A different bit of each byte: checksums treat them alike.
        for bit in places(bytes.len()).map(|at| at * 8 + at % 8) {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, &damaged).unwrap();
            let what = format!("bit {bit} of {}", path.display());
            assert!(right(dir.path(), &what) >= COUNT - 1, "{what}");
        }
        std::fs::write(&path, &bytes).unwrap();
    }
    assert_eq!(right(dir.path(), "repaired"), COUNT);
}

#[test]
fn no_cut_file_gives_a_wrong_value() {
    let dir = golden();
    for path in files(dir.path()) {
        let bytes = std::fs::read(&path).unwrap();
        for len in places(bytes.len()) {
            std::fs::write(&path, &bytes[..len]).unwrap();
            right(dir.path(), &format!("{} cut to {len}", path.display()));
        }
        std::fs::write(&path, &bytes).unwrap();
    }
}

#[test]
fn a_damaged_payload_is_reported_once_and_can_be_stored_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.put(id(1), &meta(1), &value(1)).unwrap();
    let big = dir.path().join("v2/big");
    let path = big.join(&names(&big)[0]);
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(matches!(
        store.get(id(1), false),
        Err(Error::Damaged { .. })
    ));
    assert_eq!(payload(&store, 1), None);
    store.put(id(1), &meta(1), &value(1)).unwrap();
    assert_eq!(payload(&store, 1).unwrap(), value(1));
}

#[test]
fn a_torn_tail_hides_nothing_before_it_and_nothing_after() {
    use std::io::Write;
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).put(id(0), &meta(1), &value(0)).unwrap();
    let log = only_log(dir.path());
    let whole = std::fs::read(&log).unwrap();
    for len in 1..whole.len() {
        let mut file = std::fs::OpenOptions::new().append(true).open(&log).unwrap();
        file.write_all(&whole[..len]).unwrap();
        let store = open(dir.path());
        assert_eq!(payload(&store, 0).unwrap(), value(0));
        store.put(id(1), &meta(1), b"after").unwrap();
        assert_eq!(payload(&open(dir.path()), 1).unwrap(), b"after");
        drop(store);
        std::fs::write(&log, &whole).unwrap();
    }
}
