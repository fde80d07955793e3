//! What a call passes to its workers in addition to the function, and what they report in addition
//! to outcomes. The caller of [`Session::open`](super::Session::open) and the entry point of workers
//! provide the same functions; this module does not know what the bytes mean.

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

impl ContextHooks {
    /// Passes nothing.
    pub const NONE: &'static ContextHooks = &ContextHooks {
        capture: Vec::new,
        enter: |_, _| {},
        news: || None,
        absorb: |_| {},
    };
}
