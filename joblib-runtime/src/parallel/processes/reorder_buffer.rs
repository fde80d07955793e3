//! The reorder buffer: outcomes from worker processes until they are consumed, in the
//! order of the input or in the order of arrival.

use std::collections::VecDeque;

use crate::outcome::Error;
use crate::parallel::terminal::Outcome;

/// The outcomes of tasks that were sent and are not consumed.
pub(super) struct ReorderBuffer<R> {
    /// One slot for each task from `first` on.
    slots: VecDeque<Slot<R>>,
    first: usize,
    /// The tasks whose outcomes arrived, if outcomes are consumed in the order of
    /// arrival.
    arrivals: Option<VecDeque<usize>>,
    bytes: u64,
}

struct Slot<R> {
    outcome: Option<Result<R, Error>>,
    is_consumed: bool,
    /// The size of the encoded arguments, or of the result once it has arrived.
    bytes: u64,
}

impl<R> ReorderBuffer<R> {
    pub(super) fn new(is_ordered: bool) -> Self {
        ReorderBuffer {
            slots: VecDeque::new(),
            first: 0,
            arrivals: (!is_ordered).then(VecDeque::new),
            bytes: 0,
        }
    }

    /// Reserves a slot for the next task. Returns its position in the input.
    pub(super) fn reserve(&mut self) -> usize {
        self.slots.push_back(Slot {
            outcome: None,
            is_consumed: false,
            bytes: 0,
        });
        self.first + self.slots.len() - 1
    }

    /// Records the size of the arguments of the task at `index`.
    pub(super) fn weigh(&mut self, index: usize, bytes: u64) {
        let Some(slot) = self.slots.get_mut(index - self.first) else {
            return;
        };
        self.bytes = self.bytes - slot.bytes + bytes;
        slot.bytes = bytes;
    }

    /// Stores an outcome in its slot, with its size.
    pub(super) fn put(&mut self, index: usize, outcome: Result<R, Error>, bytes: u64) {
        self.weigh(index, bytes);
        if let Some(slot) = self.slots.get_mut(index - self.first) {
            slot.outcome = Some(outcome);
            if let Some(arrivals) = &mut self.arrivals {
                arrivals.push_back(index);
            }
        }
    }

    /// Drops the slots of outcomes that have not arrived. In the order of the input, also
    /// drops everything after the first of them.
    pub(super) fn close(&mut self) {
        let arrived = |slot: &Slot<R>| slot.outcome.is_some() || slot.is_consumed;
        match self.arrivals {
            None => {
                let whole = self.slots.iter().take_while(|slot| arrived(slot)).count();
                self.slots.truncate(whole);
            }
            Some(_) => {
                let absent = self.slots.iter_mut().filter(|slot| !arrived(slot));
                absent.for_each(|slot| slot.is_consumed = true);
                self.tidy();
            }
        }
    }

    /// Takes the next outcome to be consumed with its size, if it has arrived.
    pub(super) fn take(&mut self) -> Option<(Outcome<R>, u64)> {
        let index = match &mut self.arrivals {
            Some(arrivals) => arrivals.pop_front()?,
            None => self.first,
        };
        let slot = self.slots.get_mut(index - self.first)?;
        let outcome = slot.outcome.take()?;
        slot.is_consumed = true;
        let bytes = std::mem::take(&mut slot.bytes);
        self.bytes -= bytes;
        self.tidy();
        Some(((index, outcome), bytes))
    }

    /// Whether the next outcome to be consumed has arrived.
    pub(super) fn has_next(&self) -> bool {
        match &self.arrivals {
            Some(arrivals) => !arrivals.is_empty(),
            None => self
                .slots
                .front()
                .is_some_and(|slot| slot.outcome.is_some()),
        }
    }

    fn tidy(&mut self) {
        while self.slots.front().is_some_and(|slot| slot.is_consumed) {
            self.slots.pop_front();
            self.first += 1;
        }
    }

    /// Fills the slots whose outcome has not arrived with errors.
    pub(super) fn fill(&mut self, outcome: impl Fn(usize) -> Error) {
        for index in self.first..self.first + self.slots.len() {
            let slot = &self.slots[index - self.first];
            if slot.outcome.is_none() && !slot.is_consumed {
                self.put(index, Err(outcome(index)), 0);
            }
        }
    }

    /// Returns the number of tasks that were sent and are not consumed.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Returns the size of their arguments and results.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(is_ordered: bool, tasks: usize) -> ReorderBuffer<usize> {
        let mut buffer = ReorderBuffer::new(is_ordered);
        for index in 0..tasks {
            assert_eq!(buffer.reserve(), index);
            buffer.weigh(index, 10);
        }
        buffer
    }

    #[test]
    fn outcomes_are_taken_in_order() {
        let mut buffer = buffer(true, 3);
        buffer.put(2, Ok(2), 1);
        assert!(buffer.take().is_none());
        buffer.put(0, Ok(0), 1);
        buffer.put(1, Ok(1), 1);
        let taken: Vec<_> = std::iter::from_fn(|| buffer.take())
            .map(|((n, _), _)| n)
            .collect();
        assert_eq!((taken, buffer.len(), buffer.bytes()), (vec![0, 1, 2], 0, 0));
    }

    #[test]
    fn outcomes_are_taken_as_they_come() {
        let mut buffer = buffer(false, 3);
        buffer.put(2, Ok(2), 1);
        assert_eq!(buffer.take().unwrap().0.0, 2);
        assert_eq!((buffer.len(), buffer.bytes()), (3, 20));
        buffer.put(0, Ok(0), 1);
        buffer.put(1, Ok(1), 1);
        let next = |buffer: &mut ReorderBuffer<usize>| buffer.take().unwrap().0.0;
        assert_eq!((next(&mut buffer), next(&mut buffer)), (0, 1));
        assert_eq!((buffer.len(), buffer.bytes()), (0, 0));
    }

    #[test]
    fn what_did_not_come_is_filled_in() {
        use crate::parallel::ErrorKind;
        let mut buffer = buffer(true, 3);
        buffer.put(1, Ok(1), 1);
        buffer.fill(|index| Error::task(index, ErrorKind::Transport(String::new())));
        let taken: Vec<_> = std::iter::from_fn(|| buffer.take())
            .map(|(outcome, _)| outcome)
            .collect();
        assert!(matches!(taken[..], [(0, Err(_)), (1, Ok(1)), (2, Err(_))]));
    }

    #[test]
    fn what_did_not_come_is_forgotten_at_the_end() {
        for is_ordered in [true, false] {
            let mut buffer = buffer(is_ordered, 4);
            for index in [0, 1, 3] {
                buffer.put(index, Ok(index), 1);
            }
            buffer.close();
            let taken: Vec<_> = std::iter::from_fn(|| buffer.take())
                .map(|((n, _), _)| n)
                .collect();
            let expected: &[usize] = if is_ordered { &[0, 1] } else { &[0, 1, 3] };
            assert_eq!((taken.as_slice(), buffer.len()), (expected, 0));
        }
    }
}
