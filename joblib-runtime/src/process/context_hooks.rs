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
    /// In a worker: returns the events since the last call, if any.
    pub take_events: fn() -> Option<Vec<u8>>,
    /// In the parent: handles the events of a worker. The bytes are not trusted, since
    /// the worker may be faulty.
    pub handle_events: fn(events: &[u8]),
}

impl ContextHooks {
    /// Passes nothing.
    pub const NONE: &'static ContextHooks = &ContextHooks {
        capture: Vec::new,
        enter: |_, _| {},
        take_events: || None,
        handle_events: |_| {},
    };
}
