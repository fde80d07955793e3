//! The functions named by `validate` and `cache_if`, which decide about a value by
//! reference. Anything else is a readable compile error.

/// A predicate on values of type `T`.
#[diagnostic::on_unimplemented(
    message = "expected a function `fn(&{T}) -> bool`",
    label = "this is not a `fn(&{T}) -> bool`"
)]
pub trait Predicate<T: ?Sized> {
    /// Returns whether it accepts `value`.
    fn accepts(&self, value: &T) -> bool;
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized, F: Fn(&T) -> bool> Predicate<T> for F {
    #[inline]
    fn accepts(&self, value: &T) -> bool {
        self(value)
    }
}

/// Returns whether `condition` accepts `value`.
#[inline]
pub fn accepts<T: ?Sized, C: Predicate<T>>(condition: C, value: &T) -> bool {
    condition.accepts(value)
}
