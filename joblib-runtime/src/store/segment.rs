//! A reader's view of one log: its mapped bytes, and its key table if it has a matching
//! one.

use std::fs::File;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use memmap2::Mmap;

use super::directory::StoreDir;
use super::error::Error;
use super::fences::FencePointers;
use super::fs::FileSystem;
use super::record::{self, DecodedRecord};
use super::table::{self, RecordPlace, TableSummary};
use super::{BIG, Id, LOG_BYTES, Payload, PayloadBytes};
use crate::guarded_fd::Guarded;

/// An open log.
pub(crate) struct Segment {
    pub(crate) number: u64,
    map: Arc<Mmap>,
    /// The number of bytes that are known to be written.
    len: AtomicUsize,
    /// The file, stored while the log may grow.
    file: Option<Guarded<File>>,
    table: Option<KeyTable>,
}

struct KeyTable {
    map: Mmap,
    summary: TableSummary,
    filter: Range<usize>,
    entries: Range<usize>,
    /// Built when the table is first searched.
    fences: OnceLock<FencePointers>,
}

/// Length of the map of a log that may grow; it covers the length at which the log is
/// sealed.
const GROWING: usize = LOG_BYTES + 2 * BIG;

impl Segment {
    /// Opens a log with its table. An error of the table is added to `faults`, and the
    /// log is then read without it.
    pub(crate) fn open(
        files: &dyn FileSystem,
        directory: &StoreDir,
        number: u64,
        faults: &mut Vec<Error>,
    ) -> Result<Segment, Error> {
        let path = directory.log(number);
        let file = directory
            .open_file(files, &path)
            .map_err(Error::io("open", &path))?;
        let len = files.len(&file).map_err(Error::io("read", &path))? as usize;
        let table = open_table(files, directory, number, len).unwrap_or_else(|error| {
            faults.push(error);
            None
        });
        let reach = if table.is_some() {
            len
        } else {
            len.max(GROWING)
        };
        let map = files
            .map(&file, reach.max(1))
            .map_err(Error::io("map", &path))?;
        Ok(Segment {
            number,
            map: Arc::new(map),
            len: AtomicUsize::new(if table.is_some() { len } else { 0 }),
            file: table.is_none().then(|| Guarded::new(file)),
            table,
        })
    }

    /// Opens a log to be scanned record by record.
    pub(crate) fn open_without_table(
        files: &dyn FileSystem,
        directory: &StoreDir,
        number: u64,
    ) -> Result<Segment, Error> {
        let path = directory.log(number);
        let file = directory
            .open_file(files, &path)
            .map_err(Error::io("open", &path))?;
        let len = files.len(&file).map_err(Error::io("read", &path))? as usize;
        let map = files
            .map(&file, len.max(GROWING))
            .map_err(Error::io("map", &path))?;
        Ok(Segment {
            number,
            map: Arc::new(map),
            len: AtomicUsize::new(0),
            file: Some(Guarded::new(file)),
            table: None,
        })
    }

    /// Opens a log that this store has just created.
    pub(crate) fn new_log(
        files: &dyn FileSystem,
        directory: &StoreDir,
        number: u64,
        file: &File,
    ) -> Result<Segment, Error> {
        let path = directory.log(number);
        let map = files.map(file, GROWING).map_err(Error::io("map", &path))?;
        Ok(Segment {
            number,
            map: Arc::new(map),
            len: AtomicUsize::new(0),
            file: None,
            table: None,
        })
    }

    pub(crate) fn summary(&self) -> Option<&TableSummary> {
        self.table.as_ref().map(|table| &table.summary)
    }

    /// Whether the table may contain `id`; if not, the log has no such record.
    #[inline]
    pub(crate) fn may_have(&self, id: Id) -> bool {
        let table = self.table.as_ref();
        table.is_some_and(|table| table::may_have(&table.map[table.filter.clone()], id))
    }

    /// Returns the newest record of `id` in the log, by its table.
    #[inline]
    pub(crate) fn find(&self, id: Id) -> Option<RecordPlace> {
        let table = self.table.as_ref()?;
        let entries = &table.map[table.entries.clone()];
        let fences = table.fences.get_or_init(|| table::fences(entries));
        table::find(entries, fences, id)
    }

    /// Returns the bytes that are known to be written.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.map[..self.len()]
    }

    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// Records that the log has grown to `len`.
    pub(crate) fn grow(&self, len: usize) {
        self.len.store(len.min(self.map.len()), Ordering::Release);
    }

    /// Whether the program did not close the file of the segment.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.file.as_ref().is_none_or(Guarded::is_unchanged)
    }

    /// Returns the length of a log that another process may be writing.
    pub(crate) fn current_len(
        &self,
        files: &dyn FileSystem,
        directory: &StoreDir,
    ) -> Result<usize, Error> {
        let Some(file) = &self.file else {
            return Ok(self.len());
        };
        let path = directory.log(self.number);
        let len = files.len_of_own(file).map_err(Error::io("read", &path))?;
        Ok((len as usize).min(self.map.len()))
    }

    /// Decodes the record at `offset`.
    #[inline]
    pub(crate) fn record(&self, offset: u64) -> Option<DecodedRecord<'_>> {
        let offset = usize::try_from(offset).ok()?;
        record::decode(
            record::origin(self.number, offset),
            self.bytes().get(offset..)?,
        )
    }

    /// Returns the payload of a record at `offset`, without a copy.
    pub(crate) fn payload(&self, offset: u64, len: usize) -> Payload {
        let start = offset as usize + record::HEADER;
        Payload(PayloadBytes::Mapped {
            map: Arc::clone(&self.map),
            start,
            len,
        })
    }

    /// Iterates over the valid records of the log, each with its offset.
    pub(crate) fn records(&self) -> impl Iterator<Item = (usize, DecodedRecord<'_>)> {
        record::scan(self.number, self.bytes(), 0)
    }
}

fn open_table(
    files: &dyn FileSystem,
    directory: &StoreDir,
    number: u64,
    len: usize,
) -> Result<Option<KeyTable>, Error> {
    let path = directory.table(number);
    let wrong = |why| Error::Table {
        path: path.clone(),
        why,
    };
    let file = match directory.open_file(files, &path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("open", &path)(error)),
    };
    let size = files.len(&file).map_err(Error::io("read", &path))? as usize;
    if size == 0 {
        return Err(wrong("it is empty".to_owned()));
    }
    let map = files.map(&file, size).map_err(Error::io("map", &path))?;
    let summary = table::summary(&map).ok_or_else(|| wrong(table::defect(&map)))?;
    if (summary.segment, summary.data_len) != (number, len as u64) {
        return Err(wrong(format!(
            "it belongs to log {:016x} of {} bytes, not to log {number:016x} of {len} bytes",
            summary.segment, summary.data_len
        )));
    }
    Ok(Some(KeyTable {
        filter: table::filter(&map),
        entries: table::entries(&map),
        fences: OnceLock::new(),
        map,
        summary,
    }))
}
