//! The kernel's view of the threads of this process.

use std::fs::{self, File};
use std::io::Read;
use std::time::Duration;

use super::Tid;
use crate::sched::rayon_pool;

/// The state of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ThreadState {
    /// It sleeps in a futex: a lock, a condition variable or a latch. The field is the
    /// processor time that it has used so far.
    InFutex(Duration),
    /// It runs, sleeps for a fixed time, or waits for input or output.
    Other,
    /// The kernel does not report it.
    Unknown,
}

/// Returns the id of the calling thread.
pub(super) fn current() -> Tid {
    thread_local! {
        static TID: Tid = Tid(rustix::thread::gettid().as_raw_nonzero().get());
    }
    TID.try_with(|tid| *tid)
        .unwrap_or_else(|_| Tid(rustix::thread::gettid().as_raw_nonzero().get()))
}

/// Returns the state of `tid`.
pub(super) fn state_of(tid: Tid) -> ThreadState {
    // A thread of rayon that waits for a call wakes up from time to time.
    if let Some(used) = rayon_pool::waits_since(tid.0) {
        return ThreadState::InFutex(used);
    }
    match (
        is_in_futex(&tid.0.to_string()),
        processor_time(clock_of(tid)),
    ) {
        (Some(true), Some(used)) => ThreadState::InFutex(used),
        (Some(_), _) => ThreadState::Other,
        (None, _) => ThreadState::Unknown,
    }
}

/// Returns whether every other thread of this process sleeps in a futex.
pub(super) fn all_in_futex() -> bool {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else {
        return false;
    };
    let own = current().0.to_string();
    tasks.into_iter().all(|task| {
        task.is_ok_and(|task| {
            let name = task.file_name();
            let name = name.to_string_lossy();
            // A thread that has ended in the meantime does not count.
            name == own || is_in_futex(&name).unwrap_or_else(|| !task.path().exists())
        })
    })
}

/// Returns the processor time that this process has used, except to wait for calls in
/// threads of rayon.
pub(super) fn process_time() -> Duration {
    let waited = rayon_pool::waited_time(|tid| processor_time(clock_of(Tid(tid))));
    let used = processor_time(libc::CLOCK_PROCESS_CPUTIME_ID).unwrap_or_default();
    used.saturating_sub(waited)
}

/// Returns the processor time that the calling thread has used.
pub(super) fn thread_time() -> Duration {
    processor_time(libc::CLOCK_THREAD_CPUTIME_ID).unwrap_or_default()
}

/// Returns whether the thread sleeps in a futex system call. A running thread is in no
/// system call.
fn is_in_futex(tid: &str) -> Option<bool> {
    let mut text = [0; 32];
    let mut file = File::open(format!("/proc/self/task/{tid}/syscall")).ok()?;
    let length = file.read(&mut text).ok()?;
    let number = text[..length].split(|&byte| byte == b' ').next()?;
    let number: Option<libc::c_long> = std::str::from_utf8(number).ok()?.trim().parse().ok();
    Some(number.is_some_and(|number| FUTEX.contains(&number)))
}

/// The numbers of `futex`, and of `futex_waitv` and `futex_wait`, which are the same on
/// every architecture.
const FUTEX: [libc::c_long; 3] = [libc::SYS_futex, 449, 455];

/// Returns the clock of a thread's processor time, encoded as by
/// `clock_getcpuclockid(3)`: the complement of the id, above three bits that mean
/// "thread" and "scheduler time".
fn clock_of(tid: Tid) -> libc::clockid_t {
    (!tid.0 << 3) | 0b110
}

fn processor_time(clock: libc::clockid_t) -> Option<Duration> {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is valid for writes. A clock that does not exist results in an
    // error.
    let result = unsafe { libc::clock_gettime(clock, &raw mut time) };
    (result == 0).then(|| Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
}
