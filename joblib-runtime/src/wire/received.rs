//! Numbers as they were received: where the message lies, where the sender
//! has them, or copied.

use std::ops::Deref;
use std::sync::Arc;

use super::pod::{Pod, numbers_of};
use super::serde_transport::AsBorrowed;
use super::shared_memory::ForeignMapping;

/// Numbers that were received.
#[derive(Debug)]
pub enum ReceivedSlice<'m, N> {
    /// In the message.
    Borrowed(&'m [N]),
    /// In memory that the sender and others have mapped too.
    Mapped(MappedNumbers),
    /// By themselves.
    Owned(Vec<N>),
}

/// Memory that the sender and others have mapped too.
#[derive(Clone, Debug)]
pub struct MappedNumbers(pub(super) Arc<ForeignMapping>);

impl<N: Pod> ReceivedSlice<'_, N> {
    /// The numbers by themselves.
    pub fn into_vec(self) -> Vec<N> {
        match self {
            ReceivedSlice::Owned(numbers) => numbers,
            other => other.to_vec(),
        }
    }
}

impl<N: Pod> Deref for ReceivedSlice<'_, N> {
    type Target = [N];

    #[inline]
    fn deref(&self) -> &[N] {
        match self {
            ReceivedSlice::Borrowed(numbers) => numbers,
            ReceivedSlice::Mapped(numbers) => numbers_of(numbers.0.bytes()).unwrap_or_default(),
            ReceivedSlice::Owned(numbers) => numbers,
        }
    }
}

impl<N: Pod + PartialEq> PartialEq for ReceivedSlice<'_, N> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<N: Pod> AsBorrowed<[N]> for ReceivedSlice<'_, N> {
    #[inline]
    fn lent(&self) -> &[N] {
        self
    }
}
