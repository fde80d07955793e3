//! Gathers numbers that are not contiguous in memory into runs, for the types that have such
//! numbers.

use super::error::Error;
use super::number::Number;
use super::strided::{RUN, write_run};

/// A buffer that gathers numbers into runs and passes them to `out`.
pub(super) struct RunBuffer<'o, N> {
    run: Vec<N>,
    out: &'o mut dyn FnMut(&[u8]) -> Result<(), Error>,
}

impl<'o, N: Number> RunBuffer<'o, N> {
    pub(super) fn new(out: &'o mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Self {
        let run = Vec::new();
        RunBuffer { run, out }
    }

    /// Adds contiguous numbers.
    #[cfg(any(feature = "faer", feature = "ndarray", feature = "ndarray016"))]
    pub(super) fn slice(&mut self, mut numbers: &[N]) -> Result<(), Error> {
        while !numbers.is_empty() {
            let (now, later) = numbers.split_at(numbers.len().min(RUN - self.run.len()));
            self.run.extend_from_slice(now);
            numbers = later;
            self.pass_on_if_full()?;
        }
        Ok(())
    }

    /// Adds numbers from an iterator.
    pub(super) fn each(&mut self, mut numbers: impl Iterator<Item = N>) -> Result<(), Error> {
        loop {
            let room = RUN - self.run.len();
            self.run.extend(numbers.by_ref().take(room));
            if self.run.len() < RUN {
                return Ok(());
            }
            self.pass_on_if_full()?;
        }
    }

    fn pass_on_if_full(&mut self) -> Result<(), Error> {
        match self.run.len() {
            RUN => self.pass_on(),
            _ => Ok(()),
        }
    }

    /// Passes the remaining numbers to `out`.
    pub(super) fn pass_on(&mut self) -> Result<(), Error> {
        write_run(N::KIND, bytemuck::must_cast_slice(&self.run), self.out)?;
        self.run.clear();
        Ok(())
    }
}
