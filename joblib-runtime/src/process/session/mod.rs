//! The parent's side of one call on the pool. The thread that makes the call drives it
//! in steps: it assigns tasks to workers, waits for outcomes, and handles workers that
//! died.

mod batch;
mod collect;
mod cost;
mod reap;
pub(super) mod response;
mod schedule;
mod wait;

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
use super::{ContextHooks, clock, memfd, pool, reaper};
use crate::codec;
use crate::outcome::{ErrorKind, Failure};
use crate::task::Registration;
use crate::wire::MessageWriter;

/// Maximum number of tasks with arguments in memory files that a worker holds.
const LARGE: usize = 4;

/// How long a dropped call waits for running tasks before it kills their workers.
const GRACE: Duration = Duration::from_millis(10);

/// One call on the pool of worker processes. Dropping it cancels the tasks that are not
/// finished.
pub struct Session {
    open: CallHeader,
    context: &'static ContextHooks,
    limits: SessionLimits,
    members: Vec<WorkerSlot>,
    /// Tasks that were taken back from a worker, or that failed and are retried.
    pending: VecDeque<QueuedTask>,
    cost: CostEstimate,
    /// A buffer for results that are copied out of a task ring.
    scratch: AlignedBuf,
    /// The number of outcomes so far.
    delivered: u64,
    steps: u64,
    /// The number of workers that died since the last outcome without holding a task.
    fruitless: u32,
    failed: Option<Failure>,
    /// How long to sleep at most while results may arrive without a `Wake` frame.
    tick: Duration,
    /// When the workers were last polled, if tasks have a time limit.
    last_poll: u64,
    /// The statistics of workers that were removed.
    past: Vec<WorkerShare>,
    /// The digest of the state that workers inherit, cached while tasks are assigned.
    inherited: Option<u128>,
}

/// The number of the next call. Numbers distinguish the refusals of earlier calls.
static CALLS: AtomicU64 = AtomicU64::new(0);

// A stream may be moved to another thread together with the call that it reads from.
const _: fn() = || {
    fn is_send<T: Send>() {}
    is_send::<Session>();
};

/// The frame that opens the call, sent to each worker first.
struct CallHeader {
    call: u64,
    frame: Arc<Vec<u8>>,
    fd: Option<Memory>,
    /// Whether workers should close the function as soon as the call ends.
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
    /// Whether its socket, or its end, is to be handled.
    is_ready: bool,
    ending: Option<RemovalReason>,
    /// Whether it gets no more tasks.
    is_retiring: bool,
    /// Whether the tasks that it has not started go to other workers.
    is_leaving: bool,
    share: WorkerShare,
    /// The task that it was last observed to run, and when that was first observed.
    seen: Option<(Ticket, u64)>,
    /// Its index among the workers of the call.
    index: usize,
    /// The first task in its queue when it was last observed to run none of its tasks.
    waits_for: Option<Ticket>,
    last_heard: u64,
    measured: Instant,
}

/// The reason for the removal of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RemovalReason {
    /// It ended, or closed its socket.
    Ended,
    /// The program closed the descriptors of the connection.
    Cut,
    /// It sent an invalid frame.
    ProtocolError,
    /// This task exceeded its time limit.
    TimedOut(Ticket),
    /// It did not start its next task within the time limit.
    Silent,
}

impl Session {
    /// Starts a call. Workers are taken from the pool or started only when there are
    /// tasks for them.
    ///
    /// # Errors
    ///
    /// Fails if the description of the call cannot be encoded.
    pub fn open(spec: &CallSpec<'_>) -> Result<Session, Failure> {
        Ok(Session {
            context: spec.context,
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
            tick: wait::SHORTEST,
            last_poll: 0,
            past: Vec::new(),
            inherited: None,
        })
    }

