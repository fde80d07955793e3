//! Gives the thread that starts workers the CPU affinity and the priorities of the main
//! thread. A child inherits them from the thread that starts it, and that thread
//! inherited its own from the thread that made the first call.

use rustix::process::{getpid, getpriority_process, setpriority_process};
use rustix::thread::{sched_getaffinity, sched_setaffinity};

/// Copies the affinity and priorities of the main thread to this thread. What the
/// system rejects stays unchanged: only a privileged program may raise a priority
/// again.
pub(super) fn follow_main_thread() {
    let main = getpid();
    if let Ok(processors) = sched_getaffinity(Some(main)) {
        let _ = sched_setaffinity(None, &processors);
    }
    if let Ok(nice) = getpriority_process(Some(main)) {
        let _ = setpriority_process(None, nice);
    }
    follow_policy(main.as_raw_nonzero().get());
}

fn follow_policy(main: i32) {
    let mut parameters = libc::sched_param { sched_priority: 0 };
    // SAFETY: these calls query the main thread and configure this one; the pointer is
    // valid for reads and writes.
    unsafe {
        let policy = libc::sched_getscheduler(main);
        if policy >= 0
            && policy != libc::sched_getscheduler(0)
            && libc::sched_getparam(main, &raw mut parameters) == 0
        {
            libc::sched_setscheduler(0, policy, &raw const parameters);
        }
        let input_output = libc::syscall(libc::SYS_ioprio_get, 1, main);
        if input_output >= 0 && input_output != libc::syscall(libc::SYS_ioprio_get, 1, 0) {
            libc::syscall(libc::SYS_ioprio_set, 1, 0, input_output);
        }
    }
}
