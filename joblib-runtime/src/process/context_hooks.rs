//! What a call is made in, handed to its workers with the function, and what
//! they tell beside their results. Whoever knows what that is provides it.

/// What there is to hand over, in each direction.
pub struct ContextHooks {
    /// In the parent: what the call that begins is made in.
    pub capture: fn() -> Vec<u8>,
    /// In a worker, in the thread that runs tasks: puts it into what was
    /// captured, with so many threads for what runs inside of tasks.
    pub enter: fn(captured: &[u8], threads: usize),
    /// In a worker: what happened since the last time, if anything did.
    pub news: fn() -> Option<Vec<u8>>,
    /// In the parent: takes in what happened in a worker. The bytes may be of
    /// a worker gone wrong.
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
