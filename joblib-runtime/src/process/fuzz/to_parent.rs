//! Fuzz target for the frames that a parent reads from a worker.

use super::function::take_all;
use super::stream::{WITH_FD, each_frame};
use crate::codec;
use crate::fuzz_target::Target;
use crate::process::ContextHooks;
use crate::process::child::{PanicInfo, Refusal, ReplyWriter};
use crate::process::frame::FrameKind;
use crate::process::recv_buffer::AlignedBuf;
use crate::process::session::response::WorkerMessage;
use crate::process::task_ring::TaskRing;
use crate::wire::MessageWriter;

pub(crate) const TO_PARENT: Target = Target {
    name: "frames_to_parent",
    run,
    seeds,
};

fn run(data: &[u8]) {
    let _ = each_frame(data, |frame| {
        match WorkerMessage::read(frame)? {
            WorkerMessage::Hello(_)
            | WorkerMessage::Wake
            | WorkerMessage::Events(_)
            | WorkerMessage::StartFailed(_) => {}
            WorkerMessage::Refused(_, failure) => drop(failure.to_string()),
            WorkerMessage::Ended(ended) => match ended.outcome() {
                Ok(result) => take_all(result),
                Err(failure) => drop(failure.to_string()),
            },
        }
        Ok(())
    });
}

/// Returns frames as a worker sends them.
fn seeds() -> Vec<Vec<u8>> {
    let (mut parent, fd) = TaskRing::create().expect("cannot create a task ring");
    let (socket, from) = std::os::unix::net::UnixStream::pair().expect("cannot create sockets");
    let ring = TaskRing::open(fd).expect("cannot open the task ring");
    let mut reply = ReplyWriter::new(socket.into(), ring, ContextHooks::NONE);
    let mut seeds = Vec::new();
    let mut add = |write: &mut dyn FnMut(&mut ReplyWriter) -> std::io::Result<()>| {
        write(&mut reply).expect("cannot send the reply");
        let mut out = AlignedBuf::default();
        let len = parent.take(&mut out).expect("invalid task ring");
        let mut bytes = out.bytes()[..len].to_vec();
        from.set_nonblocking(true)
            .expect("cannot make the socket nonblocking");
        let _ = std::io::Read::read_to_end(&mut &from, &mut bytes);
        for mode in [15, 4, 15 | WITH_FD] {
            seeds.push([&[mode], &*bytes].concat());
        }
    };
    let mut encoded = Vec::new();
    let report: PanicInfo = ("no".to_owned(), Some("main.rs:1:2".to_owned()), None);
    codec::encode(&Refusal::Panicked(report.clone()), &mut encoded)
        .expect("cannot encode the refusal");
    add(&mut |reply| reply.frame(FrameKind::Hello, 0, &[7; 32]));
    add(&mut |reply| reply.frame(FrameKind::Refused, 3, &encoded));
    add(&mut |reply| reply.frame(FrameKind::Events, 0, b"events"));
    add(&mut |reply| reply.frame(FrameKind::StartFailed, 0, b"no thread"));
    let numbers = [0.5; 9];
    let mut result = MessageWriter::new();
    result.numbers(&numbers);
    result
        .value(&vec![Some(7_u32), None])
        .expect("cannot encode the result");
    let many = vec![None, Some(300_u32)];
    result
        .chosen::<_, Vec<Option<u32>>>(&many)
        .expect("cannot encode the result");
    let mut panicked = MessageWriter::new();
    panicked.value(&report).expect("cannot encode the panic");
    let mut stuck = MessageWriter::new();
    stuck.value("no way").expect("cannot encode the failure");
    let large = vec![7_u8; 2 << 20];
    let mut mapped = MessageWriter::new();
    mapped.numbers(&large);
    add(&mut |reply| reply.task(FrameKind::Returned, 0, 5, &result, None));
    add(&mut |reply| {
        let printed = Some([b"out".to_vec(), b"error".to_vec()]);
        reply.task(FrameKind::Returned, 1, 5, &result, printed)?;
        reply.task(FrameKind::Panicked, 2, 5, &panicked, None)?;
        reply.task(FrameKind::TransportError, 3, 5, &stuck, None)
    });
    add(&mut |reply| reply.task(FrameKind::Returned, 4, 5, &mapped, None));
    seeds
}
