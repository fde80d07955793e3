//! The destination of a captured standard stream: a file in memory, or a pipe if the
//! size of files is limited, since that limit holds for files in memory too.

use std::fs::File;
use std::io::{self, PipeReader, Read, Seek};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::event::{PollFd, PollFlags};
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::io::ioctl_fionbio;

use crate::guarded_fd::Guarded;
use crate::process::ready;
use crate::resource_limit::is_file_size_unlimited;
use crate::unpoisoned::lock;

pub(super) enum OutputSink {
    Memory(Guarded<File>),
    Pipe(Arc<PipeDrain>),
}

impl OutputSink {
    /// Creates a sink. `redirect` redirects the stream to it.
    pub(super) fn new(
        redirect: impl Fn(BorrowedFd<'_>) -> rustix::io::Result<()>,
    ) -> io::Result<OutputSink> {
        if is_file_size_unlimited() {
            let file = memfd_create("joblib-output", MemfdFlags::CLOEXEC).map(File::from)?;
            redirect(file.as_fd())?;
            return Ok(OutputSink::Memory(Guarded::new(file)));
        }
        let (reader, writer) = io::pipe()?;
        let drain = PipeDrain::of(reader)?;
        redirect(writer.as_fd())?;
        Ok(OutputSink::Pipe(drain))
    }

    /// Returns the output since the last call.
    pub(super) fn take(&mut self) -> io::Result<Vec<u8>> {
        match self {
            OutputSink::Memory(file) => drained(file.get()?),
            OutputSink::Pipe(drain) => {
                let mut came = lock(&drain.came);
                drain.fill(&mut came)?;
                Ok(std::mem::take(&mut came))
            }
        }
    }
}

fn drained(mut file: &File) -> io::Result<Vec<u8>> {
    let mut printed = Vec::new();
    // The position is shared with the descriptor that tasks print to.
    if file.stream_position()? > 0 {
        file.rewind()?;
        file.read_to_end(&mut printed)?;
        file.set_len(0)?;
        file.rewind()?;
    }
    Ok(printed)
}

/// A pipe that a thread drains, so that writers never block.
pub(super) struct PipeDrain {
    pipe: Guarded<PipeReader>,
    came: Mutex<Vec<u8>>,
}

impl PipeDrain {
    fn of(pipe: PipeReader) -> io::Result<Arc<PipeDrain>> {
        ioctl_fionbio(&pipe, true)?;
        let drain = Arc::new(PipeDrain {
            pipe: Guarded::new(pipe),
            came: Mutex::default(),
        });
        let theirs = Arc::clone(&drain);
        let thread = thread::Builder::new().name("joblib-output".to_owned());
        thread.spawn(move || while theirs.serve() {})?;
        Ok(drain)
    }

    /// Waits for output and stores it. Returns whether more may follow.
    fn serve(self: &Arc<Self>) -> bool {
        let Ok(pipe) = self.pipe.get() else {
            return false;
        };
        ready::wait(&mut [PollFd::new(pipe, PollFlags::IN)], None);
        let mut came = lock(&self.came);
        let may_be_more = self.fill(&mut came).unwrap_or(false);
        if Arc::strong_count(self) == 1 {
            // The sink was dropped, but programs that tasks left running may still
            // print.
            came.clear();
        }
        may_be_more
    }

    /// Reads what is available. Returns whether more may follow.
    fn fill(&self, came: &mut Vec<u8>) -> io::Result<bool> {
        match self.pipe.get()?.read_to_end(came) {
            Ok(_) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(true),
            Err(error) => Err(error),
        }
    }
}
