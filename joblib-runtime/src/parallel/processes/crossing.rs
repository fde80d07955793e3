//! Values that are handed to another thread where their type allows it, in
//! functions that do not require it of all types.

use std::iter::FusedIterator;
use std::marker::PhantomData;

/// A value whose type is known to be `Send`.
pub(super) struct Crossing<T>(T);

// SAFETY: whoever makes one has asked `is_send`.
unsafe impl<T> Send for Crossing<T> {}

impl<T> Crossing<T> {
    /// The value, unless its type has to stay in this thread.
    pub(super) fn new(value: T) -> Result<Self, T> {
        match is_send::<T>() {
            true => Ok(Crossing(value)),
            false => Err(value),
        }
    }

    pub(super) fn into_inner(self) -> T {
        self.0
    }
}

/// Whether `T` is `Send`, as far as can be told of any type; a wrong no costs
/// some time.
///
/// [`Iterator::fuse`] promises two things: an iterator that is not fused gives
/// nothing more after its first `None`, and around one that says it is fused,
/// by its trait, the adaptor does nothing. What gives something after a `None`
/// all the same is therefore one for which the compiler found the trait, which
/// [`Asked`] has only where `T` is `Send`. The compiler looks at the type
/// without its lifetimes: of a type that is `Send` for some lifetimes only,
/// which takes an `unsafe impl` that says so, the answer is for all of them.
pub(super) fn is_send<T>() -> bool {
    let mut asked = Asked::<T>(true, PhantomData).fuse();
    asked.next().is_none() && asked.next().is_some()
}

/// Gives nothing first, and then something.
struct Asked<T>(bool, PhantomData<T>);

impl<T> Iterator for Asked<T> {
    type Item = ();

    fn next(&mut self) -> Option<()> {
        (!std::mem::replace(&mut self.0, false)).then_some(())
    }
}

impl<T: Send> FusedIterator for Asked<T> {}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::sync::mpsc;

    use super::*;

    fn is<T>(_: &T) -> bool {
        is_send::<T>()
    }

    #[test]
    fn what_can_be_handed_to_another_thread_is_known() {
        let text = String::from("text");
        let borrowed = text.as_str();
        let (_sender, receiver) = mpsc::channel::<u8>();
        assert!(is(&5) && is(&borrowed) && is(&vec![borrowed].into_iter()));
        assert!(is(&(0..5).map(|x| x + borrowed.len())));
        assert!(is(&receiver.into_iter()));
    }

    #[test]
    fn what_must_stay_is_known() {
        let cell = Cell::new(0);
        assert!(!is(&Rc::new(1)) && !is(&&cell));
        assert!(!is(&(0..5).inspect(|x| cell.set(*x))));
        assert!(!is(&std::io::stdin().lines()));
        assert!(Crossing::new(Rc::new(1)).is_err());
    }
}
