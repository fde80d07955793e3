//! A worker process, from its start to its end.

mod loaded_function;
mod output;
mod panic;
mod reply;
pub(super) mod request;
mod serve;
mod signals;

use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process;

use rustix::io::fcntl_dupfd_cloexec;
use rustix::process::{Signal, getppid, set_parent_process_death_signal};
use rustix::stdio::{dup2_stdin, stdin};

use super::frame::{self, FrameKind};
use super::handshake::{self, WorkerEnv};
use super::{ContextHooks, descriptors, send_buffer};
use crate::stack_size;

pub(super) use self::loaded_function::{FunctionRequest, Refusal};
pub(super) use self::panic::PanicInfo;
#[cfg(feature = "fuzz")]
pub(super) use self::reply::ReplyWriter;

/// The exit code of a worker that could not start, or whose parent sent an invalid
/// frame.
pub(super) const NO_WORKER: i32 = 125;

/// The exit code of a worker that panicked outside of a task.
const PANICKED: i32 = 101;

/// Runs this process as a worker until it exits.
pub(super) fn run(marker: &'static WorkerEnv, context: &'static ContextHooks) -> ! {
    bind_to_parent(marker);
    // SAFETY: before `main` and at its start none of our threads exists that could read
    // the environment.
    unsafe { std::env::remove_var(handshake::VARIABLE) };
    descriptors::close(&marker.leaked);
    descriptors::occupy_streams();
    signals::install_handlers();
    let Some(socket) = take_socket() else {
        give_up("has no socket to its parent");
    };
    let spare = socket.try_clone();
    let stack = stack_size::of_worker(marker.stack);
    let thread = std::thread::Builder::new()
        .name("joblib-worker".to_owned())
        .stack_size(stack);
    match thread.spawn(move || serve::serve(socket, marker, context)) {
        Ok(thread) => process::exit(thread.join().unwrap_or(PANICKED)),
        Err(error) => {
            let why = format!(
                "a worker process cannot start a thread with a stack of {stack} bytes: {error}"
            );
            if let Ok(spare) = spare {
                send_give_up(spare.as_fd(), &why);
            }
            process::exit(NO_WORKER)
        }
    }
}

/// Sends the parent the reason why this process cannot be a worker.
fn send_give_up(socket: BorrowedFd<'_>, why: &str) {
    let mut message = Vec::new();
    frame::start(&mut message);
    message.extend_from_slice(&frame::record([0, 0, why.len() as u64, 0]));
    message.extend_from_slice(why.as_bytes());
    frame::pad(&mut message);
    frame::finish(&mut message, 0, FrameKind::StartFailed, false);
    // If the parent is gone, nothing can receive the message.
    let _ = send_buffer::send_all(socket, &message, None);
}

/// Prints the reason and ends this process, which was started as a worker.
pub(super) fn give_up(why: &str) -> ! {
    let _ = writeln!(
        std::io::stderr(),
        "joblib: worker process {} {why}; was {} set by hand?",
        process::id(),
        handshake::VARIABLE
    );
    process::exit(NO_WORKER)
}

/// Makes the system kill this process when its parent ends. The parent may have ended
/// before the request, so its process ID is checked afterwards.
fn bind_to_parent(marker: &WorkerEnv) {
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    let parent = getppid().map(|pid| pid.as_raw_nonzero().get() as u32);
    if parent != Some(marker.parent) {
        process::exit(NO_WORKER);
    }
}

/// Takes over the socket, which is standard input at the start, and gives tasks an
/// empty standard input.
fn take_socket() -> Option<OwnedFd> {
    let socket = fcntl_dupfd_cloexec(stdin(), 3).ok()?;
    is_socket(socket.as_fd()).then_some(())?;
    dup2_stdin(empty_input()?).ok()?;
    Some(socket)
}

/// Returns a descriptor that is always at the end of file. It uses a pipe if there is
/// no `/dev/null`, as in a root directory without devices.
fn empty_input() -> Option<OwnedFd> {
    let null = File::open("/dev/null").map(OwnedFd::from);
    let nothing = null.or_else(|_| std::io::pipe().map(|(reader, _)| reader.into()));
    nothing.ok()
}

fn is_socket(fd: BorrowedFd<'_>) -> bool {
    rustix::net::sockopt::socket_type(fd) == Ok(rustix::net::SocketType::STREAM)
}
