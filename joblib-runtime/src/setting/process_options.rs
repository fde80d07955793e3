//! Settings that only the backend of worker processes supports.

use std::fmt;
use std::sync::{Arc, Mutex};

use crate::unpoisoned::lock;

/// Settings of calls on worker processes.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProcessOptions {
    pub(crate) on_output: Option<OnOutput>,
    pub(crate) max_tasks: Option<u64>,
    pub(crate) max_growth: Option<u64>,
}

/// A callback for the output of tasks.
#[derive(Clone)]
pub(crate) struct OnOutput(Arc<Mutex<Callback>>);

type Callback = dyn FnMut(usize, &[u8], &[u8]) + Send;

impl OnOutput {
    pub(crate) fn new(f: impl FnMut(usize, &[u8], &[u8]) + Send + 'static) -> OnOutput {
        OnOutput(Arc::new(Mutex::new(f)))
    }

    pub(crate) fn call(&self, index: usize, out: &[u8], err: &[u8]) {
        let mut callback = lock(&self.0);
        callback(index, out, err);
    }
}

impl fmt::Debug for OnOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnOutput")
    }
}
