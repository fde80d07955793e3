//! Writes over the contents of a file that cannot be replaced. A process that is
//! killed meanwhile leaves it half done, which readers tell by the checksums; so
//! all that can fail is tried before the first byte is written.

use std::fs::File;
use std::io::{self, Seek, Write};

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::{Errno, retry_on_intr};

use super::super::error::{Error, ErrorKind};
use super::{Contents, Durability, buffered};
use crate::guarded_fd::Guarded;

/// Counts what is written.
struct WriteCounter(u64);

impl Write for WriteCounter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn overwrite(
    file: File,
    durability: Durability,
    write: &mut Contents<'_>,
) -> Result<(), Error> {
    let file = Guarded::new(file);
    let mut counted = WriteCounter(0);
    write(&mut counted, true)?;
    let mut whole = file.get().map_err(ErrorKind::io("writing"))?;
    reserve(whole, counted.0).map_err(ErrorKind::io("making room"))?;
    whole.rewind().map_err(ErrorKind::io("writing"))?;
    buffered(&file, write)?;
    let mut whole = file.get().map_err(ErrorKind::io("writing"))?;
    // A map of it is not cut short before it must be.
    let len = whole.stream_position().map_err(ErrorKind::io("writing"))?;
    whole.set_len(len).map_err(ErrorKind::io("writing"))?;
    if durability != Durability::Nothing {
        whole.sync_all().map_err(ErrorKind::io("syncing"))?;
    }
    Ok(())
}

/// Makes sure that there is room for `len` bytes, where the file system can say.
fn reserve(file: &File, len: u64) -> io::Result<()> {
    if len <= file.metadata()?.len() {
        return Ok(());
    }
    let mode = FallocateFlags::KEEP_SIZE;
    match retry_on_intr(|| fallocate(file, mode, 0, len)) {
        Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
