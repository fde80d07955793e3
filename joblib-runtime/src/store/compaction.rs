//! Rewrites the files of a store: seals logs, merges small segments and drops records
//! that are not needed. Only one process does so at a time; readers do not coordinate
//! with it.
//!
//! A rewrite writes the new segment under a temporary name, makes it durable, renames
//! it, and only then unlinks the old segments. In between both exist and contain the
//! same records, so a reader finds each entry at every moment.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::catalog::{Catalog, Ids, LiveView};
use super::directory::{StoreDir, random};
use super::error::Error;
use super::inner::StoreInner;
use super::lock::MAINTENANCE;
use super::record::{self, DecodedRecord};
use super::segment::Segment;
use super::table::{self, RecordPlace, TableSummary};
use super::{Id, RecordKind, RecordMeta, blob, gc, temp_file};
use crate::identity_hasher::BuildIdentityHasher;
use crate::unpoisoned::lock;

/// A rewritten segment ends at this size and another one starts.
const SEGMENT_BYTES: usize = 256 << 20;
/// More segments than this make lookups slow, so small ones are merged.
const SEGMENTS: usize = 4;
/// More segments than this are merged when the store is opened.
const TOO_MANY: usize = 8 * SEGMENTS;
/// Segments up to this size are merged regardless of the sizes of the others.
const SMALL: usize = 1 << 20;
/// The log of a process that ended is sealed from this size on; a smaller one is read
/// as fast without a table.
const WORTH_SEALING: usize = 2 << 20;

/// Writes the key table of a log that gets no more records. The table is made durable
/// before it becomes visible: one that lost entries in a power failure would hide
/// records that survived.
fn seal(shared: &StoreInner, directory: &StoreDir, segment: &Arc<Segment>) -> Result<(), Error> {
    let mut table = TableBuilder::new(segment.number);
    for (offset, record) in segment.records() {
        table.add(offset as u64, &record);
    }
    let len = segment.current_len(&*shared.files, directory)?;
    table.publish(shared, directory, len)?;
    shared.change_catalog(|catalog| catalog.trust(segment.number));
    shared.open_segment(directory, segment.number);
    shared.index.counters.files_changed();
    Ok(())
}

/// Seals the full logs of this store, and rewrites key tables that are wrong.
pub(crate) fn seal_full(shared: &StoreInner) {
    let Ok(directory) = shared.writable() else {
        return;
    };
    let _in_this_process = lock(&shared.locks.maintenance);
    let full = lock(&shared.logs.full)
        .iter()
        .map(|writer| Arc::clone(&writer.segment))
        .collect::<Vec<_>>();
    let distrusted = shared.read_catalog(|catalog| {
        let is_distrusted =
            |segment: &&Arc<Segment>| catalog.distrusted().contains(&segment.number);
        catalog
            .growing()
            .filter(is_distrusted)
            .cloned()
            .collect::<Vec<_>>()
    });
    for segment in full.iter().chain(&distrusted) {
        if let Err(error) = seal(shared, directory, segment) {
            // The log is read without a table; that is slower, but the results are
            // correct.
            shared.fault(error);
        }
        // Another process may have rewritten a log with a wrong table meanwhile.
        if gc::is_absent(&*shared.files, &directory.log(segment.number)) {
            let _ = shared.files.remove(&directory.table(segment.number));
        }
    }
    // The lock of a log is held until it is sealed, so that no other process rewrites
    // it meanwhile.
    let is_sealed = |number| full.iter().any(|segment| segment.number == number);
    let mut waiting = lock(&shared.logs.full);
    waiting.retain_mut(|writer| {
        let is_sealed = is_sealed(writer.segment.number);
        if is_sealed {
            shared.queue_unsynced(writer);
        }
        !is_sealed
    });
}

/// The key table of a segment that is being built.
struct TableBuilder {
    summary: TableSummary,
    entries: HashMap<Id, RecordPlace, BuildIdentityHasher>,
}

