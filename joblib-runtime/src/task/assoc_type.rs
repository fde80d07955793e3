//! Types that a generic function names by its parameters, such as `T::Output`:
//! outside of it, where the bounds of `T` are not known, they need a name.

/// Leads from what stands for a function, or from the type of a method, to a
/// type of its signature, the `N`th of those. `ID` and `P` are those of
/// [`MethodTask`](super::MethodTask), or no others.
pub trait AssocType<const ID: u64, P, const N: usize> {
    /// The type.
    type To: ?Sized;
}
