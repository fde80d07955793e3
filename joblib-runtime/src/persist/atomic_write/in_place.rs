//! Overwrites the contents of a file that cannot be replaced. If the process is killed
//! meanwhile, the file is incomplete, which readers detect by the checksums. Therefore
//! everything that can fail is tried before the first byte is written.

use std::fs::File;
use std::io::{self, Seek, Write};

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::{Errno, retry_on_intr};

use super::{Contents, Durability, buffered};
use crate::guarded_fd::Guarded;
use crate::persist::error::{Error, ErrorKind};

/// Counts the bytes that are written.
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
    reserve(whole, counted.0).map_err(ErrorKind::io("reserving space"))?;
    whole.rewind().map_err(ErrorKind::io("writing"))?;
    buffered(&file, write)?;
    let mut whole = file.get().map_err(ErrorKind::io("writing"))?;
    // The file is truncated as late as possible, since other processes may have mapped
    // it.
    let len = whole.stream_position().map_err(ErrorKind::io("writing"))?;
    whole.set_len(len).map_err(ErrorKind::io("writing"))?;
    if durability != Durability::Nothing {
        whole.sync_all().map_err(ErrorKind::io("syncing"))?;
    }
    Ok(())
}

/// Ensures that there is space for `len` bytes, if the file system supports it.
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
