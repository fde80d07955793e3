//! Numbers that do not lie one after another, handed on in the order of bytes
//! of files.

use super::error::Error;
use super::number::{Number, bytes_of, swap};

/// They are handed on by so many.
const RUN: usize = 1 << 16;

/// Numbers that do not lie one after another.
pub trait Strided {
    /// How many bytes they are.
    fn bytes(&self) -> u64;

    /// Hands all bytes on, in pieces of any size.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    fn write(&self, out: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error>;
}

/// Numbers in two pieces.
pub(super) struct Pieces<'v, N>(pub(super) [&'v [N]; 2]);

impl<N: Number> Strided for Pieces<'_, N> {
    fn bytes(&self) -> u64 {
        self.0.iter().map(|piece| size_of_val(*piece) as u64).sum()
    }

    fn write(&self, out: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        self.0.iter().try_for_each(|piece| hand_on(piece, out))
    }
}

/// Hands numbers on in the order of bytes of files.
fn hand_on<N: Number>(
    numbers: &[N],
    out: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    for numbers in numbers.chunks(RUN) {
        if cfg!(target_endian = "big") {
            let mut swapped = bytes_of(numbers).to_owned();
            swap(N::KIND, &mut swapped);
            out(&swapped)?;
        } else {
            out(bytes_of(numbers))?;
        }
    }
    Ok(())
}

/// Numbers on their way out, gathered into runs.
pub(super) struct Runs<'o, N> {
    run: Vec<N>,
    out: &'o mut dyn FnMut(&[u8]) -> Result<(), Error>,
}

impl<'o, N: Number> Runs<'o, N> {
    pub(super) fn new(out: &'o mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Self {
        let run = Vec::new();
        Runs { run, out }
    }

    /// Numbers that lie one after another.
    #[cfg(feature = "ndarray")]
    pub(super) fn slice(&mut self, mut numbers: &[N]) -> Result<(), Error> {
        while !numbers.is_empty() {
            let (now, later) = numbers.split_at(numbers.len().min(RUN - self.run.len()));
            self.run.extend_from_slice(now);
            numbers = later;
            self.pass_on_if_full()?;
        }
        Ok(())
    }

    /// Numbers of which each is fetched.
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

    /// Hands on what is left.
    pub(super) fn pass_on(&mut self) -> Result<(), Error> {
        hand_on(&self.run, self.out)?;
        self.run.clear();
        Ok(())
    }
}