impl TableBuilder {
    fn new(segment: u64) -> TableBuilder {
        TableBuilder {
            summary: TableSummary {
                segment,
                ..TableSummary::default()
            },
            entries: HashMap::default(),
        }
    }

    fn add(&mut self, offset: u64, record: &DecodedRecord<'_>) {
        let meta = &record.meta;
        self.summary.newest = self.summary.newest.max(record.order);
        match meta.kind {
            RecordKind::RangeTombstone => self.summary.clears.push((meta.function, record.order)),
            kind => self.summary.results += u64::from(kind.is_result()),
        }
        let place = RecordPlace {
            offset,
            order: record.order,
        };
        let known = self.entries.entry(record.id).or_insert(place);
        if known.order <= place.order {
            *known = place;
        }
    }

    fn publish(
        mut self,
        shared: &StoreInner,
        directory: &StoreDir,
        data_len: usize,
    ) -> Result<(), Error> {
        self.summary.data_len = data_len as u64;
        let mut entries: Vec<_> = self.entries.into_iter().collect();
        let bytes = table::encode(&self.summary, &mut entries);
        let path = directory.table(self.summary.segment);
        temp_file::publish(&*shared.files, directory, &[&bytes], &path, true)
            .map(drop)
            .map_err(Error::io("write", &path))
    }
}

/// Runs `work` as the only process that rewrites files. Returns `None` if another
/// process does so at present, or if some files cannot be read.
pub(crate) fn with_maintenance_lock<T>(
    shared: &StoreInner,
    work: impl FnOnce(&StoreDir) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    let directory = shared.writable()?;
    let _in_this_process = lock(&shared.locks.maintenance);
    let _between_processes = match &shared.locks.file {
        Some(file) => match shared.files.try_lock_byte(file, MAINTENANCE) {
            Ok(Some(lock)) => lock,
            Ok(None) => return Ok(None),
            // The program closed the lock file; it is reopened before the next use.
            Err(_) if shared.has_lost_locks() => return Ok(None),
            Err(error) => return Err(Error::io("lock", &directory.lock())(error)),
        },
        None => return Ok(None),
    };
    shared.read_changes(true);
    if !shared.scan_files(directory) {
        // A file that could not be read may contain a record that hides others, or
        // refer to a payload.
        return Ok(None);
    }
    work(directory).map(Some)
}

/// Returns the segments that no process appends to: sealed ones and dead logs.
pub(crate) fn closed_segments(shared: &StoreInner, directory: &StoreDir) -> Vec<Arc<Segment>> {
    let own = shared.own_log();
    let (sealed, growing) = shared.read_catalog(|catalog| {
        (
            catalog.sealed().to_vec(),
            catalog.growing().cloned().collect::<Vec<_>>(),
        )
    });
    let is_dead = |segment: &Arc<Segment>| {
        Some(segment.number) != own && read_dead(shared, directory, segment).is_ok_and(|dead| dead)
    };
    let dead = growing.into_iter().filter(is_dead);
    sealed.into_iter().chain(dead).collect()
}

/// Whether the writer of a log is gone. If so, the log is read to its end, which may
/// have moved since the last read.
fn read_dead(
    shared: &StoreInner,
    directory: &StoreDir,
    segment: &Arc<Segment>,
) -> std::io::Result<bool> {
    let path = directory.log(segment.number);
    let file = directory.open_file(&*shared.files, &path)?;
    if !shared.files.try_lock(&file)? {
        return Ok(false);
    }
    let len = shared.files.len(&file)? as usize;
    shared.change_catalog(|catalog| catalog.read(segment, len));
    Ok(true)
}

