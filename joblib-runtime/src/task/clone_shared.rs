//! Arguments that all tasks share by value: each gets a copy.

/// A value of which each task can have a copy.
#[diagnostic::on_unimplemented(
    message = "each task needs a `{Self}` of its own, which lacks `Clone`",
    label = "this argument is shared by value",
    note = "take it by reference, or derive `Clone` for it"
)]
pub trait CloneShared: Clone {}

#[diagnostic::do_not_recommend]
impl<T: Clone> CloneShared for T {}

/// A copy for one task.
#[inline]
pub fn copied<T: CloneShared>(value: &T) -> T {
    value.clone()
}
