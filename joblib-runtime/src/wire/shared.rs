//! Numbers in shared memory that worker processes map: written once, sealed, and sent by
//! reference in every call.

use std::any::Any;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Deref;
use std::os::fd::AsRawFd;
use std::sync::Arc;

use memmap2::{Mmap, MmapMut};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};

use super::pod::Pod;
use super::shared_memory::{MemoryRef, RegisteredRegion};
use crate::file_size;
use crate::guarded_fd::{Guarded, above_standard_streams};

/// A slice of numbers that is not copied to worker processes.
///
/// It dereferences to a slice: pass `&shared` where a function takes a `&[N]`. Every call
/// copies any other slice argument into memory for the workers. A `Shared` is copied
/// once, and every worker maps the same memory. Clones share this memory too.
///
/// # Example
///
/// ```
/// # use joblib_runtime::wire as joblib;
/// use joblib::Shared;
///
/// let numbers = Shared::from_slice(&[0.5, 1.5])?;
/// assert_eq!(numbers.iter().sum::<f64>(), 2.0);
/// let squares = Shared::filled(4, |squares| {
///     for (n, square) in squares.iter_mut().enumerate() {
///         *square = n * n;
///     }
/// })?;
/// assert_eq!(*squares, [0, 1, 4, 9]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Shared<N> {
    memory: Arc<SealedMemory>,
    numbers: std::marker::PhantomData<fn() -> N>,
}

/// Memory that is never written again.
enum SealedMemory {
    Empty,
    /// Memory of this process, which other processes map.
    Own {
        /// Registers the memory so that it can be sent. Unregistered before it is
        /// unmapped.
        _region: RegisteredRegion,
        map: Mmap,
        /// Open for as long as other processes may map it.
        _file: Guarded<File>,
    },
    /// Memory that another value owns.
    Owned {
        start: *const u8,
        len: usize,
        _owner: Arc<dyn Any + Send + Sync>,
    },
}

// SAFETY: the memory is never written, and its owner is `Send` and `Sync`.
unsafe impl Send for SealedMemory {}
// SAFETY: as above.
unsafe impl Sync for SealedMemory {}

impl SealedMemory {
    fn bytes(&self) -> &[u8] {
        match self {
            SealedMemory::Empty => &[],
            SealedMemory::Own { map, .. } => map,
            // SAFETY: guaranteed by the caller of `Shared::from_owner`.
            SealedMemory::Owned { start, len, .. } => unsafe {
                std::slice::from_raw_parts(*start, *len)
            },
        }
    }
}

const SEALS: SealFlags = SealFlags::SHRINK
    .union(SealFlags::GROW)
    .union(SealFlags::WRITE)
    .union(SealFlags::SEAL);

impl<N: Pod> Shared<N> {
    /// Copies `numbers` to shared memory.
    ///
    /// # Errors
    ///
    /// Fails if no memory or no descriptor is available.
    pub fn from_slice(numbers: &[N]) -> io::Result<Self> {
        Shared::new(size_of_val(numbers), |file| {
            let mut file = file;
            file.write_all(bytemuck::must_cast_slice(numbers))
        })
    }

    /// Creates `len` numbers, which are zero at first, and lets `fill` set them in place.
    ///
    /// # Errors
    ///
    /// Fails if no memory or no descriptor is available.
    ///
    /// # Panics
    ///
    /// Panics if `fill` panics.
    pub fn filled(len: usize, fill: impl FnOnce(&mut [N])) -> io::Result<Self> {
        let bytes = len
            .checked_mul(size_of::<N>())
            .ok_or(io::ErrorKind::OutOfMemory)?;
        Shared::new(bytes, |file| {
            ftruncate(file, bytes as u64)?;
            // SAFETY: the file was just created, and nothing else has it.
            let mut map = unsafe { MmapMut::map_mut(file)? };
            fill(bytemuck::cast_slice_mut(&mut map));
            Ok(())
        })
    }

    /// Wraps the `len` numbers at `start`, which `owner` owns.
    ///
    /// # Safety
    ///
    /// The numbers must be aligned, and must neither move nor change while `owner`
    /// exists.
    pub(crate) unsafe fn from_owner(
        start: *const N,
        len: usize,
        owner: Arc<dyn Any + Send + Sync>,
    ) -> Self {
        let memory = SealedMemory::Owned {
            start: start.cast(),
            len: len * size_of::<N>(),
            _owner: owner,
        };
        Shared {
            memory: Arc::new(memory),
            numbers: std::marker::PhantomData,
        }
    }

