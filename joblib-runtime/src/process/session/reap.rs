//! Removes workers that died or are marked for removal: results that they sent are
//! delivered, tasks that they were running fail, and tasks in their queues go to other
//! workers.

use std::time::Duration;

use super::{RemovalReason, Session, WorkerSlot};
use crate::outcome::{ErrorKind, WorkerExit};
use crate::proc::EXECUTABLE;
use crate::process::binary_id;
use crate::process::call_spec::TaskProvider;
use crate::process::worker::InFlightTask;

/// How long a worker that closed its socket may take to end by itself.
const GRACE: Duration = Duration::from_millis(100);

/// The call fails after this number of consecutive deaths without an outcome.
const FRUITLESS: u32 = 5;

/// Formats the error that no worker can be started, and the remedy.
pub(super) fn no_worker(what: &str) -> String {
    format!(
        "a process of {} ({}) that was started as a worker {what}; if the program cannot start \
         workers automatically, put `#[joblib::main]` on `main`, or call `joblib::init()` \
         first in it",
        EXECUTABLE,
        binary_id::path(),
    )
}

impl Session {
    /// Removes all workers that are marked for removal.
    pub(super) fn remove_ended(&mut self, tasks: &mut dyn TaskProvider) {
        while let Some(slot) = self
            .members
            .iter()
            .position(|member| member.ending.is_some())
        {
            self.remove_worker(slot, tasks);
        }
    }

    fn remove_worker(&mut self, slot: usize, tasks: &mut dyn TaskProvider) {
        self.notice_cut();
        let ending = self.members[slot].ending;
        let process = &mut self.members[slot].worker.process;
        let by_itself = matches!(ending, Some(RemovalReason::Ended | RemovalReason::Cut))
            && process.ended_within(GRACE).is_some();
        let death = match by_itself {
            true => process.wait(),
            false => {
                let was_killed = process.kill_with_programs();
                process.wait_after(was_killed)
            }
        };
        self.drain(slot, tasks);
        let mut member = self.members.swap_remove(slot);
        self.past.push(member.share);
        let before = self.delivered;
        let lost = self.requeue_unstarted(&mut member);
        let has_lost = !lost.is_empty();
        for held in lost {
            let failure = self.failure_of(&member, held.ticket, death);
            self.fail(held.job, failure, tasks);
        }
        if !has_lost && self.delivered == before {
            self.count_fruitless(&member, death);
        }
    }

    /// Handles what a worker sent before it died, so that finished tasks count. After
    /// an invalid frame on the socket, the task ring may still be valid.
    fn drain(&mut self, slot: usize, tasks: &mut dyn TaskProvider) {
        let member = &mut self.members[slot];
        let ending = member.ending;
        member.is_ready = ending != Some(RemovalReason::ProtocolError);
        if !member.is_ready && !member.worker.is_greeted {
            return;
        }
        let taken = self.collect_from(slot, tasks);
        let is_invalid = taken.is_err();
        self.members[slot].ending = if is_invalid {
            Some(RemovalReason::ProtocolError)
        } else {
            ending
        };
    }

    /// Revokes the tasks that the worker did not start and queues them for other
    /// workers. Returns those that it started. If the worker has overwritten the task
    /// states in the ring, it is unknown which tasks it started, and since no task may
    /// run twice, all of them are lost.
    fn requeue_unstarted(&mut self, member: &mut WorkerSlot) -> Vec<InFlightTask> {
        let worker = &mut member.worker;
        let ring = &worker.ring;
        let is_consistent = worker
            .held
            .iter()
            .all(|held| ring.is_consistent(held.ticket));
        if !is_consistent && !matches!(member.ending, Some(RemovalReason::TimedOut(_))) {
            member.ending = Some(RemovalReason::ProtocolError);
        }
        let is_lost = |held: &InFlightTask| !is_consistent || !ring.revoke(held.ticket);
        let held = worker.held.drain(..);
        let (lost, waiting): (Vec<InFlightTask>, Vec<InFlightTask>) = held.partition(is_lost);
        let waiting = waiting.into_iter().rev();
        waiting.for_each(|held| self.pending.push_front(held.job));
        lost
    }

    fn failure_of(&self, member: &WorkerSlot, ticket: u64, death: WorkerExit) -> ErrorKind {
        match (member.ending, self.limits.timeout) {
            (Some(RemovalReason::TimedOut(late)), Some(limit)) if late == ticket => {
                ErrorKind::TimedOut(limit)
            }
            (Some(RemovalReason::ProtocolError), _) => {
                ErrorKind::WorkerDied(WorkerExit::ProtocolError)
            }
            (Some(RemovalReason::Cut), _) => ErrorKind::WorkerDied(WorkerExit::Cut),
            _ => ErrorKind::WorkerDied(death),
        }
    }

    /// Fails the call if workers keep dying without an outcome.
    fn count_fruitless(&mut self, member: &WorkerSlot, death: WorkerExit) {
        if member.ending == Some(RemovalReason::Cut) {
            // The program closed the descriptors, so this does not show that workers
            // cannot run.
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
            (false, _) => {
                ErrorKind::Start(format!("a worker was killed during its start: {death}"))
            }
        };
        self.failed.get_or_insert(failure.into());
    }
}
