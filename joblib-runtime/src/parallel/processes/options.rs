//! Settings that only the backend of worker processes supports.

use std::fmt;
use std::sync::{Arc, Mutex};

use crate::backend::Processes;
use crate::parallel::par::Par;
use crate::unpoisoned::lock;

/// Settings of calls on worker processes.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProcessOptions {
    pub(super) on_output: Option<OnOutput>,
    pub(super) max_tasks: Option<u64>,
    pub(super) max_growth: Option<u64>,
}

/// A callback for the output of tasks.
#[derive(Clone)]
pub(super) struct OnOutput(Arc<Mutex<Callback>>);

type Callback = dyn FnMut(usize, &[u8], &[u8]) + Send;

impl OnOutput {
    pub(super) fn call(&self, index: usize, out: &[u8], err: &[u8]) {
        let mut callback = lock(&self.0);
        callback(index, out, err);
    }
}

impl fmt::Debug for OnOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnOutput")
    }
}

impl<I: Iterator, T> Par<I, T, Processes> {
    /// Captures what tasks print, which otherwise goes to the output of this process.
    /// Calls `f` once for each task, before its result is available, with its position in
    /// the input and what it wrote to standard output and to standard error.
    pub fn on_output(self, f: impl FnMut(usize, &[u8], &[u8]) + Send + 'static) -> Self {
        self.with_process_options(|options| {
            options.on_output = Some(OnOutput(Arc::new(Mutex::new(f))))
        })
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