    fn new(len: usize, fill: impl FnOnce(&File) -> io::Result<()>) -> io::Result<Self> {
        const {
            assert!(
                align_of::<N>() <= 4096,
                "shared memory is aligned to a page, which is less than this type needs"
            );
        }
        let memory = match len {
            0 => SealedMemory::Empty,
            _ => SealedMemory::filled_by(fill)?,
        };
        Ok(Shared {
            memory: Arc::new(memory),
            numbers: std::marker::PhantomData,
        })
    }
}

impl SealedMemory {
    fn filled_by(fill: impl FnOnce(&File) -> io::Result<()>) -> io::Result<SealedMemory> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = File::from(above_standard_streams(|| memfd_create("joblib", flags))?);
        file_size::with_size_limit_as_error(|| fill(&file))?;
        fcntl_add_seals(&file, SEALS)?;
        // SAFETY: the file is sealed against writing and shrinking, and the kernel never
        // removes seals.
        let map = unsafe { Mmap::map(&file)? };
        let region = RegisteredRegion::new(
            &map,
            MemoryRef::of_own(&file, file.as_raw_fd())?,
            Some(&file),
        );
        Ok(SealedMemory::Own {
            _region: region,
            map,
            _file: Guarded::new(file),
        })
    }
}

impl<N: Pod> Deref for Shared<N> {
    type Target = [N];

    fn deref(&self) -> &[N] {
        bytemuck::try_cast_slice(self.memory.bytes()).unwrap_or_default()
    }
}

impl<N: Pod> AsRef<[N]> for Shared<N> {
    fn as_ref(&self) -> &[N] {
        self
    }
}

impl<N> Clone for Shared<N> {
    fn clone(&self) -> Self {
        Shared {
            memory: Arc::clone(&self.memory),
            numbers: std::marker::PhantomData,
        }
    }
}

impl<N: Pod + fmt::Debug> fmt::Debug for Shared<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;
    use crate::wire::{MessageReader, MessageWriter};

    #[test]
    fn shared_numbers_are_sent_by_their_place() {
        let numbers: Vec<f64> = (0..1 << 18).map(f64::from).collect();
        let shared = Shared::from_slice(&numbers).unwrap();
        assert_eq!(*shared, *numbers);
        let mut writer = MessageWriter::new();
        writer.numbers(&shared[1..]);
        assert!(writer.len() < 200, "{}", writer.len());
        let mut message = Vec::new();
        writer.append_to(&mut message);
        let taken = MessageReader::trusting(&message).numbers::<f64>().unwrap();
        assert_eq!(*taken, numbers[1..]);
        // An untrusted message cannot make the reader open memory.
        assert!(MessageReader::new(&message).numbers::<f64>().is_err());
    }

    #[test]
    fn a_part_that_was_sent_can_be_sent_on() {
        let shared = Shared::filled(1 << 20, |bytes: &mut [u8]| bytes.fill(7)).unwrap();
        let mut message = Vec::new();
        let mut writer = MessageWriter::new();
        writer.numbers(&shared[..]);
        writer.append_to(&mut message);
        let taken = MessageReader::trusting(&message).numbers::<u8>().unwrap();
        let mut again = MessageWriter::new();
        again.numbers(&taken);
        assert!(again.len() < 200);
    }

    #[test]
    fn memory_is_given_back_with_the_last_clone() {
        let shared = Shared::from_slice(&[1_u8; 5000]).unwrap();
        let SealedMemory::Own { _file: file, .. } = &*shared.memory else {
            panic!("numbers of this process have a file of their own");
        };
        let file = file.get().unwrap().metadata().unwrap();
        // Other tests open and close descriptors, so only those of this file count.
        let is_open = || {
            std::fs::read_dir("/proc/self/fd").unwrap().any(|fd| {
                std::fs::metadata(fd.unwrap().path())
                    .is_ok_and(|open| (open.dev(), open.ino()) == (file.dev(), file.ino()))
            })
        };
        let clone = shared.clone();
        drop(shared);
        assert_eq!(clone[4999], 1);
        assert!(is_open());
        drop(clone);
        assert!(!is_open());
        assert!(Shared::<u64>::from_slice(&[]).unwrap().is_empty());
    }
}
