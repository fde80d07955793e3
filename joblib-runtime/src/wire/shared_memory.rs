//! A registry of the memory of this process that other processes can map, so that a slice
//! of it is sent by reference and not by its bytes.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock, Weak};

use memmap2::{Mmap, MmapOptions};

use crate::fork::PerProcess;
use crate::guarded_fd::FileIdentity;
use crate::proc;
use crate::unpoisoned::{lock, read, write};

/// A reference to a slice in memory that other processes can map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MemoryRef {
    /// The path of the file. For a file without a name, it is a path through
    /// `/proc/PID/fd`.
    pub(super) path: PathBuf,
    /// The device and the inode, which detect that the path now names another file.
    pub(super) device: u64,
    pub(super) inode: u64,
    /// The offset of the slice in the file, in bytes.
    pub(super) offset: u64,
}

/// Mapped memory that is registered until this is dropped.
#[derive(Debug)]
pub(super) struct RegisteredRegion {
    start: usize,
}

/// The registered memory: its end and its reference, by its start. A child after a fork
/// has an empty registry: the parent's lock may be held for ever there, and the parent
/// may close its files.
static REGIONS: PerProcess<RwLock<Regions>> = PerProcess::new(|| RwLock::new(Regions::new()));

type Regions = BTreeMap<usize, (usize, MemoryRef, Option<Opened>)>;

/// The descriptor by which other processes find memory of this process, and the file that
/// it must refer to.
type Opened = (RawFd, FileIdentity);

/// The number of regions, so that no lock is needed if there are none.
static COUNT: AtomicUsize = AtomicUsize::new(0);

impl RegisteredRegion {
    /// Registers the memory at `map` as that of `location`. The registration is valid
    /// while the program does not close the descriptor of `file`.
    pub(super) fn new(map: &[u8], location: MemoryRef, file: Option<&File>) -> RegisteredRegion {
        let opened = file.map(|file| (file.as_raw_fd(), FileIdentity::of(file)));
        let start = map.as_ptr() as usize;
        let mut regions = write(REGIONS.get());
        regions.insert(start, (start + map.len(), location, opened));
        COUNT.store(regions.len(), Ordering::Release);
        RegisteredRegion { start }
    }
}

impl Drop for RegisteredRegion {
    fn drop(&mut self) {
        let mut regions = write(REGIONS.get());
        regions.remove(&self.start);
        COUNT.store(regions.len(), Ordering::Release);
    }
}

/// Returns the reference to `bytes`, if they are in memory that other processes can map
/// and that does not change.
pub(super) fn find(bytes: &[u8]) -> Option<MemoryRef> {
    known(bytes).or_else(|| match bytes.len() {
        MIN_FILE_SLICE.. => of_file(bytes),
        _ => None,
    })
}

fn known(bytes: &[u8]) -> Option<MemoryRef> {
    if COUNT.load(Ordering::Acquire) == 0 {
        return None;
    }
    // If the process is not dumpable, other processes cannot open its files.
    let dumpable = rustix::process::dumpable_behavior();
    if !matches!(dumpable, Ok(rustix::process::DumpableBehavior::Dumpable)) {
        return None;
    }
    let range = bytes.as_ptr_range();
    let (start, end) = (range.start as usize, range.end as usize);
    let regions = read(REGIONS.get());
    let (first, (last, location, opened)) = regions.range(..=start).next_back()?;
    (end <= *last && opened.is_none_or(is_open)).then(|| MemoryRef {
        offset: location.offset + (start - first) as u64,
        ..location.clone()
    })
}

/// Returns whether the descriptor still refers to the file.
fn is_open((number, identity): Opened) -> bool {
    // SAFETY: only the identity of the descriptor is read, which fails if it is closed.
    FileIdentity::of(unsafe { BorrowedFd::borrow_raw(number) }) == identity
}

/// The minimum size in bytes of a slice for which `/proc/self/maps` is read.
const MIN_FILE_SLICE: usize = 4 << 20;

/// Returns the reference to the file that `bytes` are mapped from, if the mapping is
/// read-only and shared. A private mapping may differ from the file.
fn of_file(bytes: &[u8]) -> Option<MemoryRef> {
    let range = bytes.as_ptr_range();
    let (start, end) = (range.start as usize, range.end as usize);
    let mut mappings = proc::file_mappings().ok()?.into_iter();
    let mapping = mappings.find(|it| it.start <= start && end <= it.end)?;
    if !mapping.is_shared || mapping.is_writable {
        return None;
    }
    let file = File::open(&mapping.path).ok()?;
    let metadata = file.metadata().ok()?;
    let is_same_file = metadata.is_file()
        && metadata.ino() == mapping.inode
        && device(metadata.dev()) == mapping.device;
    let offset = mapping.offset + (start - mapping.start) as u64;
    let is_in_file = offset.checked_add(bytes.len() as u64)? <= metadata.len();
    (is_same_file && is_in_file).then_some(MemoryRef {
        path: mapping.path,
        device: metadata.dev(),
        inode: metadata.ino(),
        offset,
    })
}

fn device(number: u64) -> (u32, u32) {
    (rustix::fs::major(number), rustix::fs::minor(number))
}

/// A mapping of another process's memory, or of a file. It is registered in this process
/// too.
#[derive(Debug)]
pub(crate) struct ForeignMapping {
    // Unregistered before it is unmapped.
    _region: RegisteredRegion,
    map: Mmap,
    location: MemoryRef,
}

