//! The conditions for sending a value, as named by the impls that annotations generate.
//! `wire` and `persist_transport` implement the sending.
//!
//! The traits repeat the methods of [`SerdeTransport`]: with a supertrait, the compiler
//! could check the condition where the function is defined.

use std::marker::PhantomData;

use super::persist_transport::PersistTransport;
use crate::wire::transport::Transport;
use crate::wire::{
    AsBorrowed, MessageError, MessageReader, MessageWriter, PutError, SerdeTransport,
};

/// An argument that can be sent to another process. `N` is its name. `PERSISTED` is
/// whether `Persist` or serde sends it (see
/// [`TransportProbe`](super::transport_select::TransportProbe)).
#[diagnostic::on_unimplemented(
    message = "the argument `{N}` cannot be sent to another process",
    label = "the argument `{N}` of these tasks is a `{Self}`",
    note = "`{Self}`, or a type in it, borrows or lacks `Persist` (or `Serialize` and `Deserialize`)",
    note = "derive `joblib::Persist` (or `serde::Serialize` and `serde::Deserialize`) for the type that lacks it, or run on `Threads`"
)]
#[allow(missing_docs, reason = "the same as those of `SerdeTransport`")]
pub trait SendArgument<W, N, const PERSISTED: bool> {
    type Holder: AsBorrowed<Self> + 'static;

    fn put<'v>(&'v self, writer: &mut MessageWriter<'v>) -> Result<(), PutError>;

    fn take(reader: &mut MessageReader<'_>) -> Result<Self, MessageError>
    where
        Self: Sized;

    fn lend(reader: &mut MessageReader<'_>) -> Result<Self::Holder, MessageError>;
}

/// A result that can be sent back from another process.
#[diagnostic::on_unimplemented(
    message = "the result cannot be sent back from another process",
    label = "these tasks return `{Self}`",
    note = "`{Self}`, or a type in it, borrows or lacks `Persist` (or `Serialize` and `Deserialize`)",
    note = "derive `joblib::Persist` (or `serde::Serialize` and `serde::Deserialize`) for the type that lacks it, or run on `Threads`"
)]
#[allow(missing_docs, reason = "the same as those of `SerdeTransport`")]
pub trait SendResult<W, const PERSISTED: bool>: Sized {
    type Holder: AsBorrowed<Self> + 'static;

    fn put<'v>(&'v self, writer: &mut MessageWriter<'v>) -> Result<(), PutError>;

    fn take(reader: &mut MessageReader<'_>) -> Result<Self, MessageError>;

    fn lend(reader: &mut MessageReader<'_>) -> Result<Self::Holder, MessageError>;
}

macro_rules! condition {
    ([$($generics:tt)*] $condition:path, by $way:ident) => {
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> $condition for T {
            type Holder = <T as $way>::Holder;

            #[inline]
            fn put<'v>(&'v self, writer: &mut MessageWriter<'v>) -> Result<(), PutError> {
                $way::put(self, writer)
            }

            #[inline]
            fn take(reader: &mut MessageReader<'_>) -> Result<T, MessageError>
            where
                T: Sized,
            {
                <T as $way>::take(reader)
            }

            #[inline]
            fn lend(reader: &mut MessageReader<'_>) -> Result<Self::Holder, MessageError> {
                <T as $way>::take_borrowed(reader)
            }
        }
    };
}

condition!([W, N, T: SerdeTransport + ?Sized] SendArgument<W, N, false>, by SerdeTransport);
condition!([W, N, T: PersistTransport + ?Sized] SendArgument<W, N, true>, by PersistTransport);
condition!([W, T: SerdeTransport] SendResult<W, false>, by SerdeTransport);
condition!([W, T: PersistTransport] SendResult<W, true>, by PersistTransport);

/// The condition for an argument that contains a borrow. No type implements it, so that
/// using such an argument in another process is an error.
#[diagnostic::on_unimplemented(
    message = "the argument `{N}` cannot be sent to another process, because it borrows",
    label = "the argument `{N}` of these tasks contains a `{Self}`",
    note = "pass an owned value, or a plain reference to one, such as `&[T]` or `&str`, or run on `Threads`"
)]
pub trait OwnedArgument<W, N> {}

/// The condition for a result that borrows. No type implements it, so that using such a
/// result from another process is an error.
#[diagnostic::on_unimplemented(
    message = "the result cannot be sent back from another process, because it borrows",
    label = "these tasks return a `{Self}`",
    note = "return an owned value, such as `String` for `&str` or `Vec<T>` for `&[T]`, or run on `Threads`"
)]
pub trait OwnedResult<W> {}

/// The body of functions that no satisfiable condition lets anyone call.
pub fn never() -> ! {
    unreachable!("a value that borrows cannot be sent")
}

/// The transport that the condition on the argument called `N` selects.
#[derive(Debug)]
pub struct AsArgument<W, N, const PERSISTED: bool>(PhantomData<fn() -> (W, N)>);

/// The transport that the condition on the result selects.
#[derive(Debug)]
pub struct AsResult<W, const PERSISTED: bool>(PhantomData<fn() -> W>);

macro_rules! via {
    ([$($generics:tt)*] $way:ty, $condition:path) => {
        impl<$($generics)*, const PERSISTED: bool> Transport<T> for $way {
            type Holder = <T as $condition>::Holder;

            #[inline]
            fn put<'v>(value: &'v T, writer: &mut MessageWriter<'v>) -> Result<(), PutError> {
                <T as $condition>::put(value, writer)
            }

            #[inline]
            fn take(reader: &mut MessageReader<'_>) -> Result<T, MessageError>
            where
                T: Sized,
            {
                <T as $condition>::take(reader)
            }

            #[inline]
            fn lend(reader: &mut MessageReader<'_>) -> Result<Self::Holder, MessageError> {
                <T as $condition>::lend(reader)
            }
        }
    };
}

via!(
    [W, N, T: SendArgument<W, N, PERSISTED> + ?Sized] AsArgument<W, N, PERSISTED>,
    SendArgument<W, N, PERSISTED>
);
via!([W, T: SendResult<W, PERSISTED>] AsResult<W, PERSISTED>, SendResult<W, PERSISTED>);
