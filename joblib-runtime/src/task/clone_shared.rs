//! Arguments that all tasks share by value: each task gets a clone.

/// A value that each task can clone.
#[diagnostic::on_unimplemented(
    message = "each task needs its own `{Self}`, which does not implement `Clone`",
    label = "this argument is shared by value",
    note = "pass it by reference, or derive `Clone` for it"
)]
pub trait CloneShared: Clone {}

#[diagnostic::do_not_recommend]
impl<T: Clone> CloneShared for T {}

/// Returns a clone for one task.
#[inline]
pub fn copied<T: CloneShared>(value: &T) -> T {
    value.clone()
}
