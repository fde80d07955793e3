//! Waits for workers and checks their limits: tasks that exceed their time limit,
//! workers that do not start their tasks, and workers that use too much memory.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::{RemovalReason, Session, WorkerSlot};
use crate::outcome::ErrorKind;
use crate::process::clock::{nanos, nanos_of};
use crate::process::{ready, reaper};

/// A worker that holds several tasks wakes the parent only after the last of them. Task
/// rings are therefore polled at intervals, which grow from the first to the second of
/// these.
pub(super) const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(16);

/// Maximum time to sleep, in case a wake-up was missed.
const MOST: Duration = Duration::from_secs(1);

/// How long a process may take to identify itself as a worker.
const GREETING: Duration = Duration::from_secs(60);

/// How often the memory of a worker is measured.
const MEASURE: Duration = Duration::from_millis(20);

impl Session {
    /// Sleeps until a worker sends data, `bell` becomes readable, or a time limit
    /// requires action. `patience` is how long to wait before asking for tasks again.
    pub(super) fn wait(
        &mut self,
        until: Option<Instant>,
        patience: Option<Duration>,
        bell: Option<BorrowedFd<'_>>,
    ) {
        let mut limit = MOST;
        if let Some(patience) = patience {
            limit = patience;
        } else if self
            .members
            .iter()
            .any(|member| member.worker.held.len() > 1)
        {
            limit = self.tick;
            self.tick = (self.tick * 2).min(LONGEST);
        }
        if let Some(timeout) = self.limits.timeout {
            limit = limit.min(self.until_too_long(timeout));
        }
        if let Some(until) = until {
            limit = limit.min(until.saturating_duration_since(Instant::now()));
        }
        self.poll_workers(limit, bell);
    }

    /// Polls the workers and `bell`, for at most `limit`.
    pub(super) fn poll_workers(&mut self, limit: Duration, bell: Option<BorrowedFd<'_>>) {
        self.reset_silence();
        let limit = if self.notice_cut() {
            Duration::ZERO
        } else {
            limit
        };
        for member in &self.members {
            member.worker.ring.set_waiting(true);
        }
        let has_results = |member: &WorkerSlot| member.worker.ring.has_results();
        let is_greeted = |member: &&WorkerSlot| member.worker.is_greeted;
        let has_some = self.members.iter().filter(is_greeted).any(has_results);
        self.poll(if has_some { Duration::ZERO } else { limit }, bell);
        for member in &self.members {
            member.worker.ring.set_waiting(false);
        }
        if self.limits.timeout.is_some() {
            self.last_poll = nanos();
        }
    }

    /// The receiver of outcomes may have taken a long time, during which no frames were
    /// read. Workers may have been blocked meanwhile with a result that did not fit
    /// into the socket, so this time does not count as silence.
    fn reset_silence(&mut self) {
        let Some(timeout) = self.limits.timeout else {
            return;
        };
        let now = nanos();
        if now.saturating_sub(self.last_poll) > nanos_of(timeout) / 2 {
            self.members
                .iter_mut()
                .for_each(|member| member.last_heard = now);
        }
    }

    /// Marks workers whose descriptors the program closed. Returns whether there are
    /// any.
    pub(super) fn notice_cut(&mut self) -> bool {
        let is_cut = |member: &&mut WorkerSlot| !member.worker.is_whole();
        let cut = self.members.iter_mut().filter(is_cut);
        let marked = cut.map(|member| match &mut member.ending {
            // It only seemed to have ended, because its descriptors are closed.
            Some(RemovalReason::Ended) => member.ending = Some(RemovalReason::Cut),
            ending => drop(ending.get_or_insert(RemovalReason::Cut)),
        });
        marked.count() > 0
    }

    fn poll(&mut self, limit: Duration, bell: Option<BorrowedFd<'_>>) {
        let mut fds = Vec::with_capacity(2 * self.members.len() + 1);
        for member in &self.members {
            let flags = match member.worker.outbox.is_empty() {
                true => PollFlags::IN,
                false => PollFlags::IN | PollFlags::OUT,
            };
            fds.push(PollFd::from_borrowed_fd(
                member.worker.get_unchecked(),
                flags,
            ));
            let process = member.worker.process.get_unchecked();
            fds.push(PollFd::from_borrowed_fd(process, PollFlags::IN));
        }
        fds.extend(bell.map(|bell| PollFd::from_borrowed_fd(bell, PollFlags::IN)));
        let is_known = ready::wait(&mut fds, Some(limit));
        let events: Vec<_> = fds.iter().map(PollFd::revents).collect();
        drop(fds);
        for (slot, events) in events.chunks_exact(2).enumerate() {
            let member = &mut self.members[slot];
            member.is_ready |= !is_known || !(events[0] - PollFlags::OUT).is_empty();
            if !events[1].is_empty() {
                member.is_ready = true;
                member.ending.get_or_insert(RemovalReason::Ended);
            }
            if !is_known || events[0].contains(PollFlags::OUT) {
                self.flush(slot);
            }
        }
    }

