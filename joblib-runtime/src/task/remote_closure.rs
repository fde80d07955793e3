//! Closures that other processes can find: what `task!` makes.
//!
//! `map` takes anything that can be called, so that the types of a closure's
//! arguments need not be written. Only closures can be called, and what one
//! has captured nobody can see. A task is therefore a closure behind a trait
//! object, which is known by its type, and what it has captured answers when
//! the closure is cloned.

use std::any::TypeId;
use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::Arc;

use super::remote::{AnyRemoteBackend, Remote, RemoteCall};
use super::type_identity::erased;
use crate::wire::{MessageWriter, PutError};

/// A closure that describes itself to other processes.
pub trait RemoteClosure<A, R>: Fn(A) -> R + Send + Sync {
    /// How it travels with what it has captured; nothing of closures that
    /// [`anonymous`] did not make.
    ///
    /// # Errors
    ///
    /// What it has captured cannot be encoded.
    fn travel(&self) -> Option<Result<RemoteCall<'static, A, R>, PutError>>;
}

/// Makes a task of `call` and what it is to find as `shared`; `M` describes it
/// to other processes.
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

/// The task that `closure` is, if it is one.
pub(super) fn as_anonymous<A, R, F: Fn(A) -> R>(closure: &F) -> Option<&dyn RemoteClosure<A, R>> {
    if erased::<F>() != erased::<Box<dyn RemoteClosure<A, R>>>() {
        return None;
    }
    // SAFETY: `F` is this type but for lifetimes. Of those, `A` and `R` cannot
    // differ, since such a box is called with its own `A` and `R` only; and
    // what the box may hold outlives the reference to it, which is all that is
    // asked of the new type.
    let task = unsafe { &*std::ptr::from_ref(closure).cast::<Box<dyn RemoteClosure<A, R> + '_>>() };
    Some(&**task)
}

type Answer<A, R> = Result<RemoteCall<'static, A, R>, PutError>;

fn travel<A, S, R, M: Remote<AnyRemoteBackend, A, S, R>>(shared: &S) -> Answer<A, R> {
    let mut writer = MessageWriter::new();
    M::put_shared(shared, &mut writer)?;
    // What the closure borrows may live shorter than the message.
    let mut message = Vec::new();
    writer.append_to(&mut message);
    Ok(RemoteCall {
        registration: M::registration(),
        shared: MessageWriter::whole(message),
        put: M::put,
        take: M::take,
    })
}

thread_local! {
    /// Who clones a closure to learn how it travels.
    static ASKED: Cell<Option<Query>> = const { Cell::new(None) };
}

/// Room for an `Option<Answer<A, R>>`, whose identity `kind` is.
#[derive(Clone, Copy)]
struct Query {
    kind: TypeId,
    room: NonNull<()>,
}

/// Forgets the question, so that its room is never used when it is gone.
struct ClearQuery;

impl Drop for ClearQuery {
    fn drop(&mut self) {
        ASKED.set(None);
    }
}

impl<A, R, F> RemoteClosure<A, R> for F
where
    F: Fn(A) -> R + Clone + Send + Sync,
{
    fn travel(&self) -> Option<Answer<A, R>> {
        let mut room: Option<Answer<A, R>> = None;
        ASKED.set(Some(Query {
            kind: erased::<Answer<A, R>>(),
            room: NonNull::from(&mut room).cast(),
        }));
        let _forget = ClearQuery;
        drop(self.clone());
        room
    }
}

/// What a closure has captured, and how it travels with that.
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
        // Taken away, since encoding runs code of the user's, which may ask
        // as well.
        if let Some(asked) = ASKED.take()
            && asked.kind == erased::<Answer<A, R>>()
        {
            let answer = (self.travel)(&self.shared);
            // SAFETY: the room is that of `travel` above, which is not left
            // while the question stands. It is for an answer of this type:
            // the closure being cloned is the one that these captures were
            // put into, whose argument and result are `A` and `R`.
            unsafe { asked.room.cast().write(Some(answer)) };
        }
        Captures {
            shared: Arc::clone(&self.shared),
            travel: self.travel,
        }
    }
}
