//! The state of a directory as known to a store: sealed segments, logs that may still
//! grow with an in-memory index of their records, and clears.

use std::collections::{HashMap, HashSet, hash_map};
use std::sync::Arc;

use super::blob;
use super::record::{self, DecodedRecord};
use super::segment::Segment;
use super::table::RecordPlace;
use super::{Entry, Id, RecordKind, RecordMeta};
use crate::identity_hasher::BuildIdentityHasher;

/// The segments of a directory.
#[derive(Default)]
pub(crate) struct Catalog {
    /// The sealed segments, ordered from the newest record to the oldest.
    sealed: Vec<Arc<Segment>>,
    /// The logs that may grow.
    growing: HashMap<u64, Arc<Segment>>,
    /// The newest record of each ID in the logs that may grow.
    index: HashMap<Id, (u64, RecordPlace), BuildIdentityHasher>,
    /// The order of the last clear of each function; function 0 stands for all.
    clears: HashMap<u64, u64>,
    /// The number of results in each log that may grow.
    growing_results: HashMap<u64, u64>,
    /// Segments whose key tables are wrong.
    distrusted: Vec<u64>,
    /// Entries whose large payload is damaged, and their order.
    broken: HashMap<Id, u64, BuildIdentityHasher>,
    /// The order of the newest record.
    newest: u64,
}

/// The location of a record.
pub(crate) struct RecordLocation<'a> {
    pub(crate) segment: &'a Arc<Segment>,
    pub(crate) place: RecordPlace,
}

