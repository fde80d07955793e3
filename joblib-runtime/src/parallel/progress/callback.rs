//! The function that a user wants to be called.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::Progress;

/// Called once for each task that is finished.
#[derive(Clone)]
pub(crate) struct OnProgress(Arc<Mutex<Callback>>);

type Callback = dyn FnMut(&Progress) + Send;

impl OnProgress {
    pub(crate) fn new(callback: impl FnMut(&Progress) + Send + 'static) -> OnProgress {
        OnProgress(Arc::new(Mutex::new(callback)))
    }

    pub(super) fn call(&self, progress: &Progress) {
        let mut callback = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        callback(progress);
    }
}

impl fmt::Debug for OnProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnProgress")
    }
}
