//! Workers that died or are to go: what they finished counts, what they held
//! failed, and what waited in their queues goes to others.

use std::time::Duration;

use super::super::binary_id;
use super::super::call_spec::TaskProvider;
use super::super::worker::InFlightTask;
use super::{RemovalReason, Session, WorkerSlot};
use crate::outcome::{ErrorKind, WorkerExit};

/// A worker that closed its socket gets so long to end by itself.
const GRACE: Duration = Duration::from_millis(100);

/// So many workers may die one after another without any outcome.
const FRUITLESS: u32 = 5;

/// Says why there are no workers, and what to do.
pub(super) fn no_worker(what: &str) -> String {
    format!(
        "a process of {} ({}) that should be a worker {what}; where it cannot take over by \
         itself, put `#[joblib::main]` on `main`, or call `joblib::init()` first in it",
        binary_id::BINARY,
        binary_id::path(),
    )
}

impl Session {
    /// Takes leave of all workers that are to go.
    pub(super) fn bury(&mut self, tasks: &mut dyn TaskProvider) {
        while let Some(place) = self
            .members
            .iter()
            .position(|member| member.ending.is_some())
        {
            self.bury_one(place, tasks);
        }
    }

    fn bury_one(&mut self, place: usize, tasks: &mut dyn TaskProvider) {
        self.notice_cut();
        let ending = self.members[place].ending;
        let process = &mut self.members[place].worker.process;
        let by_itself = matches!(ending, Some(RemovalReason::Ended | RemovalReason::Cut))
            && process.ended_within(GRACE).is_some();
        let death = match by_itself {
            true => process.wait(),
            false => {
                let was_killed = process.kill_with_programs();
                process.wait_after(was_killed)
            }
        };
        self.drain(place, tasks);
        let mut member = self.members.swap_remove(place);
        self.past.push(member.share);
        let before = self.delivered;
        let lost = self.sort_out(&mut member);
        let has_lost = !lost.is_empty();
        for held in lost {
            let failure = self.blame(&member, held.ticket, death);
            self.fail(held.job, failure, tasks);
        }
        if !has_lost && self.delivered == before {
            self.count_fruitless(&member, death);
        }
    }

    /// Takes what a worker sent before it died: what it finished outlives it.
    /// After garbage on the socket, the board may still be as it should be.
    fn drain(&mut self, place: usize, tasks: &mut dyn TaskProvider) {
        let member = &mut self.members[place];
        let ending = member.ending;
        member.is_ready = ending != Some(RemovalReason::Garbled);
        if !member.is_ready && !member.worker.is_greeted {
            return;
        }
        let taken = self.collect_from(place, tasks);
        let is_garbled = taken.is_err();
        self.members[place].ending = if is_garbled {
            Some(RemovalReason::Garbled)
        } else {
            ending
        };
    }

    /// Has the tasks that were not begun done by others, and returns those
    /// that were. Where the worker wrote over what the board says of them,
    /// nobody knows which it began, and none may run twice.
    fn sort_out(&mut self, member: &mut WorkerSlot) -> Vec<InFlightTask> {
        let worker = &mut member.worker;
        let board = &worker.board;
        let is_sound = worker.held.iter().all(|held| board.is_sound(held.ticket));
        if !is_sound && !matches!(member.ending, Some(RemovalReason::TimedOut(_))) {
            member.ending = Some(RemovalReason::Garbled);
        }
        let is_lost = |held: &InFlightTask| !is_sound || !board.revoke(held.ticket);
        let held = worker.held.drain(..);
        let (lost, waiting): (Vec<InFlightTask>, Vec<InFlightTask>) = held.partition(is_lost);
        let waiting = waiting.into_iter().rev();
        waiting.for_each(|held| self.pending.push_front(held.job));
        lost
    }

    fn blame(&self, member: &WorkerSlot, ticket: u64, death: WorkerExit) -> ErrorKind {
        match (member.ending, self.limits.timeout) {
            (Some(RemovalReason::TimedOut(late)), Some(limit)) if late == ticket => {
                ErrorKind::TimedOut(limit)
            }
            (Some(RemovalReason::Garbled), _) => ErrorKind::WorkerDied(WorkerExit::ProtocolError),
            (Some(RemovalReason::Cut), _) => ErrorKind::WorkerDied(WorkerExit::Cut),
            _ => ErrorKind::WorkerDied(death),
        }
    }

    /// Gives the call up when workers only ever die.
    fn count_fruitless(&mut self, member: &WorkerSlot, death: WorkerExit) {
        if member.ending == Some(RemovalReason::Cut) {
            // It is not for want of a worker.
            return;
        }
        self.fruitless += 1;
        let is_none = !member.worker.is_greeted && matches!(death, WorkerExit::Exited(_));
        if !is_none && self.fruitless < FRUITLESS {
            return;
        }
        let failure = match (member.worker.is_greeted, death) {
            (true, _) => ErrorKind::WorkerDied(death),
            (false, WorkerExit::Exited(code)) => {
                ErrorKind::Start(no_worker(&format!("exited with code {code} instead")))
            }
            (false, _) => ErrorKind::Start(format!("a worker was ended before it began: {death}")),
        };
        self.failed.get_or_insert(failure);
    }
}
