//! What workers sent: read, checked against what they were given, and handed
//! on.

use std::time::Duration;

use super::super::call_spec::TaskProvider;
use super::super::frame::{self, Frame, FrameSplit, ProtocolError};
use super::super::recv_buffer::{RecvBuffer, RecvOutcome};
use super::super::task_ring::Ticket;
use super::super::worker::QueuedTask;
use super::super::{binary_id, context_hooks};
use super::response::{TaskEnd, WorkerMessage};
use super::{RemovalReason, Session};
use crate::outcome::ErrorKind;
use crate::task::registry_digest;
use crate::wire::MessageReader;

impl Session {
    /// Takes what all workers sent, and deals with those that are to go.
    pub(super) fn collect(&mut self, tasks: &mut dyn TaskProvider) {
        for place in 0..self.members.len() {
            if self.collect_from(place, tasks).is_err() {
                self.members[place].ending = Some(RemovalReason::Garbled);
            }
        }
        self.enforce();
        self.take_from_leaving();
        self.bury(tasks);
        self.retire();
    }

    /// Takes what one worker sent.
    pub(super) fn collect_from(
        &mut self,
        place: usize,
        tasks: &mut dyn TaskProvider,
    ) -> Result<(), ProtocolError> {
        let member = &mut self.members[place];
        if std::mem::take(&mut member.is_ready) || !member.worker.is_greeted {
            let mut inbox = std::mem::take(&mut member.worker.inbox);
            let read = self.read(place, &mut inbox, tasks);
            self.members[place].worker.inbox = inbox;
            read?;
        }
        if self.members[place].worker.is_greeted {
            self.take_results(place, tasks)?;
        }
        Ok(())
    }

    /// Takes all that the socket has.
    fn read(
        &mut self,
        place: usize,
        inbox: &mut RecvBuffer,
        tasks: &mut dyn TaskProvider,
    ) -> Result<(), ProtocolError> {
        loop {
            while let Some(frame) = inbox.frame()? {
                self.take(place, frame, tasks)?;
            }
            let member = &mut self.members[place];
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

    /// Takes all that the board has.
    fn take_results(
        &mut self,
        place: usize,
        tasks: &mut dyn TaskProvider,
    ) -> Result<(), ProtocolError> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let taken = self.take_copied(place, &mut scratch, tasks);
        self.scratch = scratch;
        self.cost.adapt();
        taken
    }

    fn take_copied(
        &mut self,
        place: usize,
        scratch: &mut super::AlignedBuf,
        tasks: &mut dyn TaskProvider,
    ) -> Result<(), ProtocolError> {
        let len = self.members[place].worker.board.take(scratch)?;
        let mut bytes = &scratch.bytes()[..len];
        while !bytes.is_empty() {
            // Descriptors come through the socket only.
            match frame::split(bytes, &mut Default::default())? {
                FrameSplit::Frame(frame, taken) => {
                    bytes = &bytes[taken..];
                    self.take(place, frame, tasks)?;
                }
                FrameSplit::Needs(_) => return Err(ProtocolError),
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        place: usize,
        frame: Frame<'_>,
        tasks: &mut dyn TaskProvider,
    ) -> Result<(), ProtocolError> {
        let is_greeted = self.members[place].worker.is_greeted;
        match WorkerMessage::read(frame)? {
            WorkerMessage::Hello(message) if !is_greeted => self.greet(place, message),
            WorkerMessage::GaveUp(why) if !is_greeted => {
                self.failed.get_or_insert(ErrorKind::Start(why));
            }
            _ if !is_greeted => return Err(ProtocolError),
            WorkerMessage::Hello(_) | WorkerMessage::GaveUp(_) => return Err(ProtocolError),
            WorkerMessage::Bell => {}
            WorkerMessage::News(news) => context_hooks::absorb(news),
            // It may be about a call that was over before the worker knew of it.
            WorkerMessage::Refused(call, failure) if call == self.open.call => {
                self.failed = Some(failure)
            }
            WorkerMessage::Refused(..) => {}
            WorkerMessage::Ended(ended) => self.end_task(place, &ended, tasks)?,
        }
        Ok(())
    }

    fn greet(&mut self, place: usize, message: &[u8]) {
        let mut expected = binary_id::id().to_ne_bytes().to_vec();
        expected.extend_from_slice(&registry_digest().to_ne_bytes());
        self.members[place].worker.is_greeted = true;
        if message != expected {
            let why = "a worker runs another build of this program, or knows other functions";
            self.failed = Some(ErrorKind::Start(why.to_owned()));
        }
    }

    /// Hands on how a task ended that the worker was given.
    fn end_task(
        &mut self,
        place: usize,
        ended: &TaskEnd<'_>,
        tasks: &mut dyn TaskProvider,
    ) -> Result<(), ProtocolError> {
        let job = self
            .release(place, ended.ticket, ended.nanos)
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

    fn release(&mut self, place: usize, ticket: Ticket, nanos: u64) -> Option<QueuedTask> {
        let member = &mut self.members[place];
        let job = member.worker.release(ticket)?;
        self.cost.note(nanos);
        member.share.tasks += 1;
        // A worker gone wrong may say that it took for ever.
        member.share.busy += Duration::from_nanos(nanos.min(1 << 56));
        Some(job)
    }

    /// Hands on an outcome.
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

    /// Has a task that failed tried once more, or hands on its failure.
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
