//! Appends records: each store has a log of its own and appends each record in one
//! write. It also syncs logs and payloads.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::{io, iter};

use rustix::io::Errno;

use super::directory::{StoreDir, random};
use super::error::Error;
use super::fs::FileSystem;
use super::inner::{StoreInner, now};
use super::record::{self, DecodedRecord};
use super::segment::Segment;
use super::unsynced::UnsyncedFile;
use super::{Id, LOG_BYTES, LOG_RECORDS, Limits, RecordKind, RecordMeta, temp_file};
use crate::guarded_fd::Guarded;
use crate::unpoisoned::lock;

/// A log that is being written; its lock is held as long as it is open.
pub(crate) struct LogWriter {
    file: Guarded<File>,
    pub(crate) segment: Arc<Segment>,
    len: usize,
    records: usize,
    is_synced: bool,
    buffer: Vec<u8>,
}

/// If more files than this are unsynced, the writer syncs them itself.
const UNSYNCED: usize = 128;

impl StoreInner {
    /// Appends a record that clears a function, or all functions if it is 0.
    pub(crate) fn forget_function(&self, function: u64) -> Result<(), Error> {
        self.read_changes(true);
        let kind = RecordKind::RangeTombstone;
        let meta = RecordMeta {
            function,
            source: 0,
            args: 0,
            created: 0,
            cost: 0,
            codec: 0,
            kind,
        };
        self.append(u128::from(random()) | 1 << 127, &meta, &[], false)
    }

    /// Appends a record to the log of this store.
    pub(crate) fn append(
        &self,
        id: Id,
        meta: &RecordMeta,
        payload: &[u8],
        is_durable: bool,
    ) -> Result<(), Error> {
        let directory = self.writable()?;
        let mut writer = lock(&self.logs.writer);
        let limits = &self.options.limits;
        if let Some(closed) = writer.take_if(|writer| !writer.file.is_unchanged()) {
            self.close_log(directory, closed);
        }
        if let Some(full) = writer.take_if(|writer| writer.is_full(limits)) {
            lock(&self.logs.full).push(full);
        }
        let current = match &mut *writer {
            Some(current) => current,
            none => none.insert(self.start_log(directory)?),
        };
        let created = if meta.created == 0 {
            now()
        } else {
            meta.created
        };
        let meta = RecordMeta { created, ..*meta };
        let floor = self.read_catalog(|catalog| catalog.floor(id, &meta, created));
        let order = self.next_order(created, floor);
        let path = directory.log(current.segment.number);
        let record = DecodedRecord {
            id,
            order,
            meta,
            payload,
        };
        let offset = match current.append(&*self.files, &record) {
            Ok(offset) => offset as u64,
            Err(error) => {
                let is_unusable = |writer: &mut LogWriter| {
                    // The number may now belong to the same file, opened read-only by
                    // the program.
                    error.raw_os_error() == Some(Errno::BADF.raw_os_error())
                        || writer.skip_torn(&*self.files).is_err()
                };
                let torn = writer.take_if(is_unusable);
                torn.into_iter()
                    .for_each(|mut torn| self.queue_unsynced(&mut torn));
                return Err(Error::io("write to", &path)(error));
            }
        };
        current.is_synced = false;
        let number = current.segment.number;
        self.change_catalog(|catalog| catalog.note(number, offset, id, order, &meta));
        match meta.kind {
            RecordKind::RangeTombstone => self.index.counters.files_changed(),
            _ => self.index.counters.appended(id),
        }
        self.meter.appended(
            record::size(payload.len()),
            u64::from(meta.kind.is_result()),
        );
        if !is_durable {
            return Ok(());
        }
        let synced = self
            .files
            .sync(current.file.get_unchecked())
            .and_then(|()| self.files.sync_dir(directory.path()));
        current.is_synced = synced.is_ok();
        synced.map_err(|error| {
            // After a failed sync the kernel may consider the pages clean, so a second
            // attempt would prove nothing. A new log is started instead.
            *writer = None;
            Error::io("sync", &path)(error)
        })
    }

