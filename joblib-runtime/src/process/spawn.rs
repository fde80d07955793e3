//! Starts workers from threads that live as long as the process: the system kills a
//! worker when the thread that started it ends, and the worker inherits the credentials
//! of that thread. The same threads end workers that were idle for a while.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use super::child_process::ChildProcess;
use super::handshake::{self, WorkerEnv};
use super::inherited::{shares_main_namespaces, this_thread};
use super::worker::WorkerSetup;
use super::{binary_id, descriptors, oom, pool, scheduling, worker_entry};
use crate::credentials;
use crate::fork::PerProcess;
use crate::proc::EXECUTABLE;
use crate::task::registry_digest;
use crate::unpoisoned::lock;

/// How often idle workers are checked.
const IDLE_CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// Maximum nesting depth of workers.
const MAX_DEPTH: u32 = 3;

/// Environment variables that limit the threads of a library.
const THREADS: [&str; 7] = [
    "RAYON_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "BLIS_NUM_THREADS",
];

struct SpawnRequest {
    command: Command,
    answer: SyncSender<io::Result<ChildProcess>>,
}

/// Starts a worker whose standard input is `socket`.
pub(super) fn start(socket: OwnedFd, setup: WorkerSetup) -> io::Result<ChildProcess> {
    let (answer, started) = sync_channel(1);
    let command = command(socket, setup)?;
    send(SpawnRequest { command, answer })?;
    started.recv().map_err(io::Error::other)?
}

/// Builds the command of a worker. Thread limits that are set in the environment of the
/// parent take precedence over `setup`.
fn command(socket: OwnedFd, setup: WorkerSetup) -> io::Result<Command> {
    let depth = worker_entry::worker().map_or(0, |marker| marker.depth) + 1;
    if depth > MAX_DEPTH {
        let message = format!("workers cannot be nested more than {MAX_DEPTH} levels deep");
        return Err(io::Error::other(message));
    }
    if let Some(why) = worker_entry::startup_obstacle() {
        return Err(io::Error::other(why));
    }
    let marker = WorkerEnv {
        parent: std::process::id(),
        depth,
        build: binary_id::id(),
        registry: registry_digest(),
        stack: setup.stack,
        leaked: descriptors::leaked(),
    };
    let mut command = Command::new(EXECUTABLE);
    if let Some(name) = std::env::args_os().next() {
        command.arg0(name);
    }
    let unset = THREADS
        .into_iter()
        .filter(|name| std::env::var_os(name).is_none());
    let count = OsString::from(setup.threads.max(1).to_string());
    command
        .envs(unset.map(|name| (name, count.clone())))
        .env(handshake::VARIABLE, marker.to_string())
        .stdin(Stdio::from(socket));
    Ok(command)
}

/// A thread that starts workers, which inherit its credentials.
struct Spawner {
    thread: i32,
    requests: Sender<SpawnRequest>,
}

/// The spawner threads. One suffices unless credentials change. A spawner never ends,
/// since its workers would end with it. It is per process: a fork has none of these
/// threads.
static SPAWNERS: PerProcess<Mutex<Vec<Spawner>>> = PerProcess::new(|| Mutex::new(Vec::new()));

fn send(request: SpawnRequest) -> io::Result<()> {
    let mut spawners = lock(SPAWNERS.get());
    let rights = credentials::read_credential_lines(this_thread());
    let matches = |spawner: &Spawner| {
        credentials::read_credential_lines(spawner.thread) == rights
            && shares_main_namespaces(spawner.thread)
    };
    let place = match spawners.iter().rposition(matches) {
        Some(place) => place,
        None => {
            spawners.push(start_spawner()?);
            spawners.len() - 1
        }
    };
    let sent = spawners[place].requests.send(request);
    sent.map_err(|_| io::Error::other("the thread that starts workers ended"))
}

/// Starts a spawner with the credentials of this thread.
fn start_spawner() -> io::Result<Spawner> {
    if !shares_main_namespaces(this_thread()) {
        return Err(io::Error::other(OTHER_NAMESPACES));
    }
    let (sender, requests) = channel();
    let (answer, started) = sync_channel(1);
    std::thread::Builder::new()
        .name("joblib-spawn".to_owned())
        .spawn(move || {
            let _ = answer.send(this_thread());
            serve(&requests);
        })
        .map_err(|error| with_context("starting the thread that starts workers", error))?;
    Ok(Spawner {
        thread: started.recv().map_err(io::Error::other)?,
        requests: sender,
    })
}

const OTHER_NAMESPACES: &str = "the main thread entered other namespaces, but the thread of this call \
    did not; make the call from the main thread, or have this thread enter \
    them first";

fn serve(requests: &Receiver<SpawnRequest>) {
    loop {
        match requests.recv_timeout(IDLE_CHECK_INTERVAL) {
            Ok(request) => {
                let process = spawn(request.command);
                let _ = request.answer.send(process);
            }
            Err(RecvTimeoutError::Timeout) => pool::end_idle(pool::IDLE_LIMIT),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn spawn(mut command: Command) -> io::Result<ChildProcess> {
    // The main thread may have entered other namespaces since the check by the caller.
    if !shares_main_namespaces(this_thread()) {
        return Err(io::Error::other(OTHER_NAMESPACES));
    }
    oom::note();
    scheduling::follow_main_thread();
    let started = command.spawn();
    // The command owns the descriptors that were passed to the child; close them here.
    drop(command);
    let mut child = started.map_err(|error| {
        let binary = binary_id::path();
        with_context(&format!("running {} ({binary}) again", EXECUTABLE), error)
    })?;
    ChildProcess::new(child.id()).map_err(|error| {
        // No other code would kill the child or wait for it.
        let _ = child.kill();
        let _ = child.wait();
        with_context("watching the new process", error)
    })
}

fn with_context(what: &str, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what} failed: {error}"))
}
