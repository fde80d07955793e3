//! Gives the thread that starts workers the processors and the priorities of the main thread:
//! a child inherits them from the thread that starts it, which inherited them from whatever
//! thread made the first call.

use rustix::process::{getpid, getpriority_process, setpriority_process};
use rustix::thread::{sched_getaffinity, sched_setaffinity};

/// Sets this thread's as the main thread's are. What the system refuses stays as it is: only
/// a program with a right to it may raise a priority again.
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
    // SAFETY: questions about the main thread, and a setting of this one, with a valid place
    // for the parameters.
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