/// Closes the logs of this store, so that they can be rewritten.
pub(crate) fn end_own_logs(shared: &StoreInner, directory: &StoreDir) -> Result<(), Error> {
    let synced = shared.sync();
    let current = lock(&shared.logs.writer).take();
    let full = std::mem::take(&mut *lock(&shared.logs.full));
    for writer in full.into_iter().chain(current) {
        shared.close_log(directory, writer);
    }
    synced
}

/// Copies the records of `old` that survive to new segments and removes the old ones.
pub(crate) fn rewrite(
    shared: &StoreInner,
    directory: &StoreDir,
    old: &[Arc<Segment>],
    survivors: &LiveRecords,
) -> Result<(), Error> {
    let mut output = Vec::new();
    let mut table = TableBuilder::new(random());
    let mut unnamed = Vec::new();
    for segment in old {
        for (offset, record) in segment.records() {
            let disposition = survivors.disposition(segment.number, offset as u64, &record);
            if !matches!(disposition, Disposition::Kept) && record.meta.kind.is_external() {
                unnamed.push(blob::path(directory, record.id, record.payload));
            }
            let record = match disposition {
                Disposition::Kept => record,
                Disposition::Tombstoned => tombstone_for(&record),
                Disposition::Dropped => continue,
            };
            table.add(output.len() as u64, &record);
            let origin = record::origin(table.summary.segment, output.len());
            record::encode(origin, &record, &mut output);
            if output.len() >= SEGMENT_BYTES {
                publish(
                    shared,
                    directory,
                    std::mem::replace(&mut table, TableBuilder::new(random())),
                    &output,
                )?;
                output.clear();
            }
        }
    }
    if !output.is_empty() {
        publish(shared, directory, table, &output)?;
    }
    let removed = old
        .iter()
        .map(|segment| remove(shared, directory, segment.number))
        .fold(Ok(()), Result::and);
    if !unnamed.is_empty() {
        // A rewrite that was killed leaves two copies of a record, which refer to the
        // same file.
        let named = gc::large_payloads(shared, directory);
        let lost = unnamed.iter().filter(|path| !named.contains(*path));
        lost.for_each(|path| blob::remove(&*shared.files, path));
    }
    shared.index.counters.files_changed();
    removed
}

/// Removes a segment. If that fails, its dropped records still exist.
fn remove(shared: &StoreInner, directory: &StoreDir, number: u64) -> Result<(), Error> {
    let path = directory.log(number);
    match shared.files.remove(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Error::io("remove", &path)(error));
        }
        _ => {}
    }
    // A table without a log is removed later.
    let _ = shared.files.remove(&directory.table(number));
    shared.change_catalog(|catalog| catalog.remove(number));
    Ok(())
}

/// Publishes the table before its log, so that no process finds the log without it.
fn publish(
    shared: &StoreInner,
    directory: &StoreDir,
    table: TableBuilder,
    log: &[u8],
) -> Result<(), Error> {
    let number = table.summary.segment;
    let path = directory.log(number);
    table.publish(shared, directory, log.len())?;
    temp_file::publish(&*shared.files, directory, &[log], &path, true)
        .map_err(Error::io("write", &path))?;
    shared.open_segment(directory, number);
    shared.index.counters.files_changed();
    Ok(())
}

