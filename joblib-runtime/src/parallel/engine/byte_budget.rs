//! The budget of bytes in flight. Arguments count from when they are taken until their
//! task is done, results from then on until they are consumed.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use crate::task::SizeFns;

pub(super) struct ByteBudget<A, R> {
    sizes: SizeFns<A, R>,
    bytes: AtomicUsize,
    limit: usize,
    n_jobs: usize,
}

impl<A, R> ByteBudget<A, R> {
    /// Creates a budget of `limit` bytes. Returns `None` if neither arguments nor results
    /// have a function that determines their size.
    pub(super) fn new(limit: u64, n_jobs: usize, sizes: SizeFns<A, R>) -> Option<Self> {
        let is_known = sizes.arguments.is_some() || sizes.result.is_some();
        is_known.then(|| ByteBudget {
            sizes,
            bytes: AtomicUsize::new(0),
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            n_jobs,
        })
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes.load(SeqCst) >= self.limit
    }

    pub(super) fn size_of_arguments(&self, arguments: &A) -> usize {
        let held = self.sizes.arguments.map_or(0, |size| size(arguments));
        size_of::<A>() + held
    }

    pub(super) fn size_of_result(&self, result: &R) -> usize {
        size_of::<R>() + self.sizes.result.map_or(0, |size| size(result))
    }

    pub(super) fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, SeqCst);
    }

    pub(super) fn subtract(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, SeqCst);
    }

    /// Returns a function that counts the arguments of one task after another and returns
    /// whether the same runner may take more. The free bytes are divided among all
    /// runners.
    pub(super) fn admit(&self) -> impl FnMut(&A) -> bool {
        let free = self.limit.saturating_sub(self.bytes.load(SeqCst));
        let mut share = free.div_ceil(self.n_jobs);
        move |arguments| {
            let bytes = self.size_of_arguments(arguments);
            self.add(bytes);
            share = share.saturating_sub(bytes);
            share > 0
        }
    }
}
