//! A worker process, from taking over to its end.

pub(super) mod asked;
mod function;
mod output;
mod panic;
mod reply;
mod serve;

use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};
use std::process;

use rustix::io::fcntl_dupfd_cloexec;
use rustix::process::{Signal, getppid, set_parent_process_death_signal};
use rustix::stdio::{dup2_stdin, stdin};

use super::marker::{self, Marker};
use crate::stack;

pub(super) use self::function::{Call, Refusal};
pub(super) use self::panic::Told;
#[cfg(feature = "fuzz")]
pub(super) use self::reply::Reply;

/// How a worker exits that could not begin, or whose parent sent what is no
/// order.
pub(super) const NO_WORKER: i32 = 125;

/// How a worker exits that panicked outside of any task.
const PANICKED: i32 = 101;

/// Lives and ends as a worker.
pub(super) fn run(marker: &'static Marker) -> ! {
    bind_to_parent(marker);
    // SAFETY: before `main` and at its start there is no other thread of ours
    // that could read the environment.
    unsafe { std::env::remove_var(marker::VARIABLE) };
    marker.leaked.iter().for_each(|&fd| close(fd));
    settle_signals();
    let Some(socket) = take_socket() else {
        give_up("has no socket to its parent");
    };
    let thread = std::thread::Builder::new()
        .name("joblib-worker".to_owned())
        .stack_size(stack::of_worker());
    match thread.spawn(|| serve::serve(socket, marker)) {
        Ok(thread) => process::exit(thread.join().unwrap_or(PANICKED)),
        Err(error) => give_up(&format!("cannot start a thread: {error}")),
    }
}

/// Ends this process, which should have been a worker.
pub(super) fn give_up(why: &str) -> ! {
    let _ = writeln!(
        std::io::stderr(),
        "joblib: worker process {} {why}; is {} set by hand?",
        process::id(),
        marker::VARIABLE
    );
    process::exit(NO_WORKER)
}

/// From here on this process ends when its parent does. The parent may have
/// ended before it asked for that.
fn bind_to_parent(marker: &Marker) {
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    let parent = getppid().map(|pid| pid.as_raw_nonzero().get() as u32);
    if parent != Some(marker.parent) {
        process::exit(NO_WORKER);
    }
}

/// Closes a descriptor that was inherited by mistake.
fn close(fd: i32) {
    if fd > 2 {
        // SAFETY: the parent held it open when this process began, so nothing
        // here has got it from the system since.
        drop(unsafe { OwnedFd::from_raw_fd(fd) });
    }
}

/// Ctrl-C is for the parent to decide, a closed pipe is an error and no end,
/// and children of tasks can be waited for.
fn settle_signals() {
    // SAFETY: sets dispositions that need no handler, and an empty mask of a
    // type for which zeros are a value.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_IGN);
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
        libc::signal(libc::SIGCHLD, libc::SIG_DFL);
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut none);
        libc::pthread_sigmask(libc::SIG_SETMASK, &none, std::ptr::null_mut());
    }
}

/// The socket, which came as standard input; tasks read an empty one.
fn take_socket() -> Option<OwnedFd> {
    let socket = fcntl_dupfd_cloexec(stdin(), 3).ok()?;
    is_socket(socket.as_fd()).then_some(())?;
    dup2_stdin(File::open("/dev/null").ok()?).ok()?;
    Some(socket)
}

fn is_socket(fd: BorrowedFd<'_>) -> bool {
    rustix::net::sockopt::socket_type(fd) == Ok(rustix::net::SocketType::STREAM)
}
