//! What tasks print, caught in memory instead of passed on.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::OwnedFd;

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::stdio::{dup2_stderr, dup2_stdout, stderr, stdout};

use super::reply::Printed;

/// Standard output and standard error go to memory as long as it lives.
pub(super) struct Captured {
    before: [OwnedFd; 2],
    files: [File; 2],
}

impl Captured {
    pub(super) fn new() -> io::Result<Captured> {
        flush();
        let before = [
            fcntl_dupfd_cloexec(stdout(), 3)?,
            fcntl_dupfd_cloexec(stderr(), 3)?,
        ];
        let file = || memfd_create("joblib-output", MemfdFlags::CLOEXEC).map(File::from);
        let files = [file()?, file()?];
        dup2_stdout(&files[0])?;
        dup2_stderr(&files[1])?;
        Ok(Captured { before, files })
    }

    /// What was printed since the last call.
    pub(super) fn take(&mut self) -> Printed {
        flush();
        self.files
            .each_mut()
            .map(|file| drain(file).unwrap_or_default())
    }
}

impl Drop for Captured {
    fn drop(&mut self) {
        flush();
        let _ = dup2_stdout(&self.before[0]);
        let _ = dup2_stderr(&self.before[1]);
    }
}

/// Hands on what is printed and has no end of line yet.
pub(super) fn flush() {
    let _ = io::stdout().flush();
}

fn drain(file: &mut File) -> io::Result<Vec<u8>> {
    let mut printed = Vec::new();
    // The position is shared with the descriptor that is printed to.
    if file.stream_position()? > 0 {
        file.rewind()?;
        file.read_to_end(&mut printed)?;
        file.set_len(0)?;
        file.rewind()?;
    }
    Ok(printed)
}
