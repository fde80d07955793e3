//! The bytes of every kind of file: the format never changes by accident, and files in
//! the format are readable. The expected bytes were computed by an independent program
//! from `docs/format.md`.

use std::fs;

use super::*;
use crate::store::directory::StoreDir;
use crate::store::fs::RealFs;
use crate::store::record::DecodedRecord;
use crate::store::table::RecordPlace;

const SEGMENT: u64 = 0x0123_4567_89ab_cdef;
const PAYLOAD: &[u8] = b"a payload that is large";

const LOG: &str = "6a625232010300000700000000000000a2f84d9921dc08bc4d26da2ece4bc9bd0900000000000000\
    010000000000000002000000000000000a000000000000005a00000000000000e803000000000000\
    98fab330bbe227b4636c6561726564006a6252320103000005000000000000002fb94a77d0b2c468\
    6d390899c1a2d57f0100000000000000010000000000000002000000000000000b00000000000000\
    5900000000000000e8030000000000005b69de01457bd51b736d616c6c0000006a62523202030000\
    0400000000000000f4a0a4e4eacd19e6b6322ab649416fbb01000000000000000100000000000000\
    02000000000000000c000000000000005800000000000000e8030000000000003301000c0af383d3\
    666e2066000000006a625232060300001800000000000000d2968825afe7067b58a4cf702b1d358c\
    0100000000000000010000000000000002000000000000000c000000000000005800000000000000\
    e803000000000000b5f5fd07ee1e2caf1032547698badcfe1700000000000000d37520d7a5dc43e2\
    6a625232030300001800000000000000d2968825afe7067b58a4cf702b1d358c0100000000000000\
    010000000000000002000000000000000d000000000000005700000000000000e803000000000000\
    4acec8324ee492381032547698badcfe1700000000000000d37520d7a5dc43e26a62523204030000\
    0000000000000000346bbe8fb2c1b5648bb3d0ab6175cebe01000000000000000100000000000000\
    02000000000000000e000000000000005600000000000000e803000000000000b2eb9ea5b47172d5\
    6a62523205030000000000000000000031b4a6067e95274a03897bd3a53530b80900000000000000\
    010000000000000002000000000000000f000000000000005500000000000000e803000000000000\
    cf825f178a924dd6";
const TABLE: &str = "6a625461626c6533efcdab8967452301b00200000000000006000000000000000100000000000000\
    0f00000000000000030000000000000078d5fdf10cb1095d0040000820008a0040080b0000000004\
    000000000400000000400440000010100000000000a2301000008014040000000000000000420000\
    050004001080000009000000000000000f000000000000002fb94a77d0b2c4686d390899c1a2d57f\
    60000000000000000b00000000000000d2968825afe7067b58a4cf702b1d358c9001000000000000\
    0d0000000000000031b4a6067e95274a03897bd3a53530b858020000000000000f00000000000000\
    f4a0a4e4eacd19e6b6322ab649416fbbc0000000000000000c00000000000000a2f84d9921dc08bc\
    4d26da2ece4bc9bd00000000000000000a00000000000000346bbe8fb2c1b5648bb3d0ab6175cebe\
    00020000000000000e00000000000000";
const BLOB: &str = "6a62426c6f6230311700000000000000d37520d7a5dc43e200000000000000000000000000000000\
    00000000000000000000000000000000000000000000000061207061796c6f616420746861742069\
    73206c61726765";
/// The reference to the payload file in a record: its number, length and checksum.
const REFERENCE: &str = "1032547698badcfe1700000000000000d37520d7a5dc43e2";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digits).collect()
}

/// Returns a record of each kind. The last hides the first, and the order holds
/// although the clock went back.
fn records() -> Vec<(Id, u64, RecordMeta, Vec<u8>)> {
    let meta = |kind, function, order: u64| RecordMeta {
        kind,
        created: 100 - order,
        codec: 3,
        ..meta(function)
    };
    let reference = bytes(REFERENCE);
    let records = vec![
        (id(1), meta(RecordKind::Result, 9, 10), b"cleared".to_vec()),
        (id(2), meta(RecordKind::Result, 1, 11), b"small".to_vec()),
        (id(3), meta(RecordKind::Function, 1, 12), b"fn f".to_vec()),
        (
            id(4),
            meta(RecordKind::ExternalFunction, 1, 12),
            reference.clone(),
        ),
        (id(4), meta(RecordKind::External, 1, 13), reference),
        (id(5), meta(RecordKind::Tombstone, 1, 14), Vec::new()),
        (id(6), meta(RecordKind::RangeTombstone, 9, 15), Vec::new()),
    ];
    let ordered = records.into_iter();
    ordered
        .map(|(id, meta, payload)| (id, 100 - meta.created, meta, payload))
        .collect()
}

/// Returns a log and its table.
fn log() -> (Vec<u8>, Vec<u8>) {
    let mut log = Vec::new();
    let mut entries = std::collections::BTreeMap::new();
    for (id, order, meta, payload) in records() {
        let offset = log.len() as u64;
        let place = RecordPlace { offset, order };
        let newest = entries.entry(id).or_insert(place);
        if newest.order <= order {
            *newest = place;
        }
        let origin = record::origin(SEGMENT, log.len());
        let payload = &payload;
        let record = DecodedRecord {
            id,
            order,
            meta,
            payload,
        };
        record::encode(origin, &record, &mut log);
    }
    let summary = TableSummary {
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
    let directory = StoreDir::open(&RealFs, dir.path(), &StoreOptions::default());
    let directory = directory.unwrap().unwrap();
    let (reference, _file) = blob::write(&RealFs, &directory, id(4), PAYLOAD, false).unwrap();
    let path = blob::path(&directory, id(4), &reference);
    assert_eq!(hex(&fs::read(path).unwrap()), BLOB);
    assert_eq!(hex(&reference[8..]), REFERENCE[16..]);
}

#[test]
fn what_was_written_is_read_with_its_table_and_without() {
    for has_table in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        drop(open(dir.path()));
        let inner = dir.path().join("v2");
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
        assert_eq!(found.meta, records()[1].2);
        let verified = store.verify().unwrap();
        assert_eq!((verified.entries, verified.damaged.len()), (2, 0));
        assert!(store.take_faults().is_empty());
    }
}
