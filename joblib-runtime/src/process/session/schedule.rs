//! Assigns tasks to workers: idle workers first, several batches for each. Tasks that
//! wait in the queue of a busy worker move to idle workers.

use std::time::Duration;

use super::batch::{self, TaskBatch};
use super::{LARGE, Session, WorkerSlot};
use crate::outcome::{ErrorKind, Failure};
use crate::process::call_spec::{NextTask, TaskProvider};
use crate::process::worker::WorkerSetup;
use crate::process::{inherited, pool};

/// Work shorter than this is not worth moving to another worker.
const WORTH: Duration = Duration::from_micros(50);

/// A worker that has run one task for this long is likely to take longer.
const LONG: Duration = Duration::from_millis(1);

/// The error if the descriptor of the arguments of a task, or of the shared argument,
/// was closed.
const CLOSED: &str = "this program closed descriptors that it does not own during the call, \
                      among them those of large arguments; close such descriptors before the \
                      call";

impl Session {
    /// Assigns tasks until all workers have enough or there are no more tasks.
    pub(super) fn feed(&mut self, tasks: &mut dyn TaskProvider) {
        loop {
            let has_added = self.add_worker(tasks);
            let Some(slot) = self.least_loaded() else {
                break;
            };
            if !self.assign_batch(slot, tasks) && !has_added {
                self.balance(tasks);
                break;
            }
        }
        // The program may change its state before the next worker is needed.
        self.inherited = None;
    }

    /// Whether a task that was taken back can be assigned at once.
    pub(super) fn can_feed_more(&self) -> bool {
        !self.pending.is_empty() && self.wants_tasks()
    }

    /// Whether a task can be assigned at once.
    pub(super) fn wants_tasks(&self) -> bool {
        self.may_add_worker() || self.least_loaded().is_some()
    }

    /// Whether another worker is allowed and no present worker is idle.
    fn may_add_worker(&self) -> bool {
        self.members.len() < self.limits.workers && !self.members.iter().any(WorkerSlot::is_idle)
    }

    /// Adds a worker if none is idle and there is a task for it.
    fn add_worker(&mut self, tasks: &mut dyn TaskProvider) -> bool {
        if !self.may_add_worker() {
            return false;
        }
        let pending = &mut self.pending;
        if pending.is_empty() {
            tasks.next(1, &mut |index, message| {
                pending.push_back(batch::job(index, message))
            });
        }
        if pending.is_empty() {
            return false;
        }
        if self
            .open
            .fd
            .as_ref()
            .is_some_and(|memory| !memory.is_unchanged())
        {
            self.failed = Some(ErrorKind::Transport(CLOSED.to_owned()).into());
            return false;
        }
        match pool::take(self.setup()) {
            Ok(worker) => {
                self.admit(worker);
                // The worker wakes up while its tasks are serialized.
                self.flush(self.members.len() - 1);
            }
            // The call can continue with fewer workers; it only takes longer.
            Err(_) if !self.members.is_empty() => {
                self.limits.workers = self.members.len();
                return false;
            }
            Err(error) => {
                self.failed = Some(Failure::because_of(ErrorKind::Start, error));
                return false;
            }
        }
        true
    }

    /// Returns the setup of a worker that is needed now.
    fn setup(&mut self) -> WorkerSetup {
        WorkerSetup {
            threads: self.limits.threads,
            stack: self.limits.stack,
            inherited: *self.inherited.get_or_insert_with(inherited::digest),
        }
    }

    /// Returns the worker with the fewest tasks that has room for more.
    fn least_loaded(&self) -> Option<usize> {
        let size = self.size();
        let wants = |member: &WorkerSlot| {
            let worker = &member.worker;
            member.is_open()
                && worker.held.len() < 2 * size
                && worker.large < LARGE
                && worker.outbox.is_empty()
                && worker.room() > size
        };
        let hungry = self
            .members
            .iter()
            .enumerate()
            .filter(|(_, member)| wants(member));
        let least = hungry.min_by_key(|(_, member)| member.worker.held.len());
        least.map(|(slot, _)| slot)
    }

    /// Returns the batch size.
    fn size(&self) -> usize {
        let size = self.limits.batch.unwrap_or_else(|| self.cost.size());
        size.clamp(1, 1024)
    }

    /// Assigns a batch to a worker. Returns whether there may be more tasks.
    fn assign_batch(&mut self, slot: usize, tasks: &mut dyn TaskProvider) -> bool {
        let mut size = self.size();
        let member = &mut self.members[slot];
        if let Some(most) = self.limits.max_tasks {
            let left = most.max(1).saturating_sub(member.worker.given);
            size = size.min(usize::try_from(left).unwrap_or(size));
        }
        let mut batch = TaskBatch::new(&mut member.worker);
        let mut lost = Vec::new();
        let mut has_more = true;
        while has_more && batch.len() < size && !batch.is_full() {
            match self.pending.pop_front() {
                Some(job) if !job.is_whole() => lost.push(job.index),
                Some(job) => batch.again(job),
                None => {
                    let wanted = size - batch.len();
                    let next = tasks.next(wanted, &mut |index, message| batch.add(index, message));
                    has_more = next == NextTask::Given;
                }
            }
        }
        batch.seal();
        let most = self.limits.max_tasks;
        member.is_retiring |= most.is_some_and(|most| member.worker.given >= most);
        self.flush(slot);
        for index in lost {
            self.deliver(index, Err(ErrorKind::Transport(CLOSED.to_owned())), tasks);
        }
        has_more
    }

    /// Moves tasks from the queues of busy workers to idle workers.
    fn balance(&mut self, tasks: &mut dyn TaskProvider) {
        while let Some(idle) = self.members.iter().position(WorkerSlot::is_idle) {
            let Some(busy) = self.busiest() else {
                return;
            };
            let queued = self.members[busy].worker.held.len() - 1;
            let moved = self.take_back(busy, queued.div_ceil(2));
            if moved == 0 {
                return;
            }
            self.assign_batch(idle, tasks);
        }
    }

    /// Returns the worker with the longest queue, if moving its tasks is worthwhile.
    fn busiest(&self) -> Option<usize> {
        let members = self.members.iter().enumerate();
        let queued = |member: &WorkerSlot| member.worker.held.len().saturating_sub(1);
        let (slot, member) = members.max_by_key(|(_, member)| queued(member))?;
        let queued = queued(member);
        let is_worth = self.cost.of(queued) >= WORTH || member.running_time() >= LONG;
        (queued > 0 && is_worth).then_some(slot)
    }

    fn take_back(&mut self, slot: usize, count: usize) -> usize {
        let worker = &mut self.members[slot].worker;
        let jobs: Vec<_> = std::iter::from_fn(|| worker.take_back())
            .take(count)
            .collect();
        let moved = jobs.len();
        jobs.into_iter()
            .for_each(|job| self.pending.push_front(job));
        moved
    }
}
