//! One call on the pool. The thread that makes it steps through it: gives
//! workers tasks, waits for what comes back, and deals with those that died.

mod batch;
mod collect;
mod cost;
mod reap;
pub(super) mod response;
mod schedule;
mod watch;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use self::cost::CostEstimate;
use super::call_spec::{CallSpec, SessionStep, TaskProvider, WorkerShare};
use super::child::FunctionRequest;
use super::frame::{self, FrameKind};
use super::memfd::Memory;
use super::recv_buffer::AlignedBuf;
use super::task_ring::{OPENING, Ticket};
use super::worker::{QueuedTask, Worker};
use super::{clock, context_hooks, memfd, pool, reaper};
use crate::codec;
use crate::outcome::ErrorKind;
use crate::task::Registration;
use crate::wire::MessageWriter;

/// A worker holds no more tasks whose arguments lie in memory of their own.
const LARGE: usize = 4;

/// A call that is over waits so long for tasks that are running; then their
/// workers are ended.
const GRACE: Duration = Duration::from_millis(10);

/// One call on the pool of worker processes. Dropping it calls off what is
/// not done.
pub struct Session {
    open: CallHeader,
    limits: SessionLimits,
    members: Vec<WorkerSlot>,
    /// Tasks that were taken back, or failed and are tried once more.
    pending: VecDeque<QueuedTask>,
    cost: CostEstimate,
    /// Results as they were copied out of a board.
    scratch: AlignedBuf,
    /// Outcomes so far.
    delivered: u64,
    steps: u64,
    /// Workers that died since the last outcome without holding a task.
    fruitless: u32,
    failed: Option<ErrorKind>,
    /// How long to sleep at most while results may come without a bell.
    tick: Duration,
    /// Until when workers were last listened to, where tasks have a time limit.
    looked: u64,
    /// What workers did that are gone.
    past: Vec<WorkerShare>,
    /// A digest of what workers inherit, while workers are given tasks.
    inherited: Option<u128>,
}

/// Numbers calls, so that what a worker says of an earlier one is known.
static CALLS: AtomicU64 = AtomicU64::new(0);

// A stream may be moved to another thread with the call behind it.
const _: fn() = || {
    fn is_send<T: Send>() {}
    is_send::<Session>();
};

/// What each worker is told first.
struct CallHeader {
    call: u64,
    frame: Arc<Vec<u8>>,
    fd: Option<Memory>,
    /// Whether workers should forget it as soon as the call is over.
    is_heavy: bool,
}

struct SessionLimits {
    workers: usize,
    batch: Option<usize>,
    timeout: Option<Duration>,
    retries: u32,
    threads: usize,
    stack: Option<usize>,
    max_tasks: Option<u64>,
    max_growth: Option<u64>,
}

/// A worker of a call.
struct WorkerSlot {
    worker: Worker,
    /// Whether its socket, or its end, is to be looked at.
    is_ready: bool,
    ending: Option<RemovalReason>,
    /// Whether it gets no more tasks.
    is_retiring: bool,
    /// Whether others get the tasks that it did not begin.
    is_leaving: bool,
    share: WorkerShare,
    /// The task it was last seen at, and when that was first.
    seen: Option<(Ticket, u64)>,
    /// The task it was last seen not to begin, and since when.
    waits_for: Option<Ticket>,
    heard: u64,
    measured: Instant,
}

/// Why a worker is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RemovalReason {
    /// It ended, or closed its socket.
    Ended,
    /// The program closed what leads to it.
    Cut,
    /// It sent what is no answer.
    Garbled,
    /// It ran this task for too long.
    TimedOut(Ticket),
    /// It did not begin its next task for too long.
    Silent,
}

