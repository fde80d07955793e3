//! The ways to read an entry: for a call, which is counted, or without counting.

use super::lookup::{Body, Lookup};
use super::stats::AnswerOrigin;
use crate::transport::ResultCodec;

impl Lookup<'_> {
    /// Answers a call and counts it. If `body` is still there afterwards, the call was
    /// a hit.
    pub(super) fn answer<'a, R, S: ResultCodec<R>>(
        &self,
        stored: &S,
        body: &mut Option<Body<'a, R>>,
    ) -> R {
        match self.hit_in_memory(stored) {
            Some(value) => value,
            None => self.find_or_compute(stored, body),
        }
    }

    /// Returns the stored result and counts a hit.
    pub(super) fn hit<R, S: ResultCodec<R>>(&self, stored: &S) -> Option<R> {
        let in_memory = self.hit_in_memory(stored);
        in_memory.or_else(|| self.hit_on_disk(stored, AnswerOrigin::Disk).ok())
    }

    /// Returns the stored result without counting a hit.
    pub(super) fn peek<R, S: ResultCodec<R>>(&self, stored: &S) -> Option<R> {
        let in_memory = self.look_in_memory(stored);
        let found = in_memory.or_else(|| self.look_on_disk(stored).ok());
        found.map(|found| found.value)
    }

    /// Returns whether a call would be a hit.
    pub(super) fn is_stored<R, S: ResultCodec<R>>(&self, stored: &S) -> bool {
        self.peek(stored).is_some()
    }
}
