//! Fuzz target for key tables.

use crate::fuzz_target::Target;
use crate::store::Id;
use crate::store::table::{self, RecordPlace, TableSummary};
use crate::xxh3;

/// With an odd first byte the checksum is corrected, so that the code behind its
/// validation is reached too.
pub(crate) const TABLE: Target = Target {
    name: "store_table",
    run,
    seeds,
};

fn run(bytes: &[u8]) {
    let Some((mode, table)) = bytes.split_first() else {
        return;
    };
    let mut table = table.to_vec();
    if mode % 2 == 1 {
        table::reseal(&mut table);
    }
    let Some(summary) = table::summary(&table) else {
        assert!(!table::defect(&table).is_empty());
        return;
    };
    assert!(summary.clears.len() <= table.len());
    let filter = &table[table::filter(&table)];
    let entries = &table[table::entries(&table)];
    let fences = table::fences(entries);
    let near = (0..8)
        .map(id)
        .chain([0, 1, Id::MAX, Id::from(summary.newest) << 64]);
    for id in near {
        table::may_have(filter, id);
        if let Some(place) = table::find(entries, &fences, id) {
            let entry = [&id.to_le_bytes()[..], &place.offset.to_le_bytes()].concat();
            assert!(entries.windows(entry.len()).any(|bytes| bytes == entry));
        }
    }
}

fn id(number: u64) -> Id {
    xxh3::hash128(&number.to_le_bytes())
}

fn seeds() -> Vec<Vec<u8>> {
    let table = |mode: u8, count: u64| {
        let place = |number| RecordPlace {
            offset: number * 8,
            order: number,
        };
        let mut entries: Vec<_> = (0..count)
            .map(|number| (id(number), place(number)))
            .collect();
        let summary = TableSummary {
            segment: 7,
            data_len: 9,
            newest: count,
            results: count,
            clears: vec![(1, 2), (0, 3)],
        };
        [vec![mode], table::encode(&summary, &mut entries)].concat()
    };
    vec![
        table(0, 0),
        table(0, 3),
        table(1, 40),
        table(0, 200),
        table(1, 1),
    ]
}