impl Session {
    /// Begins a call. No worker is asked before there is a task for it.
    ///
    /// # Errors
    ///
    /// The call's arguments cannot be put together.
    pub fn open(spec: &CallSpec<'_>) -> Result<Session, ErrorKind> {
        Ok(Session {
            open: CallHeader::new(spec)?,
            limits: SessionLimits {
                workers: spec.workers.max(1),
                batch: spec.batch,
                timeout: spec.timeout,
                retries: spec.retries,
                threads: spec.threads_per_worker,
                stack: spec.stack,
                max_tasks: spec.max_tasks_per_worker,
                max_growth: spec.max_growth,
            },
            members: Vec::new(),
            pending: VecDeque::new(),
            cost: CostEstimate::new(),
            scratch: AlignedBuf::default(),
            delivered: 0,
            steps: 0,
            fruitless: 0,
            failed: None,
            tick: watch::SHORTEST,
            looked: 0,
            past: Vec::new(),
            inherited: None,
        })
    }

    /// Gives workers what they have room for, then waits until at least one
    /// outcome is delivered or `until` is there.
    pub fn step(&mut self, tasks: &mut dyn TaskProvider, until: Option<Instant>) -> SessionStep {
        let before = self.delivered;
        self.steps += 1;
        // Sockets are looked at now and then even if boards bring enough.
        if self.steps.is_multiple_of(64) {
            self.look(Duration::ZERO, None);
        }
        loop {
            self.feed(tasks);
            self.collect(tasks);
            if self.delivered > before || tasks.has_outcome() {
                self.tick = watch::SHORTEST;
                return SessionStep::Progress;
            }
            if let Some(failure) = &self.failed {
                return SessionStep::Failed(failure.clone());
            }
            let is_idle = !self.is_at_work() && self.pending.is_empty() && !self.is_opening();
            if is_idle && !tasks.is_waiting() || tasks.is_off() {
                return SessionStep::Idle;
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                return SessionStep::TimedOut;
            }
            if !self.can_feed_more() {
                self.wait_for(tasks, until);
            }
        }
    }

    /// Takes what is there, and gives nobody anything.
    pub fn gather(&mut self, tasks: &mut dyn TaskProvider) {
        self.look(Duration::ZERO, None);
        self.collect(tasks);
    }

    /// Waits, unless nobody wants outcomes any more: what was rung for that is
    /// forgotten by asking for the bell.
    fn wait_for(&mut self, tasks: &dyn TaskProvider, until: Option<Instant>) {
        let is_asking = self.is_asking();
        let bell = tasks.bell(is_asking);
        let patience = tasks.patience().filter(|_| is_asking);
        if !tasks.is_off() {
            self.wait(until, patience, bell);
        }
    }

    /// What each worker did so far.
    pub fn statistics(&self) -> Vec<WorkerShare> {
        let present = self.members.iter().map(|member| member.share);
        self.past.iter().copied().chain(present).collect()
    }

    fn is_at_work(&self) -> bool {
        self.members
            .iter()
            .any(|member| !member.worker.held.is_empty())
    }

    /// Whether a worker that waits for tasks was not told everything before
    /// them yet, so that it got none.
    fn is_opening(&self) -> bool {
        let mut idle = self.members.iter().filter(|member| member.is_idle());
        idle.any(|member| !member.worker.outbox.is_empty())
    }

    fn admit(&mut self, mut worker: Worker) {
        worker
            .outbox
            .push(self.open.frame.clone(), self.open.fd.clone());
        let share = WorkerShare {
            pid: worker.process.pid(),
            tasks: 0,
            busy: Duration::ZERO,
        };
        self.members.push(WorkerSlot {
            worker,
            is_ready: false,
            ending: None,
            is_retiring: false,
            is_leaving: false,
            share,
            seen: None,
            waits_for: None,
            heard: 0,
            measured: Instant::now(),
        });
    }