impl Catalog {
    /// Returns the newest record with `id`, of any kind.
    #[inline]
    pub(crate) fn find(&self, id: Id) -> Option<RecordLocation<'_>> {
        let mut best = self.index.get(&id).and_then(|(number, place)| {
            Some(RecordLocation {
                segment: self.growing.get(number)?,
                place: *place,
            })
        });
        for group in self.sealed.chunks(u32::BITS as usize) {
            // Query all segments before using an answer, so that their memory accesses
            // overlap.
            let may_have = |mask, (index, segment): (usize, &Arc<Segment>)| {
                mask | u32::from(segment.may_have(id)) << index
            };
            let mut candidates = group.iter().enumerate().fold(0u32, may_have);
            while candidates != 0 {
                let segment = &group[candidates.trailing_zeros() as usize];
                candidates &= candidates - 1;
                let order = best.as_ref().map_or(0, |best| best.place.order);
                if segment
                    .summary()
                    .is_some_and(|summary| summary.newest < order)
                {
                    return best;
                }
                if let Some(place) = segment
                    .find(id)
                    .filter(|place| place.order > order || best.is_none())
                {
                    best = Some(RecordLocation { segment, place });
                }
            }
        }
        best
    }

    /// Whether no later record hides this one.
    #[inline]
    pub(crate) fn is_visible(&self, id: Id, order: u64, meta: &RecordMeta) -> bool {
        if meta.kind.is_marker() || self.broken.get(&id) == Some(&order) {
            return false;
        }
        let after = |function| {
            self.clears
                .get(&function)
                .is_some_and(|clear| *clear >= order)
        };
        self.clears.is_empty() || !(after(0) || after(meta.function))
    }

    /// Returns the order that a new record must exceed in order to hide the existing
    /// ones. For a clear, and if `wanted` is after the newest record, that is the order
    /// of the newest record of all.
    pub(crate) fn floor(&self, id: Id, meta: &RecordMeta, wanted: u64) -> u64 {
        if meta.kind == RecordKind::RangeTombstone || self.newest < wanted {
            return self.newest;
        }
        let cleared = |function| self.clears.get(&function).copied().unwrap_or(0);
        let known = self.find(id).map_or(0, |found| found.place.order);
        known.max(cleared(0)).max(cleared(meta.function))
    }

    /// Adds a segment that was opened or created.
    pub(crate) fn add(&mut self, segment: Arc<Segment>) {
        let number = segment.number;
        let Some(summary) = segment.summary() else {
            self.growing.insert(number, segment);
            return;
        };
        self.newest = self.newest.max(summary.newest);
        for (function, order) in summary.clears.clone() {
            self.clear(function, order);
        }
        self.sealed.retain(|other| other.number != number);
        self.sealed.push(segment);
        let newest = |segment: &Arc<Segment>| segment.summary().map_or(0, |summary| summary.newest);
        self.sealed
            .sort_by_key(|segment| std::cmp::Reverse(newest(segment)));
    }

    /// Removes a segment whose file was deleted or sealed.
    pub(crate) fn remove(&mut self, number: u64) {
        self.sealed.retain(|segment| segment.number != number);
        if self.growing.remove(&number).is_some() {
            self.index.retain(|_, (segment, _)| *segment != number);
            self.growing_results.remove(&number);
        }
    }

    /// Adds a record of a log that may grow to the index.
    pub(crate) fn note(&mut self, number: u64, offset: u64, id: Id, order: u64, meta: &RecordMeta) {
        self.newest = self.newest.max(order);
        if meta.kind == RecordKind::RangeTombstone {
            self.clear(meta.function, order);
        }
        if meta.kind.is_result() {
            *self.growing_results.entry(number).or_default() += 1;
        }
        let place = RecordPlace { offset, order };
        let known = self.index.entry(id).or_insert((number, place));
        if known.1.order <= place.order {
            *known = (number, place);
        }
    }

    /// Indexes the new records of a growing log up to offset `len`.
    pub(crate) fn read(&mut self, segment: &Arc<Segment>, len: usize) {
        let start = segment.len();
        if len <= start {
            return;
        }
        segment.grow(len);
        let mut end = start;
        let records: Vec<_> = record::scan(segment.number, segment.bytes(), start)
            .map(|(offset, record)| {
                end = offset + record.size();
                (offset as u64, record.id, record.order, record.meta)
            })
            .collect();
        for (offset, id, order, meta) in records {
            self.note(segment.number, offset, id, order, &meta);
        }
        // Data after the last complete record may be a record that is being written.
        segment.grow(end);
    }

    fn clear(&mut self, function: u64, order: u64) {
        let known = self.clears.entry(function).or_insert(order);
        *known = (*known).max(order);
    }

    /// Marks the key table of a segment as wrong, until it is rewritten.
    pub(crate) fn distrust(&mut self, number: u64) {
        if !self.distrusted.contains(&number) {
            self.distrusted.push(number);
        }
    }

    /// Returns the segments whose key tables are wrong.
    pub(crate) fn distrusted(&self) -> &[u64] {
        &self.distrusted
    }

    /// Marks the key table of a segment as right after it was rewritten.
    pub(crate) fn trust(&mut self, number: u64) {
        self.distrusted.retain(|other| *other != number);
    }

    /// Treats an entry as absent until it is stored again.
    pub(crate) fn mark_broken(&mut self, id: Id, order: u64) {
        self.broken.insert(id, order);
    }

    /// Whether a log in the directory is unknown, or got a key table since it was
    /// opened.
    pub(crate) fn is_new(&self, number: u64, has_table: bool) -> bool {
        let is_growing = self.growing.contains_key(&number);
        !is_growing && !self.is_sealed(number)
            || is_growing && has_table && !self.distrusted.contains(&number)
    }

    /// Returns the approximate number of results, including hidden ones.
    pub(crate) fn results(&self) -> u64 {
        let sealed = self.sealed.iter().filter_map(|segment| segment.summary());
        self.growing_results.values().sum::<u64>()
            + sealed.map(|summary| summary.results).sum::<u64>()
    }

    pub(crate) fn sealed(&self) -> &[Arc<Segment>] {
        &self.sealed
    }

    pub(crate) fn growing(&self) -> impl Iterator<Item = &Arc<Segment>> {
        self.growing.values()
    }

    fn is_sealed(&self, number: u64) -> bool {
        self.sealed.iter().any(|segment| segment.number == number)
    }

    pub(crate) fn numbers(&self) -> Vec<u64> {
        let sealed = self.sealed.iter().map(|segment| segment.number);
        sealed.chain(self.growing.keys().copied()).collect()
    }

    /// Returns all visible records, and the information about hidden ones that a
    /// rewrite needs.
    pub(crate) fn visible(&self) -> LiveView {
        let mut newest: HashMap<Id, ScannedRecord, BuildIdentityHasher> = HashMap::default();
        newest.reserve(self.results() as usize);
        let mut visible = LiveView::default();
        for segment in self.sealed.iter().chain(self.growing.values()) {
            for (offset, record) in segment.records() {
                let found = ScannedRecord {
                    segment: segment.number,
                    offset: offset as u64,
                    order: record.order,
                    entry: entry(&record),
                };
                self.note_clears(&record, &mut visible.clears);
                match newest.entry(record.id) {
                    hash_map::Entry::Vacant(place) => {
                        place.insert(found);
                    }
                    hash_map::Entry::Occupied(mut known) => {
                        let before = known.get();
                        let older = match before.order < record.order {
                            true => before.entry.meta.kind,
                            false => record.meta.kind,
                        };
                        // A tombstone has nothing to reveal, so it does not count as an
                        // older record: otherwise two tombstones of one ID would keep
                        // each other alive.
                        if before.order != record.order && !older.is_marker() {
                            visible.replaced.insert(record.id);
                        }
                        if before.order <= record.order {
                            known.insert(found);
                        }
                    }
                }
            }
        }
        visible.records = newest
            .into_values()
            .filter(|seen| self.is_visible(seen.entry.id, seen.order, &seen.entry.meta))
            .map(|seen| (seen.segment, seen.offset, seen.entry))
            .collect();
        visible
    }

    /// Records the clears that hide a result. Tombstones are skipped.
    fn note_clears(&self, record: &DecodedRecord<'_>, clears: &mut HashMap<u64, u64>) {
        if self.clears.is_empty() || record.meta.kind.is_marker() {
            return;
        }
        for function in [0, record.meta.function] {
            let order = self.clears.get(&function).copied().unwrap_or(0);
            if order >= record.order {
                clears.insert(function, order);
            }
        }
    }
}

/// A record that the scan has found.
struct ScannedRecord {
    segment: u64,
    offset: u64,
    order: u64,
    entry: Entry,
}

/// The visible records, and the information about hidden ones that a rewrite needs.
#[derive(Default)]
pub(crate) struct LiveView {
    /// Each with its segment and offset.
    pub(crate) records: Vec<(u64, u64, Entry)>,
    /// IDs with a record that is older than their newest one.
    pub(crate) replaced: Ids,
    /// The clears that hide a record, with their order.
    pub(crate) clears: HashMap<u64, u64>,
}

fn entry(record: &DecodedRecord<'_>) -> Entry {
    let external = if record.meta.kind.is_external() {
        blob::len(record.payload)
    } else {
        0
    };
    Entry {
        id: record.id,
        meta: record.meta,
        size: record.size() as u64 + external,
    }
}

/// A set of IDs.
pub(crate) type Ids = HashSet<Id, BuildIdentityHasher>;
