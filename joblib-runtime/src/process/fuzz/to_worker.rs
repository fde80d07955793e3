//! Fuzz target for the frames that a worker reads from its parent.

use super::function::{ECHO, take_all};
use super::stream::{WITH_FD, each_frame};
use crate::fuzz_target::Target;
use crate::process::ContextHooks;
use crate::process::call_spec::CallSpec;
use crate::process::child::request::{OpenCall, TaskRequest};
use crate::process::frame::{self, Frame, FrameKind, ProtocolError};
use crate::process::session;
use crate::process::task_ring::TaskRing;
use crate::process::{memfd, task_ring::Ticket};
use crate::wire::{MessageReader, MessageWriter};

pub(crate) const TO_WORKER: Target = Target {
    name: "frames_to_worker",
    run,
    seeds,
};

fn run(data: &[u8]) {
    let _ = each_frame(data, read);
}

fn read(frame: Frame<'_>) -> Result<(), ProtocolError> {
    match (frame.kind, frame.fd) {
        (FrameKind::TaskRing, Some(fd)) => drop(TaskRing::open(fd)),
        (FrameKind::Open, fd) => {
            let opening = OpenCall::read(frame.body).map_err(|_| ProtocolError)?;
            take_message(opening.shared, fd.map(|fd| (fd, opening.mapped)));
        }
        (FrameKind::Tasks, mut fd) => {
            let mut body = frame.body;
            while !body.is_empty() {
                let task = TaskRequest::split(&mut body)?;
                assert!(task.ticket < Ticket::MAX);
                take_message(task.message, fd.take().map(|fd| (fd, task.mapped)));
            }
        }
        (FrameKind::Close, _) => {}
        _ => return Err(ProtocolError),
    }
    Ok(())
}

fn take_message(inline: &[u8], fd: Option<(std::os::fd::OwnedFd, usize)>) {
    match fd {
        None => take_all(MessageReader::new(inline)),
        Some((fd, len)) => {
            if let Ok(map) = memfd::map_sealed(fd, len) {
                take_all(MessageReader::new(&map));
            }
        }
    }
}

/// Returns frames as a parent sends them.
fn seeds() -> Vec<Vec<u8>> {
    let numbers = [1_u64, 2, 3];
    let mut arguments = MessageWriter::new();
    arguments.numbers(&numbers);
    let open = session::opening(&spec(&arguments)).expect("cannot encode the request");
    let close = frame::header(FrameKind::Close, false, 0).to_vec();
    let tasks = tasks(&arguments, 0..5);
    let mut seeds = Vec::new();
    for mode in [15, 4, 15 | WITH_FD] {
        seeds.push([&[mode], &*open].concat());
        seeds.push([&[mode], &*open, &tasks, &close].concat());
    }
    let mut mapped = Vec::new();
    frame::start(&mut mapped);
    mapped.extend_from_slice(&frame::record([9, 9, 0, 4_104]));
    frame::finish(&mut mapped, 0, FrameKind::Tasks, true);
    seeds.push([&[15 | WITH_FD], &*open, &tasks, &mapped].concat());
    seeds.push([&[15], &*tasks].concat());
    seeds
}

fn tasks(arguments: &MessageWriter<'_>, tickets: std::ops::Range<u64>) -> Vec<u8> {
    let mut out = Vec::new();
    frame::start(&mut out);
    for ticket in tickets {
        let record = frame::record([ticket, ticket, arguments.len() as u64, 0]);
        out.extend_from_slice(&record);
        arguments.append_to(&mut out);
        frame::pad(&mut out);
    }
    frame::finish(&mut out, 0, FrameKind::Tasks, false);
    out
}

fn spec<'a>(shared: &'a MessageWriter<'a>) -> CallSpec<'a> {
    CallSpec {
        context: ContextHooks::NONE,
        registration: &ECHO,
        shared,
        workers: 1,
        batch: None,
        timeout: None,
        retries: 0,
        seed: Some(7),
        threads_per_worker: 1,
        stack: None,
        captures: false,
        max_tasks_per_worker: None,
        max_growth: None,
        initializer: None,
    }
}
