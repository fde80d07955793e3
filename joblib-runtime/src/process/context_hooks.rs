//! Hooks that pass the context of a call to its workers, and news from the workers to
//! the parent. Another crate that knows the context registers them.

/// The functions that pass data in each direction.
pub struct ContextHooks {
    /// In the parent: captures the context of the call that begins.
    pub capture: fn() -> Vec<u8>,
    /// In a worker, on the thread that runs tasks: enters the captured context, with
    /// `threads` threads for parallel calls inside tasks.
    pub enter: fn(captured: &[u8], threads: usize),
    /// In a worker: returns what happened since the last call, if anything.
    pub news: fn() -> Option<Vec<u8>>,
    /// In the parent: handles the news of a worker. The bytes are not trusted, since
    /// the worker may be faulty.
    pub absorb: fn(news: &[u8]),
}

inventory::collect!(ContextHooks);

fn provided() -> Option<&'static ContextHooks> {
    inventory::iter::<ContextHooks>.into_iter().next()
}

pub(super) fn capture() -> Vec<u8> {
    provided().map_or_else(Vec::new, |provided| (provided.capture)())
}

pub(super) fn enter(captured: &[u8], threads: usize) {
    if let Some(provided) = provided() {
        (provided.enter)(captured, threads);
    }
}

pub(super) fn news() -> Option<Vec<u8>> {
    provided().and_then(|provided| (provided.news)())
}

pub(super) fn absorb(news: &[u8]) {
    if let Some(provided) = provided() {
        (provided.absorb)(news);
    }
}
