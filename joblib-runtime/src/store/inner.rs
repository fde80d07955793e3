//! The part of a store that it shares with its background thread: reads entries and the
//! changes of other processes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use super::catalog::Catalog;
use super::change_counters::{self, ChangeCounters};
use super::directory::{self, StoreDir};
use super::error::Error;
use super::eviction::SizeMeter;
use super::faults::FaultLog;
use super::fs::FileSystem;
use super::lock::LockFile;
use super::lock_holders::LockHolders;
use super::record::DecodedRecord;
use super::segment::Segment;
use super::unsynced::UnsyncedFile;
use super::writer::LogWriter;
use super::{Id, RecordMeta, StoreOptions, StoredRecord, blob};
use crate::unpoisoned::{self, lock, write};

/// A store without its background thread.
pub(crate) struct StoreInner {
    pub(crate) files: Arc<dyn FileSystem>,
    path: PathBuf,
    /// `None` if the store is read-only and the directory does not exist.
    pub(crate) directory: Option<StoreDir>,
    pub(crate) options: StoreOptions,
    pub(crate) index: Index,
    pub(crate) logs: OwnLogs,
    pub(crate) locks: StoreLocks,
    pub(crate) meter: SizeMeter,
    faults: FaultLog,
    is_lost: AtomicBool,
}

/// What a store knows of its directory.
pub(crate) struct Index {
    catalog: RwLock<Catalog>,
    pub(crate) counters: ChangeCounters,
    last_read: Mutex<Option<Instant>>,
}

/// The logs and files that a store writes.
#[derive(Default)]
pub(crate) struct OwnLogs {
    /// The log that it appends to.
    pub(crate) writer: Mutex<Option<LogWriter>>,
    /// Full logs that have no key table yet.
    pub(crate) full: Mutex<Vec<LogWriter>>,
    /// Files that are not durable yet.
    pub(crate) unsynced: Mutex<Vec<UnsyncedFile>>,
    /// The order of its last record.
    pub(crate) clock: AtomicU64,
}

/// The locks of a store, between processes and between threads.
pub(crate) struct StoreLocks {
    pub(crate) file: Option<Arc<LockFile>>,
    pub(crate) holders: Option<LockHolders>,
    /// Held by the thread that rewrites files.
    pub(crate) maintenance: Mutex<()>,
}

/// How often a directory without change counters is checked.
const BLIND: Duration = Duration::from_millis(20);

/// The result of a lookup in the catalog.
enum LookupResult {
    Absent,
    Found(StoredRecord),
    /// The order, the metadata, and the reference to the payload file.
    Big(u64, RecordMeta, Vec<u8>),
    Damaged {
        segment: u64,
        offset: u64,
    },
}

impl StoreInner {
    pub(crate) fn new(
        files: Arc<dyn FileSystem>,
        path: &Path,
        directory: Option<StoreDir>,
        options: StoreOptions,
    ) -> StoreInner {
        let writable = directory.as_ref().filter(|_| !options.read_only);
        // Without change counters the store checks files more often: that is slower,
        // but correct.
        let page = writable.and_then(|directory| {
            let file = directory.open_shared(&*files, &directory.pulse()).ok()?;
            files
                .map_shared(&file, change_counters::SIZE)
                .ok()
                .map(Arc::new)
        });
        let locks = writable.map(|directory| {
            LockFile::open(&*files, directory)
                .map(Arc::new)
                .map_err(Error::io("open", &directory.lock()))
        });
        let (locks, fault) = match locks.transpose() {
            Ok(locks) => (locks, None),
            Err(fault) => (None, Some(fault)),
        };
        let shared = StoreInner {
            files,
            path: path.to_owned(),
            directory,
            options,
            locks: StoreLocks {
                file: locks,
                holders: page.as_ref().map(LockHolders::new),
                maintenance: Mutex::default(),
            },
            index: Index {
                catalog: RwLock::default(),
                counters: ChangeCounters::new(page),
                last_read: Mutex::default(),
            },
            logs: OwnLogs::default(),
            meter: SizeMeter::default(),
            faults: FaultLog::default(),
            is_lost: AtomicBool::new(false),
        };
        fault.into_iter().for_each(|fault| shared.fault(fault));
        shared
    }

    pub(crate) fn writable(&self) -> Result<&StoreDir, Error> {
        match &self.directory {
            Some(directory) if !self.options.read_only => Ok(directory),
            _ => Err(Error::ReadOnly {
                path: self.path.clone(),
            }),
        }
    }

