//! Messages in memory that several processes map: filled once, sealed, and
//! then as unchanging as any borrowed slice.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use memmap2::{Mmap, MmapOptions};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, memfd_create};

use crate::file_size;
use crate::guarded_fd::{Guarded, beside_streams};
use crate::wire::MessageWriter;

/// Messages of at least so many bytes travel this way.
pub(super) const THRESHOLD: usize = 1 << 20;

const SEALS: SealFlags = SealFlags::SHRINK
    .union(SealFlags::GROW)
    .union(SealFlags::WRITE)
    .union(SealFlags::SEAL);

/// Memory that holds a message, kept as long as somebody may ask for it.
pub(super) type Memory = Arc<Guarded<OwnedFd>>;

/// As [`filled`], to be kept.
pub(super) fn kept(message: &MessageWriter<'_>) -> io::Result<Memory> {
    filled(message).map(|fd| Arc::new(Guarded::new(fd)))
}

/// A descriptor of memory that holds the message and never changes again.
pub(super) fn filled(message: &MessageWriter<'_>) -> io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let mut file = File::from(beside_streams(|| memfd_create("joblib", flags))?);
    file_size::checked(|| message.write_to(&mut file))?;
    fcntl_add_seals(&file, SEALS)?;
    Ok(file.into())
}

/// The first `len` bytes of what `fd` refers to. Memory that somebody could
/// still change or shorten is refused.
pub(super) fn mapped(fd: OwnedFd, len: usize) -> io::Result<Mmap> {
    let refused = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidData, why.to_owned()));
    if !fcntl_get_seals(fd.as_fd())?.contains(SealFlags::SHRINK | SealFlags::WRITE) {
        return refused("shared memory that is not sealed");
    }
    let file = File::from(fd);
    if file.metadata()?.len() < len as u64 || len == 0 {
        return refused("shared memory shorter than declared");
    }
    let mut options = MmapOptions::new();
    // SAFETY: the memory is sealed against writing and shrinking, which the
    // kernel never takes back, so it is as constant as a slice must be.
    unsafe { options.len(len).map(&file) }
}

#[cfg(test)]
mod tests {
    use std::os::fd::OwnedFd;

    use rustix::fs::{MemfdFlags, ftruncate, memfd_create};

    use super::{filled, mapped};
    use crate::wire::{MessageReader, MessageWriter};

    #[test]
    fn what_is_filled_in_is_what_is_mapped() {
        let numbers: Vec<f64> = (0..50_000).map(f64::from).collect();
        let mut writer = MessageWriter::new();
        writer.numbers(&numbers);
        let map = mapped(filled(&writer).unwrap(), writer.len()).unwrap();
        let mut reader = MessageReader::new(&map);
        let taken = reader.numbers::<f64>().unwrap();
        assert!(matches!(taken, crate::wire::ReceivedSlice::Borrowed(_)));
        assert_eq!(*taken, *numbers);
    }

    #[test]
    fn memory_that_could_change_is_refused() {
        let open = memfd_create("test", MemfdFlags::ALLOW_SEALING).unwrap();
        ftruncate(&open, 4096).unwrap();
        assert!(mapped(open, 4096).is_err());
        let no_memory: OwnedFd = std::fs::File::open("/dev/null").unwrap().into();
        assert!(mapped(no_memory, 1).is_err());
    }

    #[test]
    fn memory_shorter_than_declared_is_refused() {
        let mut writer = MessageWriter::new();
        writer.numbers(&[0_u8; 100]);
        let len = writer.len();
        assert!(mapped(filled(&writer).unwrap(), len + 1).is_err());
        assert!(mapped(filled(&writer).unwrap(), 0).is_err());
        assert!(mapped(filled(&writer).unwrap(), len).is_ok());
    }
}
