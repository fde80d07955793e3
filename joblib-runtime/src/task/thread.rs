//! The conditions for inputs and results of tasks that run in other threads.

/// An input that can be sent to another thread.
#[diagnostic::on_unimplemented(
    message = "the inputs of these tasks cannot be sent to other threads",
    label = "`{Self}`, or a type in it, does not implement `Send`",
    note = "use `Arc` and `Mutex` instead of `Rc` and `RefCell`, or run with `.backend(Sequential)`"
)]
pub trait ThreadInput: Send {}

#[diagnostic::do_not_recommend]
impl<T: Send> ThreadInput for T {}

/// A result that can be sent back from another thread.
#[diagnostic::on_unimplemented(
    message = "the results of these tasks cannot be sent back from other threads",
    label = "`{Self}`, or a type in it, does not implement `Send`",
    note = "use `Arc` and `Mutex` instead of `Rc` and `RefCell`, or run with `.backend(Sequential)`"
)]
pub trait ThreadOutput: Send {}

#[diagnostic::do_not_recommend]
impl<T: Send> ThreadOutput for T {}
