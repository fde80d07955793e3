//! Non-contiguous numbers, which are written in runs in the byte order of files.

use super::error::Error;
use super::number::{NumberKind, swap};
use super::row::IsElement;
use super::traits::Save;

/// The number of elements per run.
pub(super) const RUN: usize = 1 << 16;

/// The size in bytes of a run of rows, unless one row is longer.
const ROWS: usize = 1 << 19;

/// The size in bytes of a run of records, unless one record is longer.
const RECORDS: usize = 1 << 16;

/// Non-contiguous numbers.
pub trait Strided {
    /// Returns their size in bytes.
    fn bytes(&self) -> u64;

    /// Passes all bytes to `out`, in chunks of any size.
    ///
    /// # Errors
    ///
    /// The errors of `out`.
    fn write(&self, out: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error>;
}

/// Numbers, or rows of numbers, in two slices.
pub(super) struct TwoSlices<'v, T> {
    pub(super) cells: IsElement<T>,
    pub(super) pieces: [&'v [T]; 2],
}

impl<T> Strided for TwoSlices<'_, T> {
    fn bytes(&self) -> u64 {
        let lens = self.pieces.iter().map(|piece| size_of_val(*piece) as u64);
        lens.sum()
    }

    fn write(&self, out: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        let mut pieces = self.pieces.iter().map(|it| self.cells.bytes_of(it));
        pieces.try_for_each(|piece| write_run(self.cells.kind, piece, out))
    }
}

/// Numbers, or rows of numbers, from an iterator.
pub(super) struct StridedIter<I, T>(pub(super) I, pub(super) IsElement<T>);

impl<'v, T, I> Strided for StridedIter<I, T>
where
    T: 'v,
    I: ExactSizeIterator<Item = &'v T> + Clone,
{
    fn bytes(&self) -> u64 {
        (self.0.len() * size_of::<T>()) as u64
    }

    fn write(&self, out: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        let StridedIter(each, cells) = self;
        let most = (ROWS / size_of::<T>().max(1)).clamp(1, RUN);
        let mut run = Vec::with_capacity(most.min(each.len()) * size_of::<T>());
        let mut each = each.clone();
        loop {
            for one in each.by_ref().take(most) {
                run.extend_from_slice(cells.bytes_of(std::slice::from_ref(one)));
            }
            if run.is_empty() {
                return Ok(());
            }
            write_run(cells.kind, &run, out)?;
            run.clear();
        }
    }
}

/// Values that are each copied into a record.
pub(super) struct PackedValues<I> {
    pub(super) values: I,
    pub(super) count: usize,
}

impl<'v, T, I> Strided for PackedValues<I>
where
    T: Save + 'v,
    I: Iterator<Item = &'v T> + Clone,
{
    fn bytes(&self) -> u64 {
        T::RECORD.map_or(0, |record| (self.count * record.size) as u64)
    }

    fn write(&self, out: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        let size = T::RECORD.map_or(0, |record| record.size);
        if size == 0 {
            return Ok(());
        }
        let most = (RECORDS / size).clamp(1, self.count.max(1));
        // The padding is zero from the start, and `store` never writes to it.
        let (mut values, mut run) = (self.values.clone(), vec![0; most * size]);
        loop {
            let mut filled = 0;
            for record in run.chunks_exact_mut(size) {
                let Some(value) = values.next() else { break };
                value.store(record);
                filled += size;
            }
            match filled {
                0 => return Ok(()),
                filled => out(&run[..filled])?,
            }
        }
    }
}

/// Passes `numbers`, in the byte order of this machine, to `out` in that of files.
pub(super) fn write_run(
    kind: NumberKind,
    numbers: &[u8],
    out: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    for numbers in numbers.chunks(RUN * kind.size()) {
        if cfg!(target_endian = "big") {
            let mut swapped = numbers.to_owned();
            swap(kind, &mut swapped);
            out(&swapped)?;
        } else {
            out(numbers)?;
        }
    }
    Ok(())
}
