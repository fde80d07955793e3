//! The source of tasks for worker processes: encodes arguments and decodes results.

use std::os::fd::BorrowedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::input_source::{InputSource, NextInput};
use super::reorder_buffer::ReorderBuffer;
use super::stream_driver::StreamShared;
use super::waker::Waker;
use crate::outcome::{Error, ErrorKind, Failure, panic_message};
use crate::parallel::cancel::CancelToken;
use crate::parallel::plan::{Backpressure, Plan};
use crate::parallel::progress::ProgressTracker;
use crate::process::{NextTask, TaskProvider};
use crate::setting::process_options::OnOutput;
use crate::wire::{MessageError, MessageReader, MessageWriter, PutError};

/// The default limit of tasks ahead of the consumer, for each worker.
const AHEAD: usize = 4096;

/// The default limit of the size of these tasks.
const BYTES_AHEAD: u64 = 256 << 20;

/// Limits of bytes and items that are pulled ahead of encoding from an input with its own
/// thread.
const BYTES_PULLED: u64 = 1 << 20;
const PULLED: u64 = 1024;

/// How long an input may take for each further item after the call has failed. Items that
/// arrive in time get outcomes of their own.
const GRACE: Duration = Duration::from_millis(100);

/// A function that encodes the arguments of a task.
pub(super) type Put<A> = for<'v> fn(&'v A, &mut MessageWriter<'v>) -> Result<(), PutError>;

