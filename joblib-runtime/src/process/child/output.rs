//! Captures what tasks print in memory.

mod sink;

use std::io::{self, Write};
use std::os::fd::OwnedFd;

use rustix::io::fcntl_dupfd_cloexec;
use rustix::stdio::{dup2_stderr, dup2_stdout, stderr, stdout};

use self::sink::OutputSink;
use super::reply::Printed;
use crate::guarded_fd::Guarded;

/// Redirects standard output and standard error to memory until it is dropped.
pub(super) struct CapturedOutput {
    before: [Guarded<OwnedFd>; 2],
    sinks: [OutputSink; 2],
}

impl CapturedOutput {
    pub(super) fn new() -> io::Result<CapturedOutput> {
        flush();
        let before = [
            Guarded::new(fcntl_dupfd_cloexec(stdout(), 3)?),
            Guarded::new(fcntl_dupfd_cloexec(stderr(), 3)?),
        ];
        let sinks = [
            OutputSink::new(|fd| dup2_stdout(fd))?,
            OutputSink::new(|fd| dup2_stderr(fd))?,
        ];
        Ok(CapturedOutput { before, sinks })
    }

    /// Returns what was printed since the last call.
    pub(super) fn take(&mut self) -> Printed {
        flush();
        self.sinks
            .each_mut()
            .map(|sink| sink.take().unwrap_or_default())
    }
}

impl Drop for CapturedOutput {
    fn drop(&mut self) {
        flush();
        // If a task closed these descriptors, the streams stay redirected, and later
        // output is lost.
        let _ = self.before[0].get().map(dup2_stdout);
        let _ = self.before[1].get().map(dup2_stderr);
    }
}

/// Flushes printed text that has no line break yet.
pub(super) fn flush() {
    let _ = io::stdout().flush();
}
