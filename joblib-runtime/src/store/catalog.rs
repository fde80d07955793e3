//! What a store knows of its directory: the sealed segments, the logs that
//! may grow with an index of their records, and what was cleared when.

use std::collections::{HashMap, HashSet, hash_map};
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use super::blob;
use super::record::{self, DecodedRecord};
use super::segment::Segment;
use super::table::RecordPlace;
use super::{Entry, Id, RecordKind, RecordMeta};

/// The segments of a directory.
#[derive(Default)]
pub(crate) struct Catalog {
    /// Sealed, the one with the newest record first.
    sealed: Vec<Arc<Segment>>,
    /// Logs that may grow.
    growing: HashMap<u64, Arc<Segment>>,
    /// The newest record of each id in the logs that may grow.
    index: HashMap<Id, (u64, RecordPlace), BuildHasherDefault<Identity>>,
    /// The order of the last clear of each function; function 0 stands for all.
    clears: HashMap<u64, u64>,
    /// Results in each of the logs that may grow.
    growing_results: HashMap<u64, u64>,
    /// Segments whose tables led astray.
    distrusted: Vec<u64>,
    /// Entries whose large payload was found damaged, and their order.
    broken: HashMap<Id, u64, BuildHasherDefault<Identity>>,
    /// The order of the newest record.
    newest: u64,
}

/// Where an id was found.
pub(crate) struct RecordLocation<'a> {
    pub(crate) segment: &'a Arc<Segment>,
    pub(crate) place: RecordPlace,
}

impl Catalog {
    /// The newest record with `id`, whatever it is for.
    #[inline]
    pub(crate) fn find(&self, id: Id) -> Option<RecordLocation<'_>> {
        let mut best = self.index.get(&id).and_then(|(number, place)| {
            Some(RecordLocation {
                segment: self.growing.get(number)?,
                place: *place,
            })
        });
        for group in self.sealed.chunks(u32::BITS as usize) {
            // All are asked before the first answer counts, so that their
            // memory is waited for once.
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

    /// Whether nothing that came after hides the record.
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

    /// The order after which a record hides what is there, where that is not
    /// before `wanted`.
    pub(crate) fn floor(&self, id: Id, meta: &RecordMeta, wanted: u64) -> u64 {
        if meta.kind == RecordKind::RangeTombstone || self.newest < wanted {
            return self.newest;
        }
        let cleared = |function| self.clears.get(&function).copied().unwrap_or(0);
        let known = self.find(id).map_or(0, |found| found.place.order);
        known.max(cleared(0)).max(cleared(meta.function))
    }

    /// Adds a segment that was opened or made.
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

    /// Forgets a segment whose file is gone or sealed since.
    pub(crate) fn remove(&mut self, number: u64) {
        self.sealed.retain(|segment| segment.number != number);
        if self.growing.remove(&number).is_some() {
            self.index.retain(|_, (segment, _)| *segment != number);
            self.growing_results.remove(&number);
        }
    }

    /// Notes a record of a log that may grow.
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

    /// Reads what a growing log has up to `len`.
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
        // What follows the last whole record may be one that is being
        // written.
        segment.grow(end);
    }

    fn clear(&mut self, function: u64, order: u64) {
        let known = self.clears.entry(function).or_insert(order);
        *known = (*known).max(order);
    }

    /// Takes the table of a segment as wrong, until it has another.
    pub(crate) fn distrust(&mut self, number: u64) {
        if !self.distrusted.contains(&number) {
            self.distrusted.push(number);
        }
    }

    /// Segments whose tables led astray.
    pub(crate) fn distrusted(&self) -> &[u64] {
        &self.distrusted
    }

    /// Takes the table of a segment as right: it was written anew.
    pub(crate) fn trust(&mut self, number: u64) {
        self.distrusted.retain(|other| *other != number);
    }

    /// Takes an entry as absent until it is stored anew.
    pub(crate) fn take_as_broken(&mut self, id: Id, order: u64) {
        self.broken.insert(id, order);
    }

    /// Whether a log in the directory is unknown, or has a table since.
    pub(crate) fn is_news(&self, number: u64, has_table: bool) -> bool {
        let is_growing = self.growing.contains_key(&number);
        !is_growing && !self.is_sealed(number)
            || is_growing && has_table && !self.distrusted.contains(&number)
    }

    /// About how many results there are, those hidden since included.
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

    /// All records that nothing hides, and what hides others.
    pub(crate) fn visible(&self) -> LiveView {
        let mut newest: HashMap<Id, ScannedRecord, BuildHasherDefault<Identity>> =
            HashMap::default();
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
                        // A mark is nothing that could show again: two of one
                        // id must not keep each other.
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

    /// Notes the clears that hide a record, unless that hides others itself.
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

/// A record on the way through all of them.
struct ScannedRecord {
    segment: u64,
    offset: u64,
    order: u64,
    entry: Entry,
}

/// The records that nothing hides, and what hides others.
#[derive(Default)]
pub(crate) struct LiveView {
    /// Each with the segment and the offset where it is.
    pub(crate) records: Vec<(u64, u64, Entry)>,
    /// Ids of which there is something older than the newest record.
    pub(crate) replaced: Ids,
    /// The clears that hide something, with their order.
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

/// A set of ids.
pub(crate) type Ids = HashSet<Id, BuildHasherDefault<Identity>>;

/// Ids are hashes already, and nobody chooses them to collide.
#[derive(Default)]
pub(crate) struct Identity(u64);

impl std::hash::Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        // Offsets and segments need spreading (the constant is FxHash's).
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_u128(&mut self, id: u128) {
        self.0 = id as u64;
    }
}
