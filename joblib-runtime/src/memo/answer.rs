//! How an entry answers: a call, which is counted, or somebody who only looks.

use super::lookup::{Body, Lookup};
use super::stats::AnswerOrigin;
use crate::codec::result_codec::ResultCodec;

impl Lookup<'_> {
    /// The answer to a call, as it is counted; a `body` that is left was not
    /// computed.
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

    /// What is stored, as it is counted for a call.
    pub(super) fn hit<R, S: ResultCodec<R>>(&self, stored: &S) -> Option<R> {
        let in_memory = self.hit_in_memory(stored);
        in_memory.or_else(|| self.hit_on_disk::<R, S>(AnswerOrigin::Disk).ok())
    }

    /// What is stored, for nobody's call.
    pub(super) fn peek<R, S: ResultCodec<R>>(&self) -> Option<R> {
        let in_memory = self.look_in_memory::<R, S>();
        let found = in_memory.or_else(|| self.look_on_disk::<R, S>().ok());
        found.map(|found| found.value)
    }

    /// Whether a call would be answered.
    pub(super) fn is_stored<R, S: ResultCodec<R>>(&self) -> bool {
        self.peek::<R, S>().is_some()
    }
}