    pub(crate) fn read_catalog<T>(&self, read: impl FnOnce(&Catalog) -> T) -> T {
        read(&unpoisoned::read(&self.index.catalog))
    }

    pub(crate) fn change_catalog<T>(&self, change: impl FnOnce(&mut Catalog) -> T) -> T {
        change(&mut write(&self.index.catalog))
    }

    pub(crate) fn get(&self, id: Id, map: bool) -> Result<Option<StoredRecord>, Error> {
        let Some(directory) = &self.directory else {
            return Ok(None);
        };
        match self.read_catalog(|catalog| look_up(catalog, id)) {
            LookupResult::Absent => Ok(None),
            LookupResult::Found(record) => Ok(Some(record)),
            LookupResult::Big(order, meta, reference) => {
                match blob::read(&*self.files, directory, id, &reference, map) {
                    Ok(payload) => Ok(Some(StoredRecord {
                        meta: RecordMeta {
                            kind: meta.kind.whole(),
                            ..meta
                        },
                        payload,
                    })),
                    Err(error) => {
                        if let Error::Damaged { .. } = error {
                            self.change_catalog(|catalog| catalog.mark_broken(id, order));
                        }
                        Err(error)
                    }
                }
            }
            LookupResult::Damaged { segment, offset } => {
                self.rescan(directory, segment);
                Err(Error::Damaged {
                    path: directory.log(segment),
                    offset,
                    what: "the record is incomplete or has another ID",
                })
            }
        }
    }

    /// Whether the newest record of `id` refers to this payload.
    pub(crate) fn names(&self, id: Id, reference: &[u8]) -> bool {
        let found = self.read_catalog(|catalog| look_up(catalog, id));
        matches!(found, LookupResult::Big(_, _, known) if known == reference)
    }

    /// Whether the entry exists and is valid, including its large payload.
    pub(crate) fn get_verified(&self, id: Id) -> Result<bool, Error> {
        self.get(id, true).map(|record| record.is_some())
    }

    /// Scans a log whose table or index is wrong, record by record.
    fn rescan(&self, directory: &StoreDir, number: u64) {
        let Ok(segment) = Segment::open_without_table(&*self.files, directory, number) else {
            return;
        };
        let Ok(len) = segment.current_len(&*self.files, directory) else {
            return;
        };
        let segment = Arc::new(segment);
        self.change_catalog(|catalog| {
            catalog.remove(number);
            catalog.add(Arc::clone(&segment));
            catalog.read(&segment, len);
            catalog.distrust(number);
        });
    }

    /// Reads the changes of other processes. A directory without change counters is
    /// skipped if it was checked recently, unless `thorough`. Returns whether it
    /// checked.
    pub(crate) fn read_changes(&self, thorough: bool) -> bool {
        let Some(directory) = &self.directory else {
            return false;
        };
        let mut last = lock(&self.index.last_read);
        let is_recent = last.is_some_and(|last| last.elapsed() < BLIND);
        if !thorough && !self.index.counters.is_shared() && is_recent {
            return false;
        }
        *last = Some(Instant::now());
        let counters = self.index.counters.read();
        let mut is_seen =
            !(thorough || self.index.counters.have_files_changed()) || self.scan_files(directory);
        let own = lock(&self.logs.writer)
            .as_ref()
            .map(|writer| writer.segment.number);
        let growing = self.read_catalog(|catalog| catalog.growing().cloned().collect::<Vec<_>>());
        for segment in growing
            .into_iter()
            .filter(|segment| Some(segment.number) != own)
        {
            match segment.current_len(&*self.files, directory) {
                Ok(len) if len > segment.len() => {
                    self.change_catalog(|catalog| catalog.read(&segment, len));
                }
                Ok(_) => {}
                Err(error) => {
                    match segment.is_unchanged() {
                        true => self.fault(error),
                        // The program closed the file; everything is reopened.
                        false => self.lose(),
                    }
                    is_seen = false;
                }
            }
        }
        // Files that could not be read are checked again later.
        if is_seen {
            self.index.counters.note(counters);
        }
        true
    }

