//! Names for types that a generic function names through its parameters, such as
//! `T::Output`. Outside the function, where the bounds of `T` are unknown, such a type
//! needs another name.

/// Maps the marker of a function, or the type of a method, to the `N`th such type in its
/// signature. `ID` and `P` are the parameters of [`MethodTask`](super::MethodTask) for a
/// method.
pub trait AssocType<const ID: u64, P, const N: usize> {
    /// The type.
    type To: ?Sized;
}
