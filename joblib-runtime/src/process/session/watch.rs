//! Waiting for workers, and what is noticed meanwhile: tasks that run too
//! long, workers that do not begin, and workers that have grown too large.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::super::clock::{nanos, nanos_of};
use super::super::{ready, reaper};
use super::{RemovalReason, Session, WorkerSlot};
use crate::outcome::ErrorKind;

/// A worker that does more than one task rings for the last of them only; so
/// boards are looked at after this time, then less and less often.
pub(super) const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(16);

/// Nobody sleeps for longer, whatever was missed.
const MOST: Duration = Duration::from_secs(1);

/// A process that has not said after so long that it is a worker is none.
const GREETING: Duration = Duration::from_secs(60);

/// A worker's size is looked at so often.
const MEASURE: Duration = Duration::from_millis(20);

impl Session {
    /// Sleeps until a worker has something to tell, `bell` is rung, or
    /// something else is to be done, as tasks are after `patience`.
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
        self.look(limit, bell);
    }

    /// Sleeps until a worker has something to tell or `bell` is rung, for no
    /// longer than `limit`.
    pub(super) fn look(&mut self, limit: Duration, bell: Option<BorrowedFd<'_>>) {
        self.come_back();
        let limit = if self.notice_cut() {
            Duration::ZERO
        } else {
            limit
        };
        for member in &self.members {
            member.worker.board.wait(true);
        }
        let has_results = |member: &WorkerSlot| member.worker.board.has_results();
        let is_greeted = |member: &&WorkerSlot| member.worker.is_greeted;
        let has_some = self.members.iter().filter(is_greeted).any(has_results);
        self.poll(if has_some { Duration::ZERO } else { limit }, bell);
        for member in &self.members {
            member.worker.board.wait(false);
        }
        if self.limits.timeout.is_some() {
            self.looked = nanos();
        }
    }

    /// Whoever takes outcomes may take a while for them. Nobody was silent to one who
    /// did not listen: a result may be waiting for room in the socket.
    fn come_back(&mut self) {
        let Some(timeout) = self.limits.timeout else {
            return;
        };
        let now = nanos();
        if now.saturating_sub(self.looked) > nanos_of(timeout) / 2 {
            self.members
                .iter_mut()
                .for_each(|member| member.heard = now);
        }
    }

    /// Marks workers to which nothing leads any more; whether there are some.
    pub(super) fn notice_cut(&mut self) -> bool {
        let is_cut = |member: &&mut WorkerSlot| !member.worker.is_whole();
        let cut = self.members.iter_mut().filter(is_cut);
        let marked = cut.map(|member| match &mut member.ending {
            // So it seemed, by the descriptors that are gone.
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
            fds.push(PollFd::from_borrowed_fd(member.worker.unproven(), flags));
            let process = member.worker.process.unproven();
            fds.push(PollFd::from_borrowed_fd(process, PollFlags::IN));
        }
        fds.extend(bell.map(|bell| PollFd::from_borrowed_fd(bell, PollFlags::IN)));
        let is_known = ready::wait(&mut fds, Some(limit));
        let events: Vec<_> = fds.iter().map(PollFd::revents).collect();
        drop(fds);
        for (place, events) in events.chunks_exact(2).enumerate() {
            let member = &mut self.members[place];
            member.is_ready |= !is_known || !(events[0] - PollFlags::OUT).is_empty();
            if !events[1].is_empty() {
                member.is_ready = true;
                member.ending.get_or_insert(RemovalReason::Ended);
            }
            if !is_known || events[0].contains(PollFlags::OUT) {
                self.flush(place);
            }
        }
    }

    /// How long until the next task may have run too long.
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
        // A little later, so that it is certain then.
        Duration::from_nanos(least).saturating_add(Duration::from_micros(50))
    }

    /// Marks workers that are to go.
    pub(super) fn enforce(&mut self) {
        let now = nanos();
        for member in &mut self.members {
            if member.ending.is_some() {
                continue;
            }
            if !member.worker.is_greeted {
                if member.worker.started.elapsed() > GREETING {
                    self.failed = Some(ErrorKind::Start(super::reap::no_worker("said nothing")));
                    member.ending = Some(RemovalReason::Silent);
                }
            } else if let Some(timeout) = self.limits.timeout {
                member.ending = member.overdue(now, self.looked, nanos_of(timeout));
            }
            if let Some(growth) = self.limits.max_growth {
                member.measure(growth);
            }
        }
    }

    /// Takes from workers that are to go what they did not begin.
    pub(super) fn take_from_leaving(&mut self) {
        for member in self.members.iter_mut().filter(|member| member.is_leaving) {
            while let Some(job) = member.worker.take_back() {
                self.pending.push_front(job);
            }
        }
    }

    /// Lets workers go that get no more tasks and have none.
    pub(super) fn retire(&mut self) {
        let is_done = |member: &mut WorkerSlot| member.is_done();
        let done: Vec<_> = self.members.extract_if(.., is_done).collect();
        self.past.extend(done.iter().map(|member| member.share));
        done.into_iter()
            .for_each(|member| reaper::let_go(member.worker));
    }
}

impl WorkerSlot {
    /// When it began the task that it is at, as far as that can be believed.
    fn began(&self) -> Option<u64> {
        let (what, since) = self.worker.board.running();
        match self.seen {
            Some((ticket, first)) if ticket.wrapping_add(1) == what => Some(since.min(first)),
            _ => None,
        }
    }

    /// Whether it is at one task for too long, or at none though it has some. It was
    /// last listened to at `looked`.
    fn overdue(&mut self, now: u64, looked: u64, timeout: u64) -> Option<RemovalReason> {
        let first = self.worker.held.front()?.ticket;
        let (what, _) = self.worker.board.running();
        let ticket = what.wrapping_sub(1);
        if self.worker.holds(ticket) {
            if self.seen.is_none_or(|(seen, _)| seen != ticket) {
                self.seen = Some((ticket, now));
            }
            let ran = now.saturating_sub(self.began()?);
            if ran >= timeout && self.worker.board.condemn(ticket) {
                return Some(RemovalReason::TimedOut(ticket));
            }
            if self.worker.board.is_claimed(ticket) {
                return None;
            }
        }
        // It may be stopped, or be at what makes the function ready.
        if self.waits_for != Some(first) {
            (self.waits_for, self.heard) = (Some(first), now);
        }
        let silent = looked.saturating_sub(self.heard);
        let is_silent = what != super::OPENING && silent >= timeout;
        is_silent.then_some(RemovalReason::Silent)
    }

    /// Lets it go if it has grown by more than so many bytes.
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
            // What it did not begin goes to others.
            self.is_leaving = true;
        }
    }
}
