//! What a worker does with signals: those that a group of processes is sent are for the
//! parent to decide, and programs that tasks start have them as if the parent had started
//! them.

use std::ffi::{c_int, c_void};
use std::ptr::{null, null_mut};

use libc::siginfo_t;

/// Ctrl-C, a terminal that hangs up, a batch system that asks for the end. A closed pipe is
/// an error and no end.
const FOR_THE_PARENT: [c_int; 7] = [
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGHUP,
    libc::SIGTERM,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGPIPE,
];

/// Those that batch systems and administrators send as well, and that a process gets of its
/// own timers and limits too, as are the real-time signals.
const OF_EITHER: [c_int; 7] = [
    libc::SIGALRM,
    libc::SIGVTALRM,
    libc::SIGPROF,
    libc::SIGXCPU,
    libc::SIGIO,
    libc::SIGPWR,
    libc::SIGSTKFLT,
];

/// Passes over the signals that are for the parent. They are caught and not ignored, since
/// programs that tasks start would ignore them too; those that the parent ignores stay
/// ignored, as `nohup` has it. Children of tasks can be waited for.
pub(super) fn settle() {
    for signal in FOR_THE_PARENT {
        if before(signal) != libc::SIG_IGN {
            handle(signal, pass_over);
        }
    }
    let real_time = libc::SIGRTMIN()..=libc::SIGRTMAX();
    for signal in OF_EITHER.into_iter().chain(real_time) {
        // A profiler may have begun before `main` does.
        if before(signal) == libc::SIG_DFL {
            handle(signal, pass_over_what_is_sent);
        }
    }
    // SAFETY: zeros are a value of the set, which is then made an empty one.
    unsafe {
        libc::signal(libc::SIGCHLD, libc::SIG_DFL);
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut none);
        libc::pthread_sigmask(libc::SIG_SETMASK, &none, null_mut());
    }
}

/// What is done with the signal so far.
fn before(signal: c_int) -> libc::sighandler_t {
    // SAFETY: zeros are a value of the type, and the place is valid.
    unsafe {
        let mut before: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, null(), &raw mut before);
        before.sa_sigaction
    }
}

type Handler = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

fn handle(signal: c_int, handler: Handler) {
    // SAFETY: zeros are a value of the type, the place is valid, and both handlers do only
    // what a signal handler may.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as usize;
        action.sa_flags = libc::SA_RESTART | libc::SA_SIGINFO;
        libc::sigaction(signal, &raw const action, null_mut());
    }
}

extern "C" fn pass_over(_: c_int, _: *mut siginfo_t, _: *mut c_void) {}

/// What no process sent, such as the end of a time limit, does what it does in every
/// program: mostly it ends this one.
extern "C" fn pass_over_what_is_sent(signal: c_int, info: *mut siginfo_t, _: *mut c_void) {
    // SAFETY: the system says what the signal is of.
    let code = unsafe { (*info).si_code };
    if matches!(code, libc::SI_USER | libc::SI_QUEUE) {
        return;
    }
    // SAFETY: a signal handler may do both. The signal is blocked until this returns, and
    // comes then.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}