/// Returns a tombstone that hides `record` and all older records of its ID.
fn tombstone_for(record: &DecodedRecord<'_>) -> DecodedRecord<'static> {
    let meta = RecordMeta {
        kind: RecordKind::Tombstone,
        cost: 0,
        codec: 0,
        ..record.meta
    };
    DecodedRecord {
        id: record.id,
        order: record.order,
        meta,
        payload: &[],
    }
}

/// The records that a rewrite keeps.
pub(crate) struct LiveRecords {
    visible: HashSet<(u64, u64), BuildIdentityHasher>,
    dropped: Ids,
    /// The IDs with older records. If the record that hides them were removed together
    /// with them and the process were killed in between, they would become visible
    /// again. The tombstone is removed by the next rewrite, which finds no older
    /// records.
    replaced: Ids,
    clears: HashMap<u64, u64>,
}

/// What a rewrite does with a record.
enum Disposition {
    Kept,
    /// A tombstone replaces it.
    Tombstoned,
    Dropped,
}

impl LiveRecords {
    pub(crate) fn new(visible: LiveView, dropped: Ids) -> LiveRecords {
        let places = visible.records.iter();
        LiveRecords {
            visible: places
                .map(|(number, offset, _)| (*number, *offset))
                .collect(),
            dropped,
            replaced: visible.replaced,
            clears: visible.clears,
        }
    }

    fn disposition(&self, number: u64, offset: u64, record: &DecodedRecord<'_>) -> Disposition {
        let is_kept = match record.meta.kind {
            RecordKind::Tombstone => self.replaced.contains(&record.id),
            RecordKind::RangeTombstone => {
                self.clears.get(&record.meta.function) == Some(&record.order)
            }
            _ => self.visible.contains(&(number, offset)),
        };
        match self.dropped.contains(&record.id) {
            _ if !is_kept => Disposition::Dropped,
            false => Disposition::Kept,
            true if self.replaced.contains(&record.id) => Disposition::Tombstoned,
            true => Disposition::Dropped,
        }
    }
}

/// Compacts a store that many short processes left fragmented, when it is opened.
pub(crate) fn compact_on_open(shared: &StoreInner) {
    let worth_sealing = |segment: &Segment| segment.len() >= WORTH_SEALING;
    let (is_unsealed, count) = shared.read_catalog(|catalog| {
        (
            catalog.growing().any(|segment| worth_sealing(segment)),
            catalog.numbers().len(),
        )
    });
    if is_unsealed {
        let sealed = with_maintenance_lock(shared, |directory| {
            let still = closed_segments(shared, directory).into_iter();
            let mut dead =
                still.filter(|segment| segment.summary().is_none() && worth_sealing(segment));
            dead.try_for_each(|segment| seal(shared, directory, &segment))
        });
        sealed
            .err()
            .into_iter()
            .for_each(|error| shared.fault(error));
    }
    if count > TOO_MANY {
        merge_small(shared);
    }
}

/// Merges the smallest segments if there are too many.
pub(crate) fn merge_small(shared: &StoreInner) {
    let count = shared.read_catalog(|catalog| catalog.numbers().len());
    if count <= SEGMENTS {
        return;
    }
    let merged = with_maintenance_lock(shared, |directory| {
        let mut old = closed_segments(shared, directory);
        old.sort_by_key(|segment| segment.len());
        let mut total = 0;
        let small = old.iter().take_while(|segment| {
            let takes = total == 0 || segment.len() <= SMALL.max(4 * total);
            total += segment.len();
            takes && segment.len() < SEGMENT_BYTES / 2
        });
        let small: Vec<_> = small.cloned().collect();
        if small.len() < 2 {
            return Ok(());
        }
        let visible = shared.read_catalog(Catalog::visible);
        rewrite(
            shared,
            directory,
            &small,
            &LiveRecords::new(visible, Ids::default()),
        )?;
        gc::remove_leftovers(shared, directory);
        Ok(())
    });
    if let Err(error) = merged {
        shared.fault(error);
    }
}

/// Removes the records that were cleared from the files.
pub(crate) fn drop_cleared(shared: &StoreInner) -> Result<(), Error> {
    with_maintenance_lock(shared, |directory| {
        end_own_logs(shared, directory)?;
        // The first pass removes the hidden records, the second the clears that hid
        // them.
        for _ in 0..2 {
            let old = closed_segments(shared, directory);
            let visible = shared.read_catalog(Catalog::visible);
            let survivors = LiveRecords::new(visible, Ids::default());
            rewrite(shared, directory, &old, &survivors)?;
        }
        gc::remove_leftovers(shared, directory);
        Ok(())
    })
    .map(|_| ())
}
