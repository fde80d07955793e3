//! What the kernel says about the threads of this process.

use std::fs::{self, File};
use std::io::Read;
use std::time::Duration;

use super::Tid;

/// What a thread is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ThreadState {
    /// It sleeps in a futex: a lock, a condition, a latch. It has used this
    /// much processor time so far.
    Locked(Duration),
    /// It runs, sleeps for a time, or waits for input or output.
    Other,
    /// The kernel does not say.
    Unknown,
}

/// The calling thread.
pub(super) fn current() -> Tid {
    thread_local! {
        static TID: Tid = Tid(rustix::thread::gettid().as_raw_nonzero().get());
    }
    TID.try_with(|tid| *tid)
        .unwrap_or_else(|_| Tid(rustix::thread::gettid().as_raw_nonzero().get()))
}

/// What `tid` is doing.
pub(super) fn doing(tid: Tid) -> ThreadState {
    match (is_locked(&tid.0.to_string()), processor_time(clock_of(tid))) {
        (Some(true), Some(used)) => ThreadState::Locked(used),
        (Some(_), _) => ThreadState::Other,
        (None, _) => ThreadState::Unknown,
    }
}

/// Whether every other thread of this process sleeps in a futex.
pub(super) fn all_locked() -> bool {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else {
        return false;
    };
    let own = current().0.to_string();
    tasks.into_iter().all(|task| {
        task.is_ok_and(|task| {
            let name = task.file_name();
            let name = name.to_string_lossy();
            // A thread that has ended since is none to wait for.
            name == own || is_locked(&name).unwrap_or_else(|| !task.path().exists())
        })
    })
}

/// The processor time this process has used.
pub(super) fn process_time() -> Duration {
    processor_time(libc::CLOCK_PROCESS_CPUTIME_ID).unwrap_or_default()
}

/// The processor time the calling thread has used.
pub(super) fn thread_time() -> Duration {
    processor_time(libc::CLOCK_THREAD_CPUTIME_ID).unwrap_or_default()
}

/// Reads the number of the system call in which the thread sleeps; one that
/// can run has none.
fn is_locked(tid: &str) -> Option<bool> {
    let mut text = [0; 32];
    let mut file = File::open(format!("/proc/self/task/{tid}/syscall")).ok()?;
    let length = file.read(&mut text).ok()?;
    let number = text[..length].split(|&byte| byte == b' ').next()?;
    let number: Option<libc::c_long> = std::str::from_utf8(number).ok()?.trim().parse().ok();
    Some(number.is_some_and(|number| FUTEX.contains(&number)))
}

/// `futex`, and `futex_waitv` and `futex_wait`, whose numbers are the same on
/// every architecture.
const FUTEX: [libc::c_long; 3] = [libc::SYS_futex, 449, 455];

/// The clock of a thread's processor time, as `clock_getcpuclockid(3)` makes
/// it for a process: the complement of the id over three bits that say
/// "thread" and "scheduler time".
fn clock_of(tid: Tid) -> libc::clockid_t {
    (!tid.0 << 3) | 0b110
}

fn processor_time(clock: libc::clockid_t) -> Option<Duration> {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is valid for writing; a clock that does not exist is
    // answered by an error.
    let answer = unsafe { libc::clock_gettime(clock, &raw mut time) };
    (answer == 0).then(|| Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
}
