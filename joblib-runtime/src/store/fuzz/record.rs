//! Fuzz target for the records of a log.

use crate::fuzz_target::Target;
use crate::store::record::{self, DecodedRecord};
use crate::store::{RecordKind, RecordMeta, blob};

const SEGMENT: u64 = 77;

/// With an odd first byte the checksums are corrected, so that the code behind their
/// validation is reached too.
pub(crate) const RECORD: Target = Target {
    name: "store_record",
    run,
    seeds,
};

fn run(bytes: &[u8]) {
    let Some((mode, log)) = bytes.split_first() else {
        return;
    };
    let is_resealed = mode % 2 == 1;
    let mut log = log.to_vec();
    if is_resealed {
        record::reseal(SEGMENT, &mut log);
    }
    let mut end = 0;
    for (offset, record) in record::scan(SEGMENT, &log, 0) {
        assert!(offset >= end && offset.is_multiple_of(8));
        end = offset + record.size();
        assert!(end <= log.len());
        if !is_resealed {
            is_exact(&log[offset..end], offset, &record);
        }
        if record.meta.kind.is_external() {
            let _ = blob::len(record.payload);
        }
    }
}

/// Asserts that a valid record encodes to the same bytes.
fn is_exact(bytes: &[u8], offset: usize, record: &DecodedRecord<'_>) {
    let mut again = Vec::new();
    let origin = record::origin(SEGMENT, offset);
    record::encode(origin, record, &mut again);
    assert_eq!(again, bytes);
}

fn seeds() -> Vec<Vec<u8>> {
    let kinds = [
        (RecordKind::Result, &[1_u8, 2, 3][..]),
        (RecordKind::Function, b"name\nfingerprint\n"),
        (RecordKind::External, &[9; 24]),
        (RecordKind::Tombstone, &[]),
        (RecordKind::RangeTombstone, &[]),
    ];
    let mut log = vec![0];
    for (id, (kind, payload)) in (1..).zip(kinds) {
        let meta = RecordMeta {
            function: 1,
            source: 2,
            args: 3,
            created: 4,
            cost: 5,
            codec: 0,
            kind,
        };
        let origin = record::origin(SEGMENT, log.len() - 1);
        let record = DecodedRecord {
            id,
            order: 6,
            meta,
            payload,
        };
        record::encode(origin, &record, &mut log);
    }
    let mut damaged = log.clone();
    damaged[0] = 1;
    let first = record::size(3);
    vec![log[..=first].to_vec(), log, damaged]
}