    /// Opens new segments and removes deleted ones. Returns whether all of them could
    /// be read.
    pub(crate) fn scan_files(&self, directory: &StoreDir) -> bool {
        let names = match self.files.list(directory.path()) {
            Ok(names) => names,
            Err(error) => {
                let error = Error::io("list", directory.path())(error);
                if self.options.read_only && error.is_gone() {
                    self.change_catalog(|catalog| *catalog = Catalog::default());
                }
                self.fault(error);
                return false;
            }
        };
        let found = names
            .iter()
            .filter_map(|name| directory::segment_of(name.to_str()?));
        let (logs, tables): (Vec<_>, Vec<_>) = found.partition(|(_, is_log)| *is_log);
        let own = self.own_log();
        for number in self.read_catalog(Catalog::numbers) {
            if !logs.contains(&(number, true)) && Some(number) != own {
                self.change_catalog(|catalog| catalog.remove(number));
            }
        }
        let mut is_seen = true;
        for (number, _) in logs {
            let has_table = tables.contains(&(number, false));
            let is_new = self.read_catalog(|catalog| catalog.is_new(number, has_table));
            if is_new && Some(number) != own {
                is_seen &= self.open_segment(directory, number);
            }
        }
        is_seen
    }

    pub(crate) fn own_log(&self) -> Option<u64> {
        lock(&self.logs.writer)
            .as_ref()
            .map(|writer| writer.segment.number)
    }

    /// Opens a log that is new or got a table. Returns whether that succeeded.
    pub(crate) fn open_segment(&self, directory: &StoreDir, number: u64) -> bool {
        let mut faults = Vec::new();
        let opened = Segment::open(&*self.files, directory, number, &mut faults)
            .and_then(|segment| Ok((segment.current_len(&*self.files, directory)?, segment)));
        let is_table_wrong = !faults.is_empty();
        faults.into_iter().for_each(|fault| self.fault(fault));
        match opened {
            Ok((len, segment)) => {
                let segment = Arc::new(segment);
                self.change_catalog(|catalog| {
                    catalog.remove(number);
                    catalog.add(Arc::clone(&segment));
                    if segment.summary().is_none() {
                        catalog.read(&segment, len);
                    }
                    if is_table_wrong {
                        catalog.distrust(number);
                    }
                });
                true
            }
            Err(error) if error.is_gone() => true,
            Err(error) => {
                self.fault(error);
                false
            }
        }
    }

    /// Checks whether the directory was removed or replaced, so that other processes do
    /// not find what this store writes; the lock file differs then. The store is also
    /// lost if the program closed its descriptors or replaced them with other files.
    pub(crate) fn notice_loss(&self) -> bool {
        if let (Some(file), Some(directory)) = (&self.locks.file, &self.directory)
            && matches!(file.is_in(&*self.files, directory), Ok(false))
        {
            self.lose();
        }
        if !self.read_catalog(|catalog| catalog.growing().all(|segment| segment.is_unchanged())) {
            self.lose();
        }
        self.is_lost()
    }

    /// Whether the program closed the lock file. If so, everything is reopened.
    pub(crate) fn has_lost_locks(&self) -> bool {
        let has_lost = self
            .locks
            .file
            .as_ref()
            .is_some_and(|file| !file.is_unchanged());
        if has_lost {
            self.lose();
        }
        has_lost
    }

    /// Marks the store as lost, so that everything is reopened before its next use.
    pub(crate) fn lose(&self) {
        self.is_lost.store(true, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Relaxed)
    }

    /// Returns whether the store was lost since the last call, and resets that.
    pub(crate) fn take_loss(&self) -> bool {
        self.is_lost.swap(false, Ordering::Relaxed)
    }

    /// Records an error, unless it means that the directory was removed: the directory
    /// is then recreated, or a read-only store is empty.
    pub(crate) fn fault(&self, fault: Error) {
        if !(fault.is_gone() && (self.options.read_only || self.notice_loss())) {
            self.record_fault(fault);
        }
    }

    pub(crate) fn record_fault(&self, fault: Error) {
        self.faults.record(fault);
    }

    pub(crate) fn take_faults(&self) -> Vec<Error> {
        self.faults.take()
    }
}

/// Returns the time in microseconds since the Unix epoch.
pub(crate) fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_micros() as u64)
}

fn look_up(catalog: &Catalog, id: Id) -> LookupResult {
    let Some(found) = catalog.find(id) else {
        return LookupResult::Absent;
    };
    let (segment, place) = (found.segment, found.place);
    let fits = |record: &DecodedRecord<'_>| record.id == id && record.order == place.order;
    match segment.record(place.offset).filter(fits) {
        None => LookupResult::Damaged {
            segment: segment.number,
            offset: place.offset,
        },
        Some(record) if !catalog.is_visible(id, record.order, &record.meta) => LookupResult::Absent,
        Some(record) if record.meta.kind.is_external() => {
            LookupResult::Big(record.order, record.meta, record.payload.to_vec())
        }
        Some(record) => LookupResult::Found(StoredRecord {
            meta: record.meta,
            payload: segment.payload(place.offset, record.payload.len()),
        }),
    }
}
