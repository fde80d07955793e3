//! Starts workers, from a thread that lives as long as the process: the
//! system ends a worker when the thread that started it ends. The same thread
//! ends workers that nobody used for a while.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use rustix::io::{FdFlags, fcntl_getfd};

use super::death::Process;
use super::marker::{self, Marker};
use super::{build, memory, pool, takeover};
use crate::stack;
use crate::task::registry_digest;

/// Idle workers are looked at so often.
const LOOK: Duration = Duration::from_secs(5);

/// Workers of workers of workers have none.
const MAX_DEPTH: u32 = 3;

/// What says how many threads a library may use.
const THREADS: [&str; 7] = [
    "RAYON_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "BLIS_NUM_THREADS",
];

struct Request {
    command: Command,
    answer: SyncSender<io::Result<Process>>,
}

/// Starts a worker whose standard input is `socket`, whose libraries use
/// `threads` threads and whose tasks have a `stack` of that many bytes.
pub(super) fn start(socket: OwnedFd, threads: usize, stack: Option<usize>) -> io::Result<Process> {
    let (answer, started) = sync_channel(1);
    let mut command = command(socket, threads)?;
    command.envs(stack.map(|bytes| (stack::VARIABLE, bytes.to_string())));
    send(Request { command, answer })?;
    started.recv().map_err(io::Error::other)?
}

/// The environment variables a worker gets: those that the parent did not set.
fn command(socket: OwnedFd, threads: usize) -> io::Result<Command> {
    let depth = takeover::worker().map_or(0, |marker| marker.depth) + 1;
    if depth > MAX_DEPTH {
        let message = format!("workers are nested {MAX_DEPTH} deep already");
        return Err(io::Error::other(message));
    }
    if takeover::is_lost() {
        let message = "this process was started as a worker and never became one; \
            put `#[joblib::main]` on `main`, or call `joblib::init()` first in it";
        return Err(io::Error::other(message));
    }
    let marker = Marker {
        parent: std::process::id(),
        depth,
        build: build::id(),
        registry: registry_digest(),
        leaked: leaked(),
    };
    let mut command = Command::new(build::BINARY);
    if let Some(name) = std::env::args_os().next() {
        command.arg0(name);
    }
    let unset = THREADS
        .into_iter()
        .filter(|name| std::env::var_os(name).is_none());
    let count = OsString::from(threads.max(1).to_string());
    command
        .envs(unset.map(|name| (name, count.clone())))
        .env(marker::VARIABLE, marker.to_string())
        .stdin(Stdio::from(socket));
    Ok(command)
}

/// Descriptors that a child would inherit though nobody means it to. A worker
/// closes them; those that open meanwhile are its own.
fn leaked() -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc/self/fd") else {
        return Vec::new();
    };
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    numbers
        .filter(|&fd: &i32| fd > 2 && is_inherited(fd))
        .collect()
}

fn is_inherited(fd: i32) -> bool {
    // SAFETY: the descriptor is only asked for its flags; if it was closed
    // meanwhile, that fails.
    let fd = unsafe { BorrowedFd::borrow_raw(fd) };
    fcntl_getfd(fd).is_ok_and(|flags| !flags.contains(FdFlags::CLOEXEC))
}

/// The thread's queue, and the process that it was started in: a fork has no
/// such thread.
static QUEUE: Mutex<Option<(u32, Sender<Request>)>> = Mutex::new(None);

fn send(request: Request) -> io::Result<()> {
    let mut queue = QUEUE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let here = std::process::id();
    let queue = match &mut *queue {
        Some((pid, queue)) if *pid == here => queue,
        none => {
            let (sender, requests) = channel();
            std::thread::Builder::new()
                .name("joblib-spawn".to_owned())
                .spawn(move || serve(&requests))?;
            &mut none.insert((here, sender)).1
        }
    };
    queue
        .send(request)
        .map_err(|_| io::Error::other("the thread that starts workers ended"))
}

fn serve(requests: &Receiver<Request>) {
    loop {
        match requests.recv_timeout(LOOK) {
            Ok(mut request) => {
                memory::note();
                let started = request.command.spawn();
                // What was passed to the child is closed here.
                drop(request.command);
                let process = started.and_then(|child| Process::new(child.id()));
                let _ = request.answer.send(process);
            }
            Err(RecvTimeoutError::Timeout) => pool::end_idle(pool::KEPT),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
