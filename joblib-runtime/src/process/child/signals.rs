//! The signal handling of a worker. Signals that are sent to a process group are left
//! to the parent, and programs that tasks start get the same signal handling as if the
//! parent had started them.

use std::ffi::{c_int, c_void};
use std::ptr::{null, null_mut};

use libc::siginfo_t;

/// Ctrl-C, a terminal that hangs up, a batch system that requests the end. A write to a
/// closed pipe is to return an error and not to end the process.
const FOR_THE_PARENT: [c_int; 7] = [
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGHUP,
    libc::SIGTERM,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGPIPE,
];

/// Signals that batch systems and administrators send, but that a process also gets
/// from its own timers and limits. The real-time signals are of this kind too.
const OF_EITHER: [c_int; 7] = [
    libc::SIGALRM,
    libc::SIGVTALRM,
    libc::SIGPROF,
    libc::SIGXCPU,
    libc::SIGIO,
    libc::SIGPWR,
    libc::SIGSTKFLT,
];

/// Makes this process ignore the signals that are for the parent. They are caught by an
/// empty handler, because programs that tasks start would inherit `SIG_IGN`. Signals
/// that the parent ignores stay ignored, as `nohup` requires. `SIGCHLD` is reset so
/// that children of tasks can be waited for.
pub(super) fn install_handlers() {
    for signal in FOR_THE_PARENT {
        if disposition(signal) != libc::SIG_IGN {
            handle(signal, ignore_signal);
        }
    }
    let real_time = libc::SIGRTMIN()..=libc::SIGRTMAX();
    for signal in OF_EITHER.into_iter().chain(real_time) {
        // A profiler may have installed its handler before `main`.
        if disposition(signal) == libc::SIG_DFL {
            handle(signal, ignore_if_sent);
        }
    }
    // SAFETY: all zeros is a valid value of the set, which is then initialized as
    // empty.
    unsafe {
        libc::signal(libc::SIGCHLD, libc::SIG_DFL);
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut none);
        libc::pthread_sigmask(libc::SIG_SETMASK, &none, null_mut());
    }
}

/// Returns the current disposition of the signal.
fn disposition(signal: c_int) -> libc::sighandler_t {
    // SAFETY: all zeros is a valid value of the type, and the pointer is valid for
    // writes.
    unsafe {
        let mut before: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, null(), &raw mut before);
        before.sa_sigaction
    }
}

type Handler = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

fn handle(signal: c_int, handler: Handler) {
    // SAFETY: all zeros is a valid value of the type, the pointer is valid for reads,
    // and both handlers do only what a signal handler may do.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as usize;
        action.sa_flags = libc::SA_RESTART | libc::SA_SIGINFO;
        libc::sigaction(signal, &raw const action, null_mut());
    }
}

extern "C" fn ignore_signal(_: c_int, _: *mut siginfo_t, _: *mut c_void) {}

/// Ignores a signal that a process sent. A signal from another source, such as the end
/// of a time limit, gets its default action, which mostly ends this process.
extern "C" fn ignore_if_sent(signal: c_int, info: *mut siginfo_t, _: *mut c_void) {
    // SAFETY: the system passes a valid pointer to the description of the signal.
    let code = unsafe { (*info).si_code };
    if matches!(code, libc::SI_USER | libc::SI_QUEUE) {
        return;
    }
    // SAFETY: a signal handler may call both functions. The signal is blocked until
    // this handler returns and is delivered then.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}
