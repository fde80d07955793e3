//! The ids of the calls that each thread is computing, as a stack.
//!
//! A stack may be a hundred thousand calls deep, and each call searches it for its own
//! id, so ids deep in the stack are indexed. The thread-local has no destructor, so
//! that calls made by destructors of other thread-locals can still use it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::time::Instant;

use crate::identity_hasher::BuildIdentityHasher;

/// A call whose result is being computed.
#[derive(Clone, Copy, Debug)]
pub(super) struct ActiveCall {
    pub(super) id: u128,
    pub(super) since: Instant,
    /// Whether other callers wait for this computation. If not, it is a duplicate.
    pub(super) leads: bool,
}

/// The number of outermost calls that are searched one by one. Calls above them are
/// indexed.
const UNINDEXED: usize = 32;

/// An empty stack with a larger capacity than this releases its memory.
const MAX_IDLE_CAPACITY: usize = 256;

/// The calls of a thread, outermost first.
struct CallStack {
    calls: Vec<ActiveCall>,
    /// How often each id occurs among the calls from index `UNINDEXED` on.
    deep: HashMap<u128, u32, BuildIdentityHasher>,
    /// The number of calls that lead.
    leads: usize,
    /// Whether the thread is running its last destructors.
    is_ending: bool,
}

thread_local! {
    static STACK: ManuallyDrop<RefCell<CallStack>> = const {
        ManuallyDrop::new(RefCell::new(CallStack::new()))
    };
    static ON_EXIT: FreeOnThreadExit = const { FreeOnThreadExit };
}

/// Releases the memory of the stack when the thread ends.
struct FreeOnThreadExit;

impl Drop for FreeOnThreadExit {
    fn drop(&mut self) {
        change(|stack| {
            stack.is_ending = true;
            stack.release_memory();
        });
    }
}

fn read<T>(read: impl FnOnce(&CallStack) -> T) -> T {
    STACK.with(|stack| read(&stack.borrow()))
}

fn change<T>(change: impl FnOnce(&mut CallStack) -> T) -> T {
    STACK.with(|stack| change(&mut stack.borrow_mut()))
}

/// Keeps a call on the stack of the thread that entered it.
#[derive(Debug)]
pub struct CallGuard {
    id: u128,
    not_send: PhantomData<*const ()>,
}

/// Pushes `call` on the stack of this thread.
pub(super) fn enter(call: ActiveCall) -> CallGuard {
    // Registers the destructor at the first use. If it has already run, the memory is
    // released when the stack becomes empty.
    let _ = ON_EXIT.try_with(|_| ());
    change(|stack| stack.push(call));
    CallGuard {
        id: call.id,
        not_send: PhantomData,
    }
}

impl Drop for CallGuard {
    fn drop(&mut self) {
        change(|stack| stack.remove(self.id));
    }
}

/// Returns whether this thread is computing `id`.
pub(super) fn holds(id: u128) -> bool {
    read(|stack| stack.holds(id))
}

/// Returns the number of calls of this thread that others may wait for.
pub(super) fn lead_count() -> usize {
    read(|stack| stack.leads)
}

/// Returns all calls of this thread, outermost first.
pub(super) fn calls() -> Vec<ActiveCall> {
    read(|stack| stack.calls.clone())
}

/// Returns the calls of this thread that others may wait for, outermost first.
pub(super) fn leads() -> Vec<ActiveCall> {
    read(|stack| {
        stack
            .calls
            .iter()
            .filter(|call| call.leads)
            .copied()
            .collect()
    })
}

impl CallStack {
    const fn new() -> Self {
        Self {
            calls: Vec::new(),
            deep: HashMap::with_hasher(BuildIdentityHasher::new()),
            leads: 0,
            is_ending: false,
        }
    }

    fn push(&mut self, call: ActiveCall) {
        if self.calls.len() >= UNINDEXED {
            *self.deep.entry(call.id).or_default() += 1;
        }
        self.leads += usize::from(call.leads);
        self.calls.push(call);
    }

    fn remove(&mut self, id: u128) {
        let Some(at) = self.calls.iter().rposition(|call| call.id == id) else {
            return;
        };
        // Removing a call moves the ones above it down by one, so the lowest indexed
        // call may move into the range that is not indexed.
        if let Some(deep) = self.calls.get(at.max(UNINDEXED)) {
            self.unindex(deep.id);
        }
        let call = self.calls.remove(at);
        self.leads -= usize::from(call.leads);
        if self.calls.is_empty() {
            self.release_memory();
        }
    }

    fn unindex(&mut self, id: u128) {
        if let Some(count) = self.deep.get_mut(&id) {
            *count -= 1;
            if *count == 0 {
                self.deep.remove(&id);
            }
        }
    }

    fn holds(&self, id: u128) -> bool {
        let shallow = &self.calls[..self.calls.len().min(UNINDEXED)];
        shallow.iter().any(|call| call.id == id) || self.deep.contains_key(&id)
    }

    /// Releases memory that an empty stack does not need.
    fn release_memory(&mut self) {
        let is_large = self.calls.capacity() > MAX_IDLE_CAPACITY;
        if self.calls.is_empty() && (self.is_ending || is_large) {
            self.calls = Vec::new();
            self.deep = HashMap::with_hasher(BuildIdentityHasher::new());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: u128) -> ActiveCall {
        ActiveCall {
            id,
            since: Instant::now(),
            leads: id.is_multiple_of(2),
        }
    }

    #[test]
    fn a_stack_holds_what_is_on_it_in_whatever_order_it_leaves() {
        let mut stack = CallStack::new();
        let mut model = Vec::new();
        let mut random = 1u64;
        for step in 0..20_000 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let (id, grows) = (u128::from(random >> 33) % 90, step % 200 < 120);
            if grows {
                stack.push(call(id));
                model.push(id);
            } else if let Some(at) = model.iter().rposition(|other| *other == id) {
                stack.remove(id);
                model.remove(at);
            }
            for id in 0..90 {
                assert_eq!(stack.holds(id), model.contains(&id), "{id} in {model:?}");
            }
            let ids: Vec<_> = stack.calls.iter().map(|call| call.id).collect();
            assert_eq!(ids, model);
            let leads = model.iter().filter(|id| id.is_multiple_of(2)).count();
            assert_eq!(stack.leads, leads);
        }
    }

    #[test]
    fn an_empty_stack_keeps_little_and_that_of_a_thread_that_ends_nothing() {
        let mut stack = CallStack::new();
        (0..10_000).for_each(|id| stack.push(call(id)));
        (0..10_000).rev().for_each(|id| stack.remove(id));
        assert!(
            stack.calls.capacity() <= MAX_IDLE_CAPACITY
                && stack.deep.capacity() <= MAX_IDLE_CAPACITY
        );
        stack.push(call(1));
        stack.is_ending = true;
        stack.remove(1);
        assert_eq!(stack.calls.capacity(), 0);
    }
}
