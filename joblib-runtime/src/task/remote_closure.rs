//! Closures that other processes can find: the result of `task!`.
//!
//! `map` accepts anything callable, so that the argument types of a closure need not be
//! written. Only closures are callable, and their captures cannot be inspected. A task is
//! therefore a closure behind a trait object, which is recognized by its type. Its
//! captures report how they are sent when the closure is cloned.

use std::any::TypeId;
use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::Arc;

use super::remote::{AnyRemoteBackend, Remote, RemoteCall};
use crate::type_identity::type_id;
use crate::wire::{MessageWriter, PutError};

/// A closure that describes itself to other processes.
pub trait RemoteClosure<A, R>: Fn(A) -> R + Send + Sync {
    /// Returns how to send the closure with its captures, or `None` if [`anonymous`] did
    /// not create it.
    ///
    /// # Errors
    ///
    /// Fails if the captures cannot be encoded.
    fn remote_call(&self) -> Option<Result<RemoteCall<'static, A, R>, PutError>>;
}

/// Creates a task from `call` and its captures `shared`. `M` describes it to other
/// processes.
pub fn anonymous<'t, A, S, R, M, F>(call: F, shared: S) -> Box<dyn RemoteClosure<A, R> + 't>
where
    F: Fn(A, &S) -> R + Copy + Send + Sync + 't,
    A: 't,
    S: Send + Sync + 't,
    R: 't,
    M: Remote<AnyRemoteBackend, A, S, R>,
{
    let captures = Captures {
        shared: Arc::new(shared),
        travel: travel::<A, S, R, M>,
    };
    Box::new(move |arguments| call(arguments, captures.get()))
}

/// Returns the task in `closure`, if it is one.
pub(super) fn as_anonymous<A, R, F: Fn(A) -> R>(closure: &F) -> Option<&dyn RemoteClosure<A, R>> {
    if type_id::<F>() != type_id::<Box<dyn RemoteClosure<A, R>>>() {
        return None;
    }
    // SAFETY: `F` is this type except for lifetimes. `A` and `R` have the same lifetimes,
    // because such a box is only callable with its own `A` and `R`. What the box contains
    // outlives the reference to it, which is all that the new type requires.
    let task = unsafe { &*std::ptr::from_ref(closure).cast::<Box<dyn RemoteClosure<A, R> + '_>>() };
    Some(&**task)
}

type Answer<A, R> = Result<RemoteCall<'static, A, R>, PutError>;

fn travel<A, S, R, M: Remote<AnyRemoteBackend, A, S, R>>(shared: &S) -> Answer<A, R> {
    let mut writer = MessageWriter::new();
    M::put_shared(shared, &mut writer)?;
    // The message must outlive the closure, which may borrow its captures.
    let mut message = Vec::new();
    writer.append_to(&mut message);
    Ok(RemoteCall {
        registration: M::registration(),
        shared: MessageWriter::from_bytes(message),
        put: M::put,
        take: M::take,
    })
}

thread_local! {
    /// The query of the `travel` call on this thread that clones a closure.
    static QUERY: Cell<Option<Query>> = const { Cell::new(None) };
}

/// A pointer to an `Option<Answer<A, R>>`, whose type identity is `kind`.
#[derive(Clone, Copy)]
struct Query {
    kind: TypeId,
    slot: NonNull<()>,
}

/// Clears the query on drop, so that its pointer is not used after `travel` returns.
struct ClearQuery;

impl Drop for ClearQuery {
    fn drop(&mut self) {
        QUERY.set(None);
    }
}

impl<A, R, F> RemoteClosure<A, R> for F
where
    F: Fn(A) -> R + Clone + Send + Sync,
{
    fn remote_call(&self) -> Option<Answer<A, R>> {
        let mut slot: Option<Answer<A, R>> = None;
        QUERY.set(Some(Query {
            kind: type_id::<Answer<A, R>>(),
            slot: NonNull::from(&mut slot).cast(),
        }));
        let _forget = ClearQuery;
        drop(self.clone());
        slot
    }
}

/// The captures of a closure, and the function that sends them.
struct Captures<A, S, R> {
    shared: Arc<S>,
    travel: fn(&S) -> Answer<A, R>,
}

impl<A, S, R> Captures<A, S, R> {
    fn get(&self) -> &S {
        &self.shared
    }
}

impl<A, S, R> Clone for Captures<A, S, R> {
    fn clone(&self) -> Self {
        // The query is removed before the captures are encoded, because that runs the
        // user's code, which may start another query.
        if let Some(query) = QUERY.take()
            && query.kind == type_id::<Answer<A, R>>()
        {
            let answer = (self.travel)(&self.shared);
            // SAFETY: the pointer refers to a local of `travel` above, which does not
            // return while the query is set. The local has this type: `travel` clones
            // only the closure that contains these captures, whose argument and result
            // are `A` and `R`.
            unsafe { query.slot.cast().write(Some(answer)) };
        }
        Captures {
            shared: Arc::clone(&self.shared),
            travel: self.travel,
        }
    }
}
