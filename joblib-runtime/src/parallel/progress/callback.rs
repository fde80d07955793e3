//! The progress callback of the user.

use std::fmt;
use std::sync::{Arc, Mutex};

use super::Progress;
use crate::unpoisoned::lock;

/// A callback that is called once for each task that finishes.
#[derive(Clone)]
pub(crate) struct OnProgress(Arc<Mutex<Callback>>);

type Callback = dyn FnMut(&Progress) + Send;

impl OnProgress {
    pub(crate) fn new(callback: impl FnMut(&Progress) + Send + 'static) -> OnProgress {
        OnProgress(Arc::new(Mutex::new(callback)))
    }

    pub(super) fn call(&self, progress: &Progress) {
        let mut callback = lock(&self.0);
        callback(progress);
    }
}

impl fmt::Debug for OnProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnProgress")
    }
}
