//! The errors of a store that its caller has not seen yet.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::Error;
use crate::unpoisoned::lock;

/// Maximum number of errors that are stored until they are taken: a disk that fails at
/// every call reports nothing new.
const FAULTS: usize = 16;

#[derive(Default)]
pub(super) struct FaultLog {
    faults: Mutex<Vec<Error>>,
    /// Whether there are any, so that the usual case needs no lock.
    has_faults: AtomicBool,
}

impl FaultLog {
    /// Adds an error, unless one with the same message is waiting.
    pub(super) fn record(&self, fault: Error) {
        let mut faults = lock(&self.faults);
        let text = fault.to_string();
        let is_known = faults.iter().any(|known| known.to_string() == text);
        if !is_known && faults.len() < FAULTS {
            faults.push(fault);
            self.has_faults.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn take(&self) -> Vec<Error> {
        if !self.has_faults.swap(false, Ordering::Relaxed) {
            return Vec::new();
        }
        std::mem::take(&mut *lock(&self.faults))
    }
}