    /// Assigns tasks to workers that have room, then waits until at least one outcome
    /// is delivered or `until` is reached.
    pub fn step(&mut self, tasks: &mut dyn TaskProvider, until: Option<Instant>) -> SessionStep {
        let before = self.delivered;
        self.steps += 1;
        // Poll the sockets regularly even if the task rings supply enough results.
        if self.steps.is_multiple_of(64) {
            self.poll_workers(Duration::ZERO, None);
        }
        loop {
            self.feed(tasks);
            self.collect(tasks);
            if self.delivered > before || tasks.has_outcome() {
                self.tick = wait::SHORTEST;
                return SessionStep::Progress;
            }
            if let Some(failure) = &self.failed {
                return SessionStep::Failed(failure.clone());
            }
            let is_idle = !self.is_at_work() && self.pending.is_empty() && !self.is_opening();
            if is_idle && !tasks.has_more_later() || tasks.is_cancelled() {
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

    /// Handles the frames that have arrived, without assigning tasks.
    pub fn gather(&mut self, tasks: &mut dyn TaskProvider) {
        self.poll_workers(Duration::ZERO, None);
        self.collect(tasks);
    }

    /// Waits, unless the call is cancelled. Cancellation is checked after the call of
    /// `bell`, because that may clear the signal for it.
    fn wait_for(&mut self, tasks: &dyn TaskProvider, until: Option<Instant>) {
        let wants_tasks = self.wants_tasks();
        let bell = tasks.wake_descriptor(wants_tasks);
        let patience = tasks.poll_interval().filter(|_| wants_tasks);
        if !tasks.is_cancelled() {
            self.wait(until, patience, bell);
        }
    }

    /// Returns the statistics of each worker so far.
    pub fn statistics(&self) -> Vec<WorkerShare> {
        let present = self.members.iter().map(|member| member.share);
        self.past.iter().copied().chain(present).collect()
    }

    fn is_at_work(&self) -> bool {
        self.members
            .iter()
            .any(|member| !member.worker.held.is_empty())
    }

    /// Whether an idle worker still has unsent frames. It gets no tasks before these
    /// are sent.
    fn is_opening(&self) -> bool {
        let mut idle = self.members.iter().filter(|member| member.is_idle());
        idle.any(|member| !member.worker.outbox.is_empty())
    }

    fn admit(&mut self, mut worker: Worker) {
        let index = self.free_index();
        worker.ring.set_worker_index(index);
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
            index,
            waits_for: None,
            last_heard: 0,
            measured: Instant::now(),
        });
    }

    /// Returns the first index that no present worker has. There are never more workers
    /// than the call allows, so it is smaller than their number.
    fn free_index(&self) -> usize {
        let is_free = |index: &usize| self.members.iter().all(|member| member.index != *index);
        (0..=self.members.len()).find(is_free).unwrap_or_default()
    }

    /// Writes as much as the worker's socket accepts.
    fn flush(&mut self, slot: usize) {
        let member = &mut self.members[slot];
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
            reaper::retire(member.worker);
        }
        // Kill all of them before waiting for each.
        for member in &mut busy {
            member.worker.process.kill_with_programs();
        }
        drop(busy);
        for mut member in kept {
            if self.open.is_heavy {
                member.worker.close();
            }
            pool::return_worker(member.worker);
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

    /// Whether another call can use it.
    fn is_fit(&self) -> bool {
        let (what, _) = self.worker.ring.running();
        self.is_open() && self.worker.held.is_empty() && what != OPENING
    }

    /// Whether it holds no tasks and gets no more.
    fn is_done(&self) -> bool {
        self.is_retiring && self.ending.is_none() && self.worker.held.is_empty()
    }

    /// Returns how long it has been running its current task.
    fn running_time(&self) -> Duration {
        let (_, since) = self.worker.ring.running();
        Duration::from_nanos(clock::nanos().saturating_sub(since))
    }
}

impl CallHeader {
    fn new(spec: &CallSpec<'_>) -> Result<CallHeader, Failure> {
        let call = FunctionRequest {
            key: spec.registration.key(),
            directory: std::env::current_dir().ok().map(PathBuf::into_os_string),
            seed: spec.seed,
            captures: spec.captures,
            surroundings: (spec.context.capture)(),
            threads: spec.threads_per_worker,
            workers: spec.workers,
            initializer: spec.initializer.map(Registration::key),
        };
        let mut encoded = Vec::new();
        codec::encode(&call, &mut encoded)
            .map_err(|error| Failure::because_of(ErrorKind::Transport, error))?;
        let fd = match spec.shared.len() {
            len if len < memfd::THRESHOLD => None,
            _ => memfd::create_shared(spec.shared).ok(),
        };
        let number = CALLS.fetch_add(1, Ordering::Relaxed);
        let frame = frame_of(number, &encoded, spec.shared, fd.is_some());
        Ok(CallHeader {
            call: number,
            frame: Arc::new(frame),
            is_heavy: fd.is_some() || spec.captures,
            fd,
        })
    }
}

/// Returns the frame that opens the call `spec`.
#[cfg(feature = "fuzz")]
pub(super) fn opening(spec: &CallSpec<'_>) -> Result<Vec<u8>, Failure> {
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

/// Discards the outcomes of a cancelled call.
struct DiscardOutcomes;

impl TaskProvider for DiscardOutcomes {
    fn next(&mut self, _: usize, _: &mut dyn FnMut(usize, &MessageWriter<'_>)) -> super::NextTask {
        super::NextTask::Over
    }

    fn done(&mut self, _: usize, _: Result<&mut crate::wire::MessageReader<'_>, ErrorKind>) {}
}
