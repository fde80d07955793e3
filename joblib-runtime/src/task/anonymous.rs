//! Closures that other processes can find: what `task!` makes.
//!
//! `map` takes anything that can be called, so that the types of a closure's
//! arguments need not be written. Only closures can be called, and what one
//! has captured nobody can see. A task is therefore a closure behind a trait
//! object whose type says how it travels, and what it has captured answers
//! when the closure is cloned.

use std::cell::RefCell;
use std::sync::Arc;

use super::remote::{Elsewhere, Remote};
use crate::wire::{PutError, Writer};

/// A closure with captures `S` that `M` describes to other processes.
pub trait Anonymous<A, S, R, M>: Fn(A) -> R + Send + Sync {
    /// What the closure has captured, as a message.
    ///
    /// # Errors
    ///
    /// It cannot be encoded.
    fn captured(&self) -> Result<Vec<u8>, PutError>;
}

/// Makes a task of `call` and what it is to find as `shared`.
pub fn anonymous<'t, A, S, R, M, F>(call: F, shared: S) -> Box<dyn Anonymous<A, S, R, M> + 't>
where
    F: Fn(A, &S) -> R + Copy + Send + Sync + 't,
    S: Send + Sync + 't,
    M: Remote<Elsewhere, A, S, R>,
{
    let captures = Captures {
        shared: Arc::new(shared),
        encode: encode::<A, S, R, M>,
    };
    Box::new(move |arguments| call(arguments, captures.get()))
}

fn encode<A, S, R, M: Remote<Elsewhere, A, S, R>>(shared: &S) -> Result<Vec<u8>, PutError> {
    let mut writer = Writer::new();
    M::put_shared(shared, &mut writer)?;
    let mut message = Vec::new();
    writer.append_to(&mut message);
    Ok(message)
}

thread_local! {
    /// What the captures of the closure being cloned say.
    static ANSWER: RefCell<Answer> = const { RefCell::new(Answer::NotAsked) };
}

enum Answer {
    NotAsked,
    Asked,
    Given(Result<Vec<u8>, PutError>),
}

impl<A, S, R, M, F> Anonymous<A, S, R, M> for F
where
    F: Fn(A) -> R + Clone + Send + Sync,
{
    fn captured(&self) -> Result<Vec<u8>, PutError> {
        ANSWER.replace(Answer::Asked);
        drop(self.clone());
        match ANSWER.replace(Answer::NotAsked) {
            Answer::Given(message) => message,
            Answer::NotAsked | Answer::Asked => Ok(Vec::new()),
        }
    }
}

/// What a closure has captured, and how it is encoded.
struct Captures<S> {
    shared: Arc<S>,
    encode: fn(&S) -> Result<Vec<u8>, PutError>,
}

impl<S> Captures<S> {
    fn get(&self) -> &S {
        &self.shared
    }
}

impl<S> Clone for Captures<S> {
    fn clone(&self) -> Self {
        let is_asked = ANSWER.with_borrow(|answer| matches!(answer, Answer::Asked));
        if is_asked {
            // Encoding may run code of the user's, which may ask as well.
            ANSWER.replace(Answer::NotAsked);
            let message = (self.encode)(&self.shared);
            ANSWER.replace(Answer::Given(message));
        }
        Captures {
            shared: Arc::clone(&self.shared),
            encode: self.encode,
        }
    }
}
