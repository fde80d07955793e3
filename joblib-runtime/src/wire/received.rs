//! Received numbers: borrowed from the message, mapped from the sender's memory, or
//! copied.

use std::ops::Deref;
use std::sync::Arc;

use super::pod::Pod;
use super::shared_memory::ForeignMapping;

/// A slice of numbers that was received.
#[derive(Debug)]
pub enum ReceivedSlice<'m, N> {
    /// Borrowed from the message.
    Borrowed(&'m [N]),
    /// In memory that the sender and other processes have mapped too.
    Mapped(MappedNumbers),
    /// Copied.
    Owned(Vec<N>),
}

/// Memory that the sender and other processes have mapped too.
#[derive(Clone, Debug)]
pub struct MappedNumbers(pub(super) Arc<ForeignMapping>);

impl<N: Pod> ReceivedSlice<'_, N> {
    /// Returns the numbers as a vector.
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
            ReceivedSlice::Mapped(numbers) => bytemuck::cast_slice(numbers.0.bytes()),
            ReceivedSlice::Owned(numbers) => numbers,
        }
    }
}

impl<N: Pod + PartialEq> PartialEq for ReceivedSlice<'_, N> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}
