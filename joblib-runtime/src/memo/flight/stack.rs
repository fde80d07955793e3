//! What each thread is computing: the ids of the calls on its stack.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::time::Instant;

/// A call whose result is being computed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) id: u128,
    pub(super) since: Instant,
    /// Whether others wait for this computation, rather than for another of
    /// the same id that this one duplicates.
    pub(super) leads: bool,
}

thread_local! {
    static STACK: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
}

/// Keeps a call on the stack of the thread that entered it.
#[derive(Debug)]
pub(super) struct Entered {
    id: u128,
    stays: PhantomData<*const ()>,
}

/// Puts `call` on the stack of this thread.
///
/// A thread whose locals are gone keeps no stack: such a thread runs its last
/// destructors and shares no work with others.
pub(super) fn enter(call: Call) -> Entered {
    let _ = STACK.try_with(|stack| stack.borrow_mut().push(call));
    Entered {
        id: call.id,
        stays: PhantomData,
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let _ = STACK.try_with(|stack| {
            let mut stack = stack.borrow_mut();
            if let Some(at) = stack.iter().rposition(|call| call.id == self.id) {
                stack.remove(at);
            }
        });
    }
}

/// Whether this thread is computing `id`.
pub(super) fn holds(id: u128) -> bool {
    STACK
        .try_with(|stack| stack.borrow().iter().any(|call| call.id == id))
        .unwrap_or(false)
}

/// All calls of this thread, outermost first.
pub(super) fn calls() -> Vec<Call> {
    STACK
        .try_with(|stack| stack.borrow().clone())
        .unwrap_or_default()
}

/// The calls of this thread that others may wait for, outermost first.
pub(super) fn leads() -> Vec<Call> {
    STACK
        .try_with(|stack| {
            stack
                .borrow()
                .iter()
                .filter(|call| call.leads)
                .copied()
                .collect()
        })
        .unwrap_or_default()
}