    /// Returns an order after that of every record of this store, and after `floor`:
    /// the current time if possible. A wrong clock therefore does not affect the order,
    /// and records that follow those of a fast clock keep their own time.
    fn next_order(&self, wanted: u64, floor: u64) -> u64 {
        let wanted = wanted.max(floor.saturating_add(1));
        let after = |last: u64| wanted.max(last.saturating_add(1));
        let last = self
            .logs
            .clock
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
                Some(after(last))
            });
        last.map_or(wanted, after)
    }

    fn start_log(&self, directory: &StoreDir) -> Result<LogWriter, Error> {
        let number = random();
        let path = directory.log(number);
        let (file, temporary) =
            temp_file::create(&*self.files, directory).map_err(Error::io("create", &path))?;
        if let Err(error) = self.files.rename(&temporary, &path) {
            let _ = self.files.remove(&temporary);
            return Err(Error::io("create", &path)(error));
        }
        let segment =
            Segment::new_log(&*self.files, directory, number, &file).inspect_err(|_| {
                let _ = self.files.remove(&path);
            })?;
        let segment = Arc::new(segment);
        self.change_catalog(|catalog| catalog.add(Arc::clone(&segment)));
        self.index.counters.files_changed();
        Ok(LogWriter {
            file: Guarded::new(file),
            segment,
            len: 0,
            records: 0,
            is_synced: true,
            buffer: Vec::new(),
        })
    }

    /// Stores a file until it is synced.
    pub(crate) fn sync_later(&self, file: File, path: std::path::PathBuf) {
        let mut unsynced = lock(&self.logs.unsynced);
        unsynced.push(UnsyncedFile::new(file, path));
        let are_many = unsynced.len() > UNSYNCED;
        drop(unsynced);
        if are_many && let Err(error) = self.sync() {
            self.fault(error);
        }
    }

    /// Stores the file of a finished log until it is synced.
    pub(crate) fn queue_unsynced(&self, writer: &mut LogWriter) {
        if let Some(directory) = &self.directory {
            lock(&self.logs.unsynced).extend(writer.unsynced(directory));
        }
    }

    /// Closes a log. If the program closed its file, the map of the log still holds the
    /// lock; the log is then remapped, so that other processes can see that it has no
    /// writer.
    pub(crate) fn close_log(&self, directory: &StoreDir, mut writer: LogWriter) {
        self.queue_unsynced(&mut writer);
        let closed = (!writer.file.is_unchanged()).then_some(writer.segment.number);
        drop(writer);
        if let Some(number) = closed {
            self.open_segment(directory, number);
        }
    }

    /// Makes everything written so far durable.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        let Some(directory) = &self.directory else {
            return Ok(());
        };
        let mut files = std::mem::take(&mut *lock(&self.logs.unsynced));
        let mut failed = Ok(());
        let unsynced = |writer: &mut LogWriter| writer.unsynced(directory);
        files.extend(lock(&self.logs.writer).as_mut().and_then(unsynced));
        files.extend(lock(&self.logs.full).iter_mut().filter_map(unsynced));
        if files.is_empty() {
            return failed;
        }
        let is_big = files
            .iter()
            .any(|file| file.path().starts_with(directory.big()));
        for file in files {
            if let Err(error) = file.sync(&*self.files, directory) {
                self.abandon_log(file.path(), directory);
                failed = Err(Error::io("sync", file.path())(error));
            }
        }
        let big = is_big.then(|| directory.big());
        for path in iter::once(directory.path()).chain(big.as_deref()) {
            self.files.sync_dir(path).map_err(Error::io("sync", path))?;
        }
        failed
    }

    /// Starts a new log if the one at `path` is being written.
    fn abandon_log(&self, path: &std::path::Path, directory: &StoreDir) {
        lock(&self.logs.writer).take_if(|writer| directory.log(writer.segment.number) == path);
    }
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        // The maps of the log keep its file open, and thereby the lock. If unlocking
        // fails, the log stays locked until the process ends.
        let _ = self.file.get().and_then(File::unlock);
    }
}

impl LogWriter {
    /// Whether the log is full. With small limits logs are small, since other processes
    /// can rewrite only full logs.
    fn is_full(&self, limits: &Limits) -> bool {
        let share =
            |limit: Option<u64>, least: u64| limit.map_or(u64::MAX, |limit| (limit / 8).max(least));
        let bytes = share(limits.bytes, 4096).min(LOG_BYTES as u64);
        let records = share(limits.items, 16).min(LOG_RECORDS as u64);
        self.len as u64 >= bytes || self.records as u64 >= records
    }

    /// Appends a record. Returns its offset.
    fn append(&mut self, files: &dyn FileSystem, record: &DecodedRecord<'_>) -> io::Result<usize> {
        let offset = self.len.next_multiple_of(8);
        self.buffer.clear();
        self.buffer.resize(offset - self.len, 0);
        let origin = record::origin(self.segment.number, offset);
        record::encode(origin, record, &mut self.buffer);
        files.append(self.file.get_unchecked(), &self.buffer)?;
        self.grow(self.len + self.buffer.len());
        self.records += 1;
        Ok(offset)
    }

    /// Skips the part of a record that a failed write may have left. Truncating the
    /// file instead would remove pages that readers have mapped.
    fn skip_torn(&mut self, files: &dyn FileSystem) -> io::Result<()> {
        let len = files.len_of_own(&self.file)?;
        self.grow(len as usize);
        Ok(())
    }

    fn grow(&mut self, len: usize) {
        self.len = len;
        self.segment.grow(len);
    }

    /// Returns the file, if it is not durable yet.
    fn unsynced(&mut self, directory: &StoreDir) -> Option<UnsyncedFile> {
        let is_synced = std::mem::replace(&mut self.is_synced, true);
        (!is_synced).then(|| UnsyncedFile::shared(&self.file, directory.log(self.segment.number)))
    }
}
