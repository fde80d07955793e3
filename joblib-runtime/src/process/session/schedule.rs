//! Who gets which task: idle workers first, several batches for each, and
//! tasks that wait in a busy worker's queue while another has none are moved.

use std::time::Duration;

use super::super::call_spec::{NextTask, TaskProvider};
use super::super::worker::WorkerSetup;
use super::super::{inherited, pool};
use super::batch::{self, TaskBatch};
use super::{LARGE, Session, WorkerSlot};
use crate::outcome::ErrorKind;

/// Work that takes no longer is not worth moving to another worker.
const WORTH: Duration = Duration::from_micros(50);

/// A worker that is at one task for so long is likely to be for longer.
const LONG: Duration = Duration::from_millis(1);

/// What the arguments of a task lie in, or those of all, has no descriptor any more.
const CLOSED: &str = "this program closed descriptors that were not its own while the call \
                      was going on, and those of large arguments with them; have it close \
                      them before the call";

impl Session {
    /// Gives workers tasks until they have enough or there are no more.
    pub(super) fn feed(&mut self, tasks: &mut dyn TaskProvider) {
        loop {
            let has_hired = self.hire(tasks);
            let Some(place) = self.hungriest() else {
                break;
            };
            if !self.give(place, tasks) && !has_hired {
                self.balance(tasks);
                break;
            }
        }
        // The program may change before the next worker is needed.
        self.inherited = None;
    }

    /// Whether a task that was taken back could go to somebody at once.
    pub(super) fn can_feed_more(&self) -> bool {
        !self.pending.is_empty() && self.is_asking()
    }

    /// Whether a task could go to somebody at once.
    pub(super) fn is_asking(&self) -> bool {
        self.may_hire() || self.hungriest().is_some()
    }

    /// Whether another worker is allowed, and all there are at work.
    fn may_hire(&self) -> bool {
        self.members.len() < self.limits.workers && !self.members.iter().any(WorkerSlot::is_idle)
    }

    /// Takes one more worker if all are at work and there is a task for it.
    fn hire(&mut self, tasks: &mut dyn TaskProvider) -> bool {
        if !self.may_hire() {
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
        if self.open.fd.as_ref().is_some_and(|memory| !memory.is_own()) {
            self.failed = Some(ErrorKind::Transport(CLOSED.to_owned()));
            return false;
        }
        match pool::take(self.setup()) {
            Ok(worker) => {
                self.admit(worker);
                // It wakes while its tasks are put together.
                self.flush(self.members.len() - 1);
            }
            // With fewer workers it takes longer, and that is all.
            Err(_) if !self.members.is_empty() => {
                self.limits.workers = self.members.len();
                return false;
            }
            Err(error) => {
                self.failed = Some(ErrorKind::Start(error.to_string()));
                return false;
            }
        }
        true
    }

    /// What a worker that is needed now is started with.
    fn setup(&mut self) -> WorkerSetup {
        WorkerSetup {
            threads: self.limits.threads,
            stack: self.limits.stack,
            inherited: *self.inherited.get_or_insert_with(inherited::digest),
        }
    }

    /// The worker that has least to do and wants more.
    fn hungriest(&self) -> Option<usize> {
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
        least.map(|(place, _)| place)
    }

    /// How many tasks go at a time.
    fn size(&self) -> usize {
        let size = self.limits.batch.unwrap_or_else(|| self.cost.size());
        size.clamp(1, 1024)
    }

    /// Gives a worker a batch; whether there may be more tasks.
    fn give(&mut self, place: usize, tasks: &mut dyn TaskProvider) -> bool {
        let mut size = self.size();
        let member = &mut self.members[place];
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
        self.flush(place);
        for index in lost {
            self.deliver(index, Err(ErrorKind::Transport(CLOSED.to_owned())), tasks);
        }
        has_more
    }

    /// Moves tasks that wait behind others to workers that have none.
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
            self.give(idle, tasks);
        }
    }

    /// The worker with most to do that is worth taking from.
    fn busiest(&self) -> Option<usize> {
        let members = self.members.iter().enumerate();
        let queued = |member: &WorkerSlot| member.worker.held.len().saturating_sub(1);
        let (place, member) = members.max_by_key(|(_, member)| queued(member))?;
        let queued = queued(member);
        let is_worth = self.cost.of(queued) >= WORTH || member.has_been_at_it() >= LONG;
        (queued > 0 && is_worth).then_some(place)
    }

    fn take_back(&mut self, place: usize, count: usize) -> usize {
        let worker = &mut self.members[place].worker;
        let jobs: Vec<_> = std::iter::from_fn(|| worker.take_back())
            .take(count)
            .collect();
        let moved = jobs.len();
        jobs.into_iter()
            .for_each(|job| self.pending.push_front(job));
        moved
    }
}
