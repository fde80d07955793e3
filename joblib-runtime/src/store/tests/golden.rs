//! The bytes of every kind of file: what is written never changes by accident,
//! and what was written is read. The expected bytes were computed by another
//! program from `docs/format.md`.

use std::fs;

use super::*;
use crate::store::directory::Directory;
use crate::store::files::Disk;
use crate::store::table::Place;

const SEGMENT: u64 = 0x0123_4567_89ab_cdef;
const PAYLOAD: &[u8] = b"a payload that is large";

const LOG: &str = "6a625231010300000700000000000000a2f84d9921dc08bc4d26da2ece4bc9bd0900000000000000\
    010000000000000002000000000000000a00000000000000e8030000000000000dee10bd97c3d47d\
    636c6561726564006a6252310103000005000000000000002fb94a77d0b2c4686d390899c1a2d57f\
    0100000000000000010000000000000002000000000000000b00000000000000e803000000000000\
    72d9c2ffd96312a9736d616c6c0000006a625231020300000400000000000000f4a0a4e4eacd19e6\
    b6322ab649416fbb0100000000000000010000000000000002000000000000000c00000000000000\
    e80300000000000055ed5772fa34d9d8666e2066000000006a625231060300001800000000000000\
    d2968825afe7067b58a4cf702b1d358c010000000000000001000000000000000200000000000000\
    0c00000000000000e803000000000000fd473afee08f3b4a1032547698badcfe1700000000000000\
    d37520d7a5dc43e26a625231030300001800000000000000d2968825afe7067b58a4cf702b1d358c\
    0100000000000000010000000000000002000000000000000d00000000000000e803000000000000\
    22261f580b546f3a1032547698badcfe1700000000000000d37520d7a5dc43e26a62523104030000\
    0000000000000000346bbe8fb2c1b5648bb3d0ab6175cebe01000000000000000100000000000000\
    02000000000000000e00000000000000e803000000000000cca1d6e80587d7446a62523105030000\
    000000000000000031b4a6067e95274a03897bd3a53530b809000000000000000100000000000000\
    02000000000000000f00000000000000e8030000000000003734a4a17812e083";
const TABLE: &str = "6a625461626c6532efcdab8967452301780200000000000006000000000000000100000000000000\
    0f000000000000000300000000000000e740955f67726ff40040000820008a0040080b0000000004\
    000000000400000000400440000010100000000000a2301000008014040000000000000000420000\
    050004001080000009000000000000000f000000000000002fb94a77d0b2c4686d390899c1a2d57f\
    58000000000000000b00000000000000d2968825afe7067b58a4cf702b1d358c7001000000000000\
    0d0000000000000031b4a6067e95274a03897bd3a53530b828020000000000000f00000000000000\
    f4a0a4e4eacd19e6b6322ab649416fbbb0000000000000000c00000000000000a2f84d9921dc08bc\
    4d26da2ece4bc9bd00000000000000000a00000000000000346bbe8fb2c1b5648bb3d0ab6175cebe\
    d8010000000000000e00000000000000";
const BLOB: &str = "6a62426c6f6230311700000000000000d37520d7a5dc43e200000000000000000000000000000000\
    00000000000000000000000000000000000000000000000061207061796c6f616420746861742069\
    73206c61726765";
/// What a record says of the file: its number, length and checksum.
const REFERENCE: &str = "1032547698badcfe1700000000000000d37520d7a5dc43e2";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digits).collect()
}

/// A record of each kind, the first of them hidden by the last.
fn records() -> Vec<(Id, Meta, Vec<u8>)> {
    let meta = |kind, function, created| Meta {
        kind,
        created,
        codec: 3,
        ..meta(function)
    };
    let reference = bytes(REFERENCE);
    vec![
        (id(1), meta(Kind::Result, 9, 10), b"cleared".to_vec()),
        (id(2), meta(Kind::Result, 1, 11), b"small".to_vec()),
        (id(3), meta(Kind::Function, 1, 12), b"fn f".to_vec()),
        (
            id(4),
            meta(Kind::ExternalFunction, 1, 12),
            reference.clone(),
        ),
        (id(4), meta(Kind::External, 1, 13), reference),
        (id(5), meta(Kind::Forgotten, 1, 14), Vec::new()),
        (id(6), meta(Kind::Cleared, 9, 15), Vec::new()),
    ]
}

/// A log and its table.
fn log() -> (Vec<u8>, Vec<u8>) {
    let mut log = Vec::new();
    let mut entries = std::collections::BTreeMap::new();
    for (id, meta, payload) in records() {
        let (offset, created) = (log.len() as u64, meta.created);
        let place = Place { offset, created };
        let newest = entries.entry(id).or_insert(place);
        if newest.created <= created {
            *newest = place;
        }
        let origin = record::origin(SEGMENT, log.len());
        record::encode(origin, id, &meta, &payload, &mut log);
    }
    let summary = Summary {
        segment: SEGMENT,
        data_len: log.len() as u64,
        newest: 15,
        results: 3,
        clears: vec![(9, 15)],
    };
    let mut entries: Vec<_> = entries.into_iter().collect();
    let table = table::encode(&summary, &mut entries);
    (log, table)
}

#[test]
fn the_bytes_of_a_log_are_frozen() {
    assert_eq!(hex(&log().0), LOG);
}

#[test]
fn the_bytes_of_a_key_table_are_frozen() {
    assert_eq!(hex(&log().1), TABLE);
}

#[test]
fn the_bytes_of_a_large_payload_are_frozen() {
    let dir = tempfile::tempdir().unwrap();
    let directory = Directory::open(&Disk, dir.path(), &Options::default());
    let directory = directory.unwrap().unwrap();
    let (reference, _file) = big::write(&Disk, &directory, id(4), PAYLOAD, false).unwrap();
    let path = big::path(&directory, id(4), &reference);
    assert_eq!(hex(&fs::read(path).unwrap()), BLOB);
    assert_eq!(hex(&reference[8..]), REFERENCE[16..]);
}

#[test]
fn what_was_written_is_read_with_its_table_and_without() {
    for has_table in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        drop(open(dir.path()));
        let inner = dir.path().join("v1");
        fs::write(inner.join("0123456789abcdef.log"), bytes(LOG)).unwrap();
        if has_table {
            fs::write(inner.join("0123456789abcdef.idx"), bytes(TABLE)).unwrap();
        }
        let number = u64::from_le_bytes(bytes(REFERENCE)[..8].try_into().unwrap());
        let name = format!("big/{:032x}-{number:016x}", id(4));
        fs::write(inner.join(name), bytes(BLOB)).unwrap();
        let store = open(dir.path());
        assert_eq!(payload(&store, 1), None);
        assert_eq!(payload(&store, 2).unwrap(), b"small");
        assert_eq!(payload(&store, 4).unwrap(), PAYLOAD);
        assert_eq!(payload(&store, 5), None);
        assert_eq!(store.functions().unwrap(), [(1, b"fn f".to_vec())]);
        let found = store.get(id(2), false).unwrap().unwrap();
        assert_eq!(found.meta, records()[1].1);
        let verified = store.verify().unwrap();
        assert_eq!((verified.entries, verified.damaged.len()), (2, 0));
        assert!(store.take_faults().is_empty());
    }
}
