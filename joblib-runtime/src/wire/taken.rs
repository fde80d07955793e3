//! Numbers as they were received: where the message lies, where the sender
//! has them, or copied.

use std::ops::Deref;
use std::sync::Arc;

use super::carried::Lend;
use super::number::{Number, numbers_of};
use super::region::Mapping;

/// Numbers that were received.
#[derive(Debug)]
pub enum Taken<'m, N> {
    /// In the message.
    Borrowed(&'m [N]),
    /// In memory that the sender and others have mapped too.
    Mapped(MappedNumbers),
    /// By themselves.
    Owned(Vec<N>),
}

/// Memory that the sender and others have mapped too.
#[derive(Clone, Debug)]
pub struct MappedNumbers(pub(super) Arc<Mapping>);

impl<N: Number> Taken<'_, N> {
    /// The numbers by themselves.
    pub fn into_vec(self) -> Vec<N> {
        match self {
            Taken::Owned(numbers) => numbers,
            other => other.to_vec(),
        }
    }
}

impl<N: Number> Deref for Taken<'_, N> {
    type Target = [N];

    #[inline]
    fn deref(&self) -> &[N] {
        match self {
            Taken::Borrowed(numbers) => numbers,
            Taken::Mapped(numbers) => numbers_of(numbers.0.bytes()).unwrap_or_default(),
            Taken::Owned(numbers) => numbers,
        }
    }
}

impl<N: Number + PartialEq> PartialEq for Taken<'_, N> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<N: Number> Lend<[N]> for Taken<'_, N> {
    #[inline]
    fn lent(&self) -> &[N] {
        self
    }
}