/// The mappings of this process. While a file is mapped, its inode number is not reused.
static MAPPED: Mutex<Vec<Weak<ForeignMapping>>> = Mutex::new(Vec::new());

/// Returns all mappings. They stay mapped until the result is dropped, so that no new
/// mapping gets the same address.
pub(crate) fn mapped() -> Vec<Arc<ForeignMapping>> {
    let mapped = lock(&MAPPED);
    mapped.iter().filter_map(Weak::upgrade).collect()
}

impl ForeignMapping {
    /// Maps `len` bytes at `location`, or returns the existing mapping.
    pub(super) fn new(location: &MemoryRef, len: usize) -> io::Result<Arc<ForeignMapping>> {
        let named = |error: io::Error| {
            let path = location.path.display();
            io::Error::new(error.kind(), format!("{path}: {error}"))
        };
        if let Some(mapping) = mapped().into_iter().find(|it| it.is_at(location, len)) {
            let metadata = std::fs::metadata(&location.path).map_err(named)?;
            location.check(len, &metadata).map_err(named)?;
            return Ok(mapping);
        }
        let file = File::open(&location.path).map_err(named)?;
        location.check(len, &file.metadata()?).map_err(named)?;
        let mut options = MmapOptions::new();
        // SAFETY: the memory of a `Shared` is sealed. For a file, the parent has a
        // reference to the same bytes, whose creator guaranteed that they do not change.
        let map = unsafe { options.offset(location.offset).len(len).map(&file)? };
        let mapping = Arc::new(ForeignMapping {
            _region: RegisteredRegion::new(&map, location.clone(), None),
            map,
            location: location.clone(),
        });
        let mut mapped = lock(&MAPPED);
        mapped.retain(|mapping| mapping.strong_count() > 0);
        mapped.push(Arc::downgrade(&mapping));
        Ok(mapping)
    }

    fn is_at(&self, location: &MemoryRef, len: usize) -> bool {
        let found = |location: &MemoryRef| (location.device, location.inode, location.offset);
        found(&self.location) == found(location) && self.map.len() == len
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.map
    }
}

impl MemoryRef {
    /// Checks that the file with this metadata is the one referred to, and that it
    /// contains `len` bytes at the offset.
    fn check(&self, len: usize, metadata: &Metadata) -> io::Result<()> {
        let invalid = |why| Err(io::Error::new(io::ErrorKind::InvalidData, why));
        if (metadata.dev(), metadata.ino()) != (self.device, self.inode) {
            return invalid("the file was replaced by another one since the array was sent");
        }
        let end = self.offset.checked_add(len as u64);
        match end.is_some_and(|end| end <= metadata.len()) {
            true => Ok(()),
            false => invalid("the file is shorter than the array in it"),
        }
    }

    /// Returns the reference to the memory that this process has open as `file`.
    pub(super) fn of_own(file: &File, number: i32) -> io::Result<MemoryRef> {
        let metadata = file.metadata()?;
        Ok(MemoryRef {
            path: format!("/proc/{}/fd/{number}", std::process::id()).into(),
            device: metadata.dev(),
            inode: metadata.ino(),
            offset: 0,
        })
    }

    pub(super) fn path_bytes(&self) -> &[u8] {
        self.path.as_os_str().as_bytes()
    }

    pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
        OsStr::from_bytes(bytes).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_read_only_map_of_a_file_is_found_and_a_private_one_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("numbers");
        std::fs::write(&path, vec![7; 2 * MIN_FILE_SLICE]).unwrap();
        let file = File::open(&path).unwrap();
        // SAFETY: nothing else has the file.
        let shared = unsafe { Mmap::map(&file).unwrap() };
        let location = find(&shared[4096..]).unwrap();
        assert_eq!(
            (location.path.clone(), location.offset),
            (path.clone(), 4096)
        );
        let mapping = ForeignMapping::new(&location, MIN_FILE_SLICE).unwrap();
        assert_eq!(mapping.bytes(), &shared[4096..][..MIN_FILE_SLICE]);
        let again = ForeignMapping::new(&location, MIN_FILE_SLICE).unwrap();
        assert!(Arc::ptr_eq(&again, &mapping), "mapped twice");
        let shorter = ForeignMapping::new(&location, MIN_FILE_SLICE / 2).unwrap();
        assert_eq!(shorter.bytes(), &mapping.bytes()[..MIN_FILE_SLICE / 2]);
        // SAFETY: as above.
        let private = unsafe { MmapOptions::new().map_copy_read_only(&file).unwrap() };
        assert_eq!(find(&private), None);
        std::fs::remove_file(&path).unwrap();
        assert!(ForeignMapping::new(&location, MIN_FILE_SLICE).is_err());
        std::fs::write(&path, vec![8; 2 * MIN_FILE_SLICE]).unwrap();
        assert!(
            ForeignMapping::new(&location, MIN_FILE_SLICE).is_err(),
            "the file is another"
        );
        drop((mapping, again, shorter));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(find(&shared[..]), None);
        std::fs::write(&path, vec![8; 2 * MIN_FILE_SLICE]).unwrap();
        let error = ForeignMapping::new(&location, MIN_FILE_SLICE).unwrap_err();
        assert!(
            error.to_string().contains("the file was replaced"),
            "{error}"
        );
    }
}
