//! Large messages in shared memory files. A file is written once and sealed, so that a
//! mapping of it is as immutable as a borrowed slice.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use memmap2::{Mmap, MmapOptions};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, memfd_create};

use crate::file_size;
use crate::guarded_fd::{Guarded, above_standard_streams};
use crate::wire::MessageWriter;

/// Messages of at least this number of bytes are sent as memory files.
pub(super) const THRESHOLD: usize = 1 << 20;

const SEALS: SealFlags = SealFlags::SHRINK
    .union(SealFlags::GROW)
    .union(SealFlags::WRITE)
    .union(SealFlags::SEAL);

/// A memory file that holds a message, shared by all sends of the message.
pub(super) type Memory = Arc<Guarded<OwnedFd>>;

/// Creates a memory file as [`create`] does, for repeated use.
pub(super) fn create_shared(message: &MessageWriter<'_>) -> io::Result<Memory> {
    create(message).map(|fd| Arc::new(Guarded::new(fd)))
}

/// Returns the descriptor of a sealed memory file that holds the message.
pub(super) fn create(message: &MessageWriter<'_>) -> io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let mut file = File::from(above_standard_streams(|| memfd_create("joblib", flags))?);
    file_size::with_size_limit_as_error(|| message.write_to(&mut file))?;
    fcntl_add_seals(&file, SEALS)?;
    Ok(file.into())
}

/// Maps the first `len` bytes of `fd`. Fails if the memory is not sealed, that is,
/// another process could still change or truncate it.
pub(super) fn map_sealed(fd: OwnedFd, len: usize) -> io::Result<Mmap> {
    let refused = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidData, why.to_owned()));
    if !fcntl_get_seals(fd.as_fd())?.contains(SealFlags::SHRINK | SealFlags::WRITE) {
        return refused("the shared memory is not sealed");
    }
    let file = File::from(fd);
    if file.metadata()?.len() < len as u64 || len == 0 {
        return refused("the shared memory is shorter than declared");
    }
    let mut options = MmapOptions::new();
    // SAFETY: the memory is sealed against writes and truncation, and the kernel never
    // removes seals, so the bytes are as constant as a slice requires.
    unsafe { options.len(len).map(&file) }
}

#[cfg(test)]
mod tests {
    use std::os::fd::OwnedFd;

    use rustix::fs::{MemfdFlags, ftruncate, memfd_create};

    use super::{create, map_sealed};
    use crate::wire::{MessageReader, MessageWriter};

    #[test]
    fn what_is_filled_in_is_what_is_mapped() {
        let numbers: Vec<f64> = (0..50_000).map(f64::from).collect();
        let mut writer = MessageWriter::new();
        writer.numbers(&numbers);
        let map = map_sealed(create(&writer).unwrap(), writer.len()).unwrap();
        let mut reader = MessageReader::new(&map);
        let taken = reader.numbers::<f64>().unwrap();
        assert!(matches!(taken, crate::wire::ReceivedSlice::Borrowed(_)));
        assert_eq!(*taken, *numbers);
    }

    #[test]
    fn memory_that_could_change_is_refused() {
        let open = memfd_create("test", MemfdFlags::ALLOW_SEALING).unwrap();
        ftruncate(&open, 4096).unwrap();
        assert!(map_sealed(open, 4096).is_err());
        let no_memory: OwnedFd = std::fs::File::open("/dev/null").unwrap().into();
        assert!(map_sealed(no_memory, 1).is_err());
    }

    #[test]
    fn memory_shorter_than_declared_is_refused() {
        let mut writer = MessageWriter::new();
        writer.numbers(&[0_u8; 100]);
        let len = writer.len();
        assert!(map_sealed(create(&writer).unwrap(), len + 1).is_err());
        assert!(map_sealed(create(&writer).unwrap(), 0).is_err());
        assert!(map_sealed(create(&writer).unwrap(), len).is_ok());
    }
}
