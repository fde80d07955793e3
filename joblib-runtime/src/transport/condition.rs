//! The conditions for sending a value, as named by the impls that annotations generate.
//! They are traits of their own, apart from [`Transport`], because the compiler checks the
//! bounds of an implementation where the function is defined, unless they depend on the
//! backend.

use super::encoding::Encoding;
use super::message::Transport;

/// An argument that can be sent to another process. `W` is the backend, `N` its name, and
/// `E` its [`Encoding`].
#[diagnostic::on_unimplemented(
    message = "the argument `{N}` cannot be sent to another process",
    label = "the argument `{N}` of these tasks is a `{Self}`",
    note = "`{Self}`, or a type in it, borrows or lacks `Persist` (or `Serialize` and `Deserialize`)",
    note = "derive `joblib::Persist` (or `serde::Serialize` and `serde::Deserialize`) for the type that lacks it, or run on `Threads`",
    note = "for a type of another crate, enable the feature of joblib with the name of that crate, if there is one, or put the type in one of your own with `joblib::persist_as!`"
)]
pub trait SendArgument<W, N, const E: u8> {
    /// The encoding that sends it.
    type By: Transport<Self>;
}

#[diagnostic::do_not_recommend]
impl<W, N, T: ?Sized, const E: u8> SendArgument<W, N, E> for T
where
    Encoding<E>: Transport<T>,
{
    type By = Encoding<E>;
}

/// A result that can be sent back from another process. `W` is the backend, and `E` its
/// [`Encoding`].
#[diagnostic::on_unimplemented(
    message = "the result cannot be sent back from another process",
    label = "these tasks return `{Self}`",
    note = "`{Self}`, or a type in it, borrows or lacks `Persist` (or `Serialize` and `Deserialize`)",
    note = "derive `joblib::Persist` (or `serde::Serialize` and `serde::Deserialize`) for the type that lacks it, or run on `Threads`",
    note = "for a type of another crate, enable the feature of joblib with the name of that crate, if there is one, or put the type in one of your own with `joblib::persist_as!`"
)]
pub trait SendResult<W, const E: u8>: Sized {
    /// The encoding that sends it.
    type By: Transport<Self>;
}

#[diagnostic::do_not_recommend]
impl<W, T, const E: u8> SendResult<W, E> for T
where
    Encoding<E>: Transport<T>,
{
    type By = Encoding<E>;
}

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
