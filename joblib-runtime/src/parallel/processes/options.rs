//! The methods of a call that set options of worker processes.

use crate::backend::Processes;
use crate::parallel::par::Par;
use crate::setting::process_options::OnOutput;

impl<I: Iterator, T> Par<I, T, Processes> {
    /// Captures what tasks print, which otherwise goes to the output of this process.
    /// Calls `f` once for each task, before its result is available, with its position in
    /// the input and what it wrote to standard output and to standard error.
    pub fn on_output(self, f: impl FnMut(usize, &[u8], &[u8]) + Send + 'static) -> Self {
        self.with_process_options(|options| options.on_output = Some(OnOutput::new(f)))
    }

    /// Replaces a worker process after `tasks` tasks, at least one.
    pub fn recycle_after(self, tasks: u64) -> Self {
        self.with_process_options(|options| options.max_tasks = Some(tasks.max(1)))
    }

    /// Replaces a worker process when it uses `bytes` bytes of memory more than after its
    /// first task.
    pub fn recycle_at_growth(self, bytes: u64) -> Self {
        self.with_process_options(|options| options.max_growth = Some(bytes))
    }
}
