//! What tasks print, caught in memory instead of passed on.

mod sink;

use std::io::{self, Write};
use std::os::fd::OwnedFd;

use rustix::io::fcntl_dupfd_cloexec;
use rustix::stdio::{dup2_stderr, dup2_stdout, stderr, stdout};

use self::sink::OutputSink;
use super::reply::Printed;
use crate::guarded_fd::Guarded;

/// Standard output and standard error go to memory as long as it lives.
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

    /// What was printed since the last call.
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
        // Where a task closed them, what it prints goes where nobody reads it.
        let _ = self.before[0].get().map(dup2_stdout);
        let _ = self.before[1].get().map(dup2_stderr);
    }
}

/// Hands on what is printed and has no end of line yet.
pub(super) fn flush() {
    let _ = io::stdout().flush();
}