/// A function that decodes the result of a task.
pub(super) type Take<R> = fn(&mut MessageReader<'_>) -> Result<R, MessageError>;

/// The tasks of a call.
pub(super) struct TaskSource<I: Iterator, R> {
    input: InputSource<I>,
    put: Put<I::Item>,
    take: Take<R>,
    tracker: ProgressTracker,
    on_output: Option<OnOutput>,
    /// Cancels the call.
    cancel: Option<CancelToken>,
    pub(super) buffer: ReorderBuffer<R>,
    tasks_ahead: usize,
    bytes_ahead: u64,
    /// The consumer of a stream, which has taken outcomes from `buffer` that are not
    /// consumed.
    ahead: Option<Arc<dyn StreamShared>>,
    /// Wakes the driver for events that do not come from workers.
    waker: Option<Arc<Waker>>,
    /// Whether there will be more tasks although there is none at present.
    is_waiting: bool,
    /// Whether the waker will be woken for the task that was not available at the last
    /// request.
    is_listening: bool,
    /// After how long to ask for tasks again if the waker is not woken.
    patience: Option<Duration>,
    is_over: bool,
    /// Why the input ended early.
    failure: Option<Error>,
    /// The moving average of the size of an encoded task.
    each: u64,
    memory: Vec<u8>,
}

impl<I: Iterator, R> TaskSource<I, R> {
    pub(super) fn new(
        input: InputSource<I>,
        put: Put<I::Item>,
        take: Take<R>,
        plan: &Plan,
    ) -> Self {
        let (tasks, bytes) = match plan.window {
            None => (usize::MAX, u64::MAX),
            Some(Backpressure::Tasks(tasks)) => (tasks, u64::MAX),
            Some(Backpressure::Batches) => (AHEAD.saturating_mul(plan.n_jobs), BYTES_AHEAD),
        };
        TaskSource {
            input,
            put,
            take,
            tracker: plan.tracker.clone(),
            on_output: plan.processes.on_output.clone(),
            cancel: plan.cancel.clone(),
            buffer: ReorderBuffer::new(plan.is_ordered),
            tasks_ahead: tasks,
            bytes_ahead: plan.in_flight_bytes.unwrap_or(bytes),
            ahead: None,
            waker: None,
            is_waiting: false,
            is_listening: false,
            patience: None,
            is_over: false,
            failure: None,
            each: BYTES_PULLED,
            memory: Vec::new(),
        }
    }

    /// Sets the waker that wakes the driver.
    pub(super) fn listen(mut self, waker: Arc<Waker>) -> Self {
        if let Some(token) = &self.cancel {
            let waker: Weak<Waker> = Arc::downgrade(&waker);
            token.wake(waker);
        }
        self.waker = Some(waker);
        self
    }

    /// Counts the outcomes that `ahead` holds as not consumed.
    pub(super) fn run_ahead(mut self, ahead: Arc<dyn StreamShared>) -> Self {
        self.ahead = Some(ahead);
        self
    }

    /// Whether no more inputs will be taken.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Takes the reason why the input ended early.
    pub(super) fn take_failure(&mut self) -> Option<Error> {
        self.failure.take()
    }

    /// Returns the minimum number of outcomes that are yet to come.
    pub(super) fn remaining(&self) -> usize {
        self.buffer.len().saturating_add(self.input.remaining())
    }

    /// Gives up every task that was sent and has no outcome.
    pub(super) fn give_up(&mut self, failure: &Failure) {
        self.buffer
            .fill(|index| Error::task(index, failure.clone()));
    }

    /// Ends the call with `failure` instead of the outcomes that have not arrived.
    pub(super) fn end(&mut self, failure: Failure) {
        self.is_over = true;
        self.failure.get_or_insert(Error::call(failure));
        self.buffer.close();
    }

    /// Takes an input and gives it `failure` as its outcome. Ends the call if the input
    /// blocks.
    pub(super) fn skip(&mut self, failure: &Failure) {
        match self.input.next_within(GRACE) {
            NextInput::Item(_) => {
                let index = self.buffer.reserve();
                let error = Error::task(index, failure.clone());
                self.buffer.put(index, Err(error), 0);
            }
            NextInput::Later(_) => {
                self.is_over = true;
                self.failure = Some(Error::call(failure.clone()));
            }
            NextInput::Over(ended) => {
                self.is_over = true;
                self.failure = ended;
            }
        }
    }

    /// Ends the call with `failure`, unless there are no more inputs.
    pub(super) fn cut_off(&mut self, failure: &Failure) {
        self.is_over = true;
        self.failure = match self.input.next_within(Duration::ZERO) {
            NextInput::Item(_) | NextInput::Later(_) => Some(Error::call(failure.clone())),
            NextInput::Over(ended) => ended,
        };
    }

    /// Whether the consumer of a stream has dropped it.
    pub(super) fn is_off(&self) -> bool {
        self.ahead.as_ref().is_some_and(|ahead| ahead.is_off())
    }

    /// Returns the number and the size of the tasks that are not consumed.
    fn load(&self) -> (usize, u64) {
        let (tasks, bytes) = self.ahead.as_ref().map_or((0, 0), |ahead| ahead.load());
        (self.buffer.len() + tasks, self.buffer.bytes() + bytes)
    }

    /// Whether the limits are reached. One task is always admitted, however large.
    fn is_full(&self) -> bool {
        let (tasks, bytes) = self.load();
        tasks >= self.tasks_ahead || tasks > 0 && bytes >= self.bytes_ahead
    }

    /// Returns how many items may be pulled in advance, at least one.
    fn room(&self) -> usize {
        let (tasks, bytes) = self.load();
        let bytes = BYTES_PULLED.min(self.bytes_ahead.saturating_sub(bytes));
        let items = (bytes / self.each.max(1)).clamp(1, PULLED) as usize;
        items.min(self.tasks_ahead.saturating_sub(tasks)).max(1)
    }

    /// Takes the next of `wanted` inputs. If there is none yet, arms the waker before it
    /// returns.
    fn next_input(&mut self, wanted: usize) -> NextInput<I::Item> {
        let mut patience = None;
        for is_last in [false, true] {
            let is_full = self.is_full();
            if !is_full {
                let room = match self.input.is_available() {
                    true => 1,
                    false => self.room(),
                };
                match self.input.next(room, wanted) {
                    NextInput::Later(while_waiting) => patience = while_waiting,
                    given => return given,
                }
            }
            let Some(waker) = self.waker.as_ref().filter(|_| !is_last) else {
                break;
            };
            if let Some(ahead) = &self.ahead {
                ahead.wake_below(if is_full { self.tasks_ahead / 2 + 1 } else { 0 });
            }
            // Events from here on wake the waker. The second pass sees earlier ones.
            waker.arm();
        }
        NextInput::Later(patience)
    }

    fn put(&mut self, arguments: &I::Item, put: &mut dyn FnMut(usize, &MessageWriter<'_>)) -> bool {
        let index = self.buffer.reserve();
        let mut writer = MessageWriter::reusing(std::mem::take(&mut self.memory));
        let done = catch_unwind(AssertUnwindSafe(|| (self.put)(arguments, &mut writer)));
        let error = match done {
            Ok(Ok(())) => {
                let bytes = writer.len() as u64;
                self.each = (self.each + 3 * bytes) / 4;
                self.buffer.weigh(index, bytes);
                put(index, &writer);
                self.memory = writer.into_memory();
                return true;
            }
            Ok(Err(error)) => Error::transport(Some(index), error),
            Err(payload) => {
                let why = format!("encoding panicked: {}", panic_message(payload.as_ref()));
                Error::task(index, ErrorKind::Transport(why))
            }
        };
        self.tracker.finished(false);
        self.buffer.put(index, Err(error), 0);
        false
    }
}

impl<I: Iterator, R> TaskProvider for TaskSource<I, R> {
    fn next(&mut self, wanted: usize, put: &mut dyn FnMut(usize, &MessageWriter<'_>)) -> NextTask {
        loop {
            (self.is_waiting, self.is_listening) = (false, false);
            self.patience = None;
            if self.is_cancelled() || self.is_over {
                return NextTask::Over;
            }
            match self.next_input(wanted) {
                NextInput::Item(arguments) => {
                    if self.put(&arguments, put) {
                        return NextTask::Given;
                    }
                }
                NextInput::Later(patience) => {
                    self.patience = patience;
                    let is_ahead = self.ahead.as_ref().is_some_and(|ahead| ahead.load().0 > 0);
                    self.is_waiting = is_ahead || !self.is_full();
                    self.is_listening = true;
                    return NextTask::Later;
                }
                NextInput::Over(failure) => {
                    self.is_over = true;
                    self.failure = failure;
                    return NextTask::Over;
                }
            }
        }
    }

    fn printed(&mut self, index: usize, out: &[u8], err: &[u8]) {
        if let Some(on_output) = &self.on_output {
            on_output.call(index, out, err);
        }
    }

    fn done(&mut self, index: usize, outcome: Result<&mut MessageReader<'_>, ErrorKind>) {
        let mut bytes = 0;
        let outcome = outcome.map_err(|failure| Error::task(index, failure));
        let outcome = outcome.and_then(|reader| {
            bytes = reader.left() as u64;
            let taken = catch_unwind(AssertUnwindSafe(|| {
                let result = (self.take)(reader);
                result.and_then(|result| reader.end().map(|()| result))
            }));
            match taken {
                Ok(Ok(result)) => Ok(result),
                Ok(Err(error)) => Err(Error::transport(Some(index), error)),
                Err(payload) => {
                    let why = format!("decoding panicked: {}", panic_message(payload.as_ref()));
                    Err(Error::task(index, ErrorKind::Transport(why)))
                }
            }
        });
        self.tracker.finished(outcome.is_ok());
        self.buffer.put(index, outcome, bytes);
    }

    fn has_outcome(&self) -> bool {
        self.buffer.has_next()
    }

    fn wake_descriptor(&self, is_asking: bool) -> Option<BorrowedFd<'_>> {
        let waker = self.waker.as_deref()?;
        if !(is_asking && self.is_listening) {
            // An item that no worker can take now would wake the driver again and again.
            waker.clear();
        }
        waker.fd()
    }

    fn poll_interval(&self) -> Option<Duration> {
        self.patience
    }

    fn has_more_later(&self) -> bool {
        self.waker.is_some() && self.is_waiting
    }

    fn is_cancelled(&self) -> bool {
        self.is_off() || self.cancel.as_ref().is_some_and(CancelToken::is_cancelled)
    }
}

#[cfg(test)]
mod tests {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::super::pulled_items::PulledItems;
    use super::*;
    use crate::parallel::plan::ConsumerMode;
    use crate::parallel::settings::Settings;

    type Numbers = Box<dyn Iterator<Item = u64>>;

    fn tasks(queue: &Arc<PulledItems<u64>>) -> TaskSource<Numbers, u64> {
        let mode = ConsumerMode {
            is_ordered: true,
            is_bounded: true,
        };
        let plan = Plan::new(&Settings::default(), mode).unwrap();
        let source = InputSource::<Numbers>::apart(Arc::clone(queue));
        let waker = queue.waker();
        let put: Put<u64> = |number, writer| writer.value(number);
        TaskSource::new(source, put, |reader| reader.value(), &plan).listen(waker)
    }

    fn is_woken(
        tasks: &TaskSource<Numbers, u64>,
        is_asking: bool,
        limit: Option<&Timespec>,
    ) -> bool {
        let waker = tasks.wake_descriptor(is_asking).unwrap();
        let mut fds = [PollFd::from_borrowed_fd(waker, PollFlags::IN)];
        poll(&mut fds, limit).unwrap() == 1
    }

    fn is_woken_now(tasks: &TaskSource<Numbers, u64>, is_asking: bool) -> bool {
        is_woken(tasks, is_asking, Some(&Timespec::default()))
    }

    /// Returns a task source whose waker was woken for an item after the item had been
    /// requested in vain, and the thread that pulls the input.
    fn woken() -> (TaskSource<Numbers, u64>, std::thread::JoinHandle<()>) {
        let queue = Arc::new(PulledItems::new(Arc::new(Waker::new().unwrap())));
        let mut tasks = tasks(&queue);
        assert_eq!(tasks.next(1, &mut |_, _| ()), NextTask::Later);
        assert!(!is_woken_now(&tasks, true));
        let puller = std::thread::spawn(move || queue.pull([7].into_iter()));
        assert!(is_woken(&tasks, true, None));
        (tasks, puller)
    }

    #[test]
    fn a_task_that_was_taken_wakes_nobody() {
        let (mut tasks, puller) = woken();
        assert_eq!(tasks.next(1, &mut |_, _| ()), NextTask::Given);
        assert!(!is_woken_now(&tasks, true));
        while tasks.next(1, &mut |_, _| ()) == NextTask::Later {
            is_woken(&tasks, true, None);
        }
        puller.join().unwrap();
        assert!(!is_woken_now(&tasks, true));
    }

    #[test]
    fn a_task_that_nobody_has_room_for_wakes_nobody_and_is_found_later() {
        let (mut tasks, puller) = woken();
        assert!(!is_woken_now(&tasks, false));
        assert_eq!(tasks.next(1, &mut |_, _| ()), NextTask::Given);
        drop(tasks);
        puller.join().unwrap();
    }
}
