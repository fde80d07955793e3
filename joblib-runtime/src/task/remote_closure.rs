//! Closures that other processes can find: the result of `task!`.
//!
//! `map` requires `Fn`, from which the compiler infers the argument types of a closure. On
//! stable Rust only closures implement `Fn`, and their captures are only reachable through
//! `Clone`. So a task is a boxed closure, which encodes its captures when it is cloned.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use super::remote::{AnyRemoteBackend, Remote, RemoteCall};
use crate::type_identity::type_id;
use crate::wire::{MessageWriter, PutError};

/// A closure that describes itself to other processes.
pub trait RemoteClosure<A, R>: Fn(A) -> R + Send + Sync {
    /// Returns how to send the closure with its captures.
    ///
    /// # Errors
    ///
    /// Fails if the captures cannot be encoded.
    fn remote_call(&self) -> Result<RemoteCall<'static, A, R>, PutError>;
}

/// Creates a task from `call` and its captures `shared`. `M` describes it to other
/// processes.
pub fn anonymous<'t, A, S, R, M, F>(call: F, shared: S) -> Box<dyn RemoteClosure<A, R> + 't>
where
    F: Fn(A, &S) -> R + Copy + Send + Sync + 't,
    A: 't,
    S: Send + Sync + 't,
    R: 't,
    M: Remote<AnyRemoteBackend, A, S, R> + 't,
{
    let captures = Captures {
        shared: Arc::new(shared),
        encode: encode::<A, S, R, M>,
    };
    let closure = move |arguments| call(arguments, captures.get());
    let described: Box<dyn Described<A, S, R, M> + 't> = Box::new(closure);
    Box::new(described)
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

/// A closure over its [`Captures`], which `M` describes. [`anonymous`] creates all of them.
trait Described<A, S, R, M>: Fn(A) -> R + Send + Sync {
    fn encoded_captures(&self) -> Encoded;
}

type Encoded = Result<Vec<u8>, PutError>;

impl<A, S, R, M> RemoteClosure<A, R> for Box<dyn Described<A, S, R, M> + '_>
where
    M: Remote<AnyRemoteBackend, A, S, R>,
{
    fn remote_call(&self) -> Result<RemoteCall<'static, A, R>, PutError> {
        Ok(RemoteCall {
            registration: M::registration(),
            shared: MessageWriter::from_bytes((**self).encoded_captures()?),
            put: M::put,
            take: M::take,
        })
    }
}

thread_local! {
    // Without a destructor, so that tasks can be sent while other thread locals are
    // destroyed. It is empty except during `Described::encoded_captures`.
    static ENCODED: ManuallyDrop<Cell<Option<Encoded>>> = const {
        ManuallyDrop::new(Cell::new(None))
    };
}

impl<A, S, R, M, F> Described<A, S, R, M> for F
where
    F: Fn(A) -> R + Clone + Send + Sync,
{
    fn encoded_captures(&self) -> Encoded {
        drop(self.clone());
        let encoded = ENCODED.with(|encoded| encoded.take());
        encoded.expect("cloning the captures encodes them")
    }
}

/// The captures of a closure, which only [`Described::encoded_captures`] clones.
struct Captures<S> {
    shared: Arc<S>,
    encode: fn(&S) -> Encoded,
}

impl<S> Captures<S> {
    /// Makes closures capture the whole struct, as a field would not.
    fn get(&self) -> &S {
        &self.shared
    }
}

impl<S> Clone for Captures<S> {
    fn clone(&self) -> Self {
        let encoded = (self.encode)(&self.shared);
        ENCODED.with(|it| it.set(Some(encoded)));
        Captures {
            shared: Arc::clone(&self.shared),
            encode: self.encode,
        }
    }
}

fn encode<A, S, R, M: Remote<AnyRemoteBackend, A, S, R>>(shared: &S) -> Encoded {
    let mut writer = MessageWriter::new();
    M::put_shared(shared, &mut writer)?;
    // The message must outlive the closure, which may borrow its captures.
    let mut message = Vec::new();
    writer.append_to(&mut message);
    Ok(message)
}
