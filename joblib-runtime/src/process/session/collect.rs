//! Reads the frames of workers, validates them against the assigned tasks and delivers
//! the outcomes.

use std::time::Duration;

use super::response::{TaskEnd, WorkerMessage};
use super::{RemovalReason, Session};
use crate::outcome::ErrorKind;
use crate::process::binary_id;
use crate::process::call_spec::TaskProvider;
use crate::process::frame::{self, Frame, FrameSplit, ProtocolError};
use crate::process::recv_buffer::{RecvBuffer, RecvOutcome};
use crate::process::task_ring::Ticket;
use crate::process::worker::QueuedTask;
use crate::task::registry_digest;
use crate::wire::MessageReader;

impl Session {
    /// Handles the frames of all workers and removes the workers that are marked for
    /// removal.
    pub(super) fn collect(&mut self, tasks: &mut dyn TaskProvider) {
        for slot in 0..self.members.len() {
            if self.collect_from(slot, tasks).is_err() {
                self.members[slot].ending = Some(RemovalReason::ProtocolError);
            }
        }
        self.enforce();
        self.take_from_leaving();
        self.remove_ended(tasks);
        self.retire();
    }

    /// Handles the frames of one worker.
    pub(super) fn collect_from(
        &mut self,
        slot: usize,
        tasks: &mut dyn TaskProvider,
    ) -> Result<(), ProtocolError> {
        let member = &mut self.members[slot];
        if std::mem::take(&mut member.is_ready) || !member.worker.is_greeted {
            let mut inbox = std::mem::take(&mut member.worker.inbox);
            let read = self.read(slot, &mut inbox, tasks);
            self.members[slot].worker.inbox = inbox;
            read?;
        }
        if self.members[slot].worker.is_greeted {
            self.take_results(slot, tasks)?;
        }
        Ok(())
    }

    /// Handles all frames in the socket.
    fn read(
        &mut self,
        slot: usize,
        inbox: &mut RecvBuffer,
        tasks: &mut dyn TaskProvider,
    ) -> Result<(), ProtocolError> {
        loop {
            while let Some(frame) = inbox.frame()? {
                self.take(slot, frame, tasks)?;
            }
            let member = &mut self.members[slot];
            match member.worker.receive(inbox) {
                Ok(RecvOutcome::Some) => {}
                Ok(RecvOutcome::Nothing) => return Ok(()),
                Ok(RecvOutcome::End) => {
                    member.ending.get_or_insert(RemovalReason::Ended);
                    return Ok(());
                }
                Err(_) if !member.worker.is_whole() => {
                    member.ending.get_or_insert(RemovalReason::Cut);
                    return Ok(());
                }
                Err(_) => return Err(ProtocolError),
            }
        }
    }

    /// Handles all frames in the task ring.
    fn take_results(
        &mut self,
        slot: usize,
        tasks: &mut dyn TaskProvider,
    ) -> Result<(), ProtocolError> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let taken = self.take_copied(slot, &mut scratch, tasks);
        self.scratch = scratch;
        self.cost.adapt();
        taken
    }

    fn take_copied(
        &mut self,
        slot: usize,
        scratch: &mut super::AlignedBuf,
        tasks: &mut dyn TaskProvider,
    ) -> Result<(), ProtocolError> {
        let len = self.members[slot].worker.ring.take(scratch)?;
        let mut bytes = &scratch.bytes()[..len];
        while !bytes.is_empty() {
            // Descriptors are sent only through the socket.
            match frame::split(bytes, &mut Default::default())? {
                FrameSplit::Frame(frame, taken) => {
                    bytes = &bytes[taken..];
                    self.take(slot, frame, tasks)?;
                }
                FrameSplit::Needs(_) => return Err(ProtocolError),
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        slot: usize,
        frame: Frame<'_>,
        tasks: &mut dyn TaskProvider,
    ) -> Result<(), ProtocolError> {
        let is_greeted = self.members[slot].worker.is_greeted;
        match WorkerMessage::read(frame)? {
            WorkerMessage::Hello(message) if !is_greeted => self.greet(slot, message),
            WorkerMessage::StartFailed(why) if !is_greeted => {
                self.failed.get_or_insert(ErrorKind::Start(why).into());
            }
            _ if !is_greeted => return Err(ProtocolError),
            WorkerMessage::Hello(_) | WorkerMessage::StartFailed(_) => return Err(ProtocolError),
            WorkerMessage::Wake => {}
            WorkerMessage::Events(events) => (self.context.handle_events)(events),
            // A refusal of an earlier call may arrive after that call ended; it is
            // ignored below.
            WorkerMessage::Refused(call, failure) if call == self.open.call => {
                self.failed = Some(failure.into())
            }
            WorkerMessage::Refused(..) => {}
            WorkerMessage::Ended(ended) => self.end_task(slot, &ended, tasks)?,
        }
        Ok(())
    }

    fn greet(&mut self, slot: usize, message: &[u8]) {
        let mut expected = binary_id::id().to_ne_bytes().to_vec();
        expected.extend_from_slice(&registry_digest().to_ne_bytes());
        self.members[slot].worker.is_greeted = true;
        if message != expected {
            let why =
                "a worker runs another build of this program, or has other functions registered";
            self.failed = Some(ErrorKind::Start(why.to_owned()).into());
        }
    }

    /// Delivers the outcome of a task, which must have been assigned to the worker.
    fn end_task(
        &mut self,
        slot: usize,
        ended: &TaskEnd<'_>,
        tasks: &mut dyn TaskProvider,
    ) -> Result<(), ProtocolError> {
        let job = self
            .release(slot, ended.ticket, ended.nanos)
            .ok_or(ProtocolError)?;
        if let Some((out, err)) = ended.printed {
            tasks.printed(job.index, out, err);
        }
        match ended.outcome() {
            Ok(mut result) => self.deliver(job.index, Ok(&mut result), tasks),
            Err(failure @ ErrorKind::Panicked(_)) => self.fail(job, failure, tasks),
            Err(failure) => self.deliver(job.index, Err(failure), tasks),
        }
        Ok(())
    }

    fn release(&mut self, slot: usize, ticket: Ticket, nanos: u64) -> Option<QueuedTask> {
        let member = &mut self.members[slot];
        let job = member.worker.release(ticket)?;
        self.cost.note(nanos);
        member.share.tasks += 1;
        // A faulty worker may report any duration; the limit prevents an overflow.
        member.share.busy += Duration::from_nanos(nanos.min(1 << 56));
        Some(job)
    }

    /// Delivers an outcome.
    pub(super) fn deliver(
        &mut self,
        index: usize,
        outcome: Result<&mut MessageReader<'_>, ErrorKind>,
        tasks: &mut dyn TaskProvider,
    ) {
        self.delivered += 1;
        self.fruitless = 0;
        tasks.done(index, outcome);
    }

    /// Queues a failed task for a retry, or delivers its failure.
    pub(super) fn fail(
        &mut self,
        mut job: QueuedTask,
        failure: ErrorKind,
        tasks: &mut dyn TaskProvider,
    ) {
        if job.failures >= self.limits.retries {
            self.deliver(job.index, Err(failure), tasks);
            return;
        }
        job.failures += 1;
        self.fruitless = 0;
        self.pending.push_back(job);
    }
}