    /// Writes what the worker's socket takes.
    fn flush(&mut self, place: usize) {
        let member = &mut self.members[place];
        let worker = &mut member.worker;
        if worker.flush().is_err() {
            let ending = match worker.is_whole() {
                true => RemovalReason::Ended,
                false => RemovalReason::Cut,
            };
            member.ending.get_or_insert(ending);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.pending.clear();
        for member in &mut self.members {
            while member.worker.take_back().is_some() {}
        }
        let end = Instant::now() + GRACE;
        while self.is_at_work() && Instant::now() < end {
            self.wait(Some(end), None, None);
            self.collect(&mut DiscardOutcomes);
        }
        let (kept, others): (Vec<_>, Vec<_>) = self.members.drain(..).partition(WorkerSlot::is_fit);
        let (done, mut busy): (Vec<_>, Vec<_>) = others.into_iter().partition(WorkerSlot::is_done);
        for member in done {
            reaper::let_go(member.worker);
        }
        // All at once, and then wait for each.
        for member in &mut busy {
            member.worker.process.kill_with_programs();
        }
        drop(busy);
        for mut member in kept {
            if self.open.is_heavy {
                member.worker.close();
            }
            pool::bring_back(member.worker);
        }
    }
}

impl WorkerSlot {
    /// Whether it may get more tasks.
    fn is_open(&self) -> bool {
        self.ending.is_none() && !self.is_retiring
    }

    /// Whether it waits for tasks.
    fn is_idle(&self) -> bool {
        self.is_open() && self.worker.held.is_empty()
    }

    /// Whether another call can have it.
    fn is_fit(&self) -> bool {
        let (what, _) = self.worker.board.running();
        self.is_open() && self.worker.held.is_empty() && what != OPENING
    }

    /// Whether it gets no more tasks and has none.
    fn is_done(&self) -> bool {
        self.is_retiring && self.ending.is_none() && self.worker.held.is_empty()
    }

    /// How long it has been at the task that it is at.
    fn has_been_at_it(&self) -> Duration {
        let (_, since) = self.worker.board.running();
        Duration::from_nanos(clock::nanos().saturating_sub(since))
    }
}

impl CallHeader {
    fn new(spec: &CallSpec<'_>) -> Result<CallHeader, ErrorKind> {
        let call = FunctionRequest {
            key: spec.registration.key(),
            directory: std::env::current_dir().ok().map(PathBuf::into_os_string),
            seed: spec.seed,
            captures: spec.captures,
            surroundings: context_hooks::capture(),
            threads: spec.threads_per_worker,
            initializer: spec.initializer.map(Registration::key),
        };
        let mut told = Vec::new();
        codec::encode(&call, &mut told).map_err(|error| ErrorKind::Transport(error.to_string()))?;
        let fd = match spec.shared.len() {
            len if len < memfd::THRESHOLD => None,
            _ => memfd::kept(spec.shared).ok(),
        };
        let number = CALLS.fetch_add(1, Ordering::Relaxed);
        let frame = frame_of(number, &told, spec.shared, fd.is_some());
        Ok(CallHeader {
            call: number,
            frame: Arc::new(frame),
            is_heavy: fd.is_some() || spec.captures,
            fd,
        })
    }
}

/// What each worker of such a call is told first.
#[cfg(feature = "fuzz")]
pub(super) fn opening(spec: &CallSpec<'_>) -> Result<Vec<u8>, ErrorKind> {
    CallHeader::new(spec).map(|open| open.frame.to_vec())
}

fn frame_of(number: u64, call: &[u8], shared: &MessageWriter<'_>, has_fd: bool) -> Vec<u8> {
    let mut out = Vec::new();
    frame::start(&mut out);
    out.extend_from_slice(&frame::record([number, 0, call.len() as u64, 0]));
    out.extend_from_slice(call);
    frame::pad(&mut out);
    let (inline, mapped) = match has_fd {
        true => (0, shared.len()),
        false => (shared.len(), 0),
    };
    let numbers = [0, 0, inline as u64, mapped as u64];
    out.extend_from_slice(&frame::record(numbers));
    if !has_fd {
        shared.append_to(&mut out);
    }
    frame::finish(&mut out, 0, FrameKind::Open, has_fd);
    out
}

/// Takes what is left of a call that nobody wants.
struct DiscardOutcomes;

impl TaskProvider for DiscardOutcomes {
    fn next(&mut self, _: usize, _: &mut dyn FnMut(usize, &MessageWriter<'_>)) -> super::NextTask {
        super::NextTask::Over
    }

    fn done(&mut self, _: usize, _: Result<&mut crate::wire::MessageReader<'_>, ErrorKind>) {}
}
