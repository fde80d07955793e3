//! What `validate` and `cache_if` name: a function that decides about a value
//! by looking at it. Anything else is a compile error in words.

/// Something that decides about values of type `T`.
#[diagnostic::on_unimplemented(
    message = "a function `fn(&{T}) -> bool` is needed to decide here",
    label = "this is not a `fn(&{T}) -> bool`"
)]
pub trait Predicate<T: ?Sized> {
    /// Whether it accepts `value`.
    fn accepts(&self, value: &T) -> bool;
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized, F: Fn(&T) -> bool> Predicate<T> for F {
    #[inline]
    fn accepts(&self, value: &T) -> bool {
        self(value)
    }
}

/// Whether `condition` accepts `value`.
#[inline]
pub fn accepts<T: ?Sized, C: Predicate<T>>(condition: C, value: &T) -> bool {
    condition.accepts(value)
}