    /// Returns the time until the next task may exceed its time limit.
    fn until_too_long(&self, timeout: Duration) -> Duration {
        let now = nanos();
        let left = |member: &WorkerSlot| {
            let since = member.began().unwrap_or(now);
            nanos_of(timeout).saturating_sub(now.saturating_sub(since))
        };
        let busy = self
            .members
            .iter()
            .filter(|member| !member.worker.held.is_empty());
        let least = busy.map(left).min().unwrap_or(u64::MAX);
        // A small margin makes sure that the limit is exceeded then.
        Duration::from_nanos(least).saturating_add(Duration::from_micros(50))
    }

    /// Marks workers for removal that violate a limit.
    pub(super) fn enforce(&mut self) {
        let now = nanos();
        for member in &mut self.members {
            if member.ending.is_some() {
                continue;
            }
            if !member.worker.is_greeted {
                if member.worker.started.elapsed() > GREETING {
                    let why = super::reap::no_worker("did not identify itself");
                    self.failed = Some(ErrorKind::Start(why).into());
                    member.ending = Some(RemovalReason::Silent);
                }
            } else if let Some(timeout) = self.limits.timeout {
                member.ending = member.overdue(now, self.last_poll, nanos_of(timeout));
            }
            if let Some(growth) = self.limits.max_growth {
                member.measure(growth);
            }
        }
    }

    /// Takes back the tasks that leaving workers have not started.
    pub(super) fn take_from_leaving(&mut self) {
        for member in self.members.iter_mut().filter(|member| member.is_leaving) {
            while let Some(job) = member.worker.take_back() {
                self.pending.push_front(job);
            }
        }
    }

    /// Ends workers that hold no tasks and get no more.
    pub(super) fn retire(&mut self) {
        let is_done = |member: &mut WorkerSlot| member.is_done();
        let done: Vec<_> = self.members.extract_if(.., is_done).collect();
        self.past.extend(done.iter().map(|member| member.share));
        done.into_iter()
            .for_each(|member| reaper::retire(member.worker));
    }
}

impl WorkerSlot {
    /// Returns when it started its current task. The time that the worker reports is
    /// not trusted if it is later than the first observation.
    fn began(&self) -> Option<u64> {
        let (what, since) = self.worker.ring.running();
        match self.seen {
            Some((ticket, first)) if ticket.wrapping_add(1) == what => Some(since.min(first)),
            _ => None,
        }
    }

    /// Checks whether it has been running one task for too long, or holds tasks but
    /// runs none. It was last polled at `last_poll`.
    fn overdue(&mut self, now: u64, last_poll: u64, timeout: u64) -> Option<RemovalReason> {
        let first = self.worker.held.front()?.ticket;
        let (what, _) = self.worker.ring.running();
        let ticket = what.wrapping_sub(1);
        if self.worker.holds(ticket) {
            if self.seen.is_none_or(|(seen, _)| seen != ticket) {
                self.seen = Some((ticket, now));
            }
            let ran = now.saturating_sub(self.began()?);
            if ran >= timeout && self.worker.ring.condemn(ticket) {
                return Some(RemovalReason::TimedOut(ticket));
            }
            if self.worker.ring.is_claimed(ticket) {
                return None;
            }
        }
        // It may be stopped, or still be loading the function.
        if self.waits_for != Some(first) {
            (self.waits_for, self.last_heard) = (Some(first), now);
        }
        let silent = last_poll.saturating_sub(self.last_heard);
        let is_silent = what != super::OPENING && silent >= timeout;
        is_silent.then_some(RemovalReason::Silent)
    }

    /// Retires it if its memory has grown by more than `growth` bytes.
    fn measure(&mut self, growth: u64) {
        if self.share.tasks == 0 || self.measured.elapsed() < MEASURE && self.worker.size.is_some()
        {
            return;
        }
        self.measured = Instant::now();
        let Some(size) = self.worker.resident() else {
            return;
        };
        let first = *self.worker.size.get_or_insert(size);
        if size.saturating_sub(first) > growth {
            self.is_retiring = true;
            // The tasks that it has not started go to other workers.
            self.is_leaving = true;
        }
    }
}
