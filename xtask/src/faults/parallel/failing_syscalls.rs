//! Refuses system calls, one at a time, to a program and its workers. The program's
//! calls must return the right results or report the reason of the failure.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use joblib::backend::Processes;
use joblib::parallel;
use libc::{ENOSYS, EPERM, SIGABRT};

use super::super::filter;
use super::{Load, program};
use crate::shell::Result;

/// An upper bound of the numbers of system calls.
const NUMBERS: libc::c_long = 480;

/// System calls that no program can do without: to start, wait for a lock, allocate,
/// write output or end. `brk` is one of them because it returns no error; glibc would
/// take the error number for the new end of the heap.
const NEEDED: [libc::c_long; 10] = [
    libc::SYS_brk,
    libc::SYS_execve,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigreturn,
    libc::SYS_write,
];

/// The system calls that a call on processes makes in addition to those of any program.
const OWN: [libc::c_long; 16] = [
    libc::SYS_clone3,
    libc::SYS_eventfd2,
    libc::SYS_getpriority,
    libc::SYS_memfd_create,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_send_signal,
    libc::SYS_ppoll,
    libc::SYS_prctl,
    libc::SYS_prlimit64,
    libc::SYS_recvmsg,
    libc::SYS_rt_sigprocmask,
    libc::SYS_sched_getaffinity,
    libc::SYS_sendmsg,
    libc::SYS_setpgid,
    libc::SYS_socketpair,
    libc::SYS_waitid,
];

const TASKS: u64 = 24;

/// The time limit of a program.
const LIMIT: Duration = Duration::from_secs(20);

#[parallel]
fn square(x: u64) -> u64 {
    x * x
}

/// Makes calls on processes while a system call is refused. `args` are the number of
/// that call and the number of the error.
pub(crate) fn live(args: &[&str]) -> Result {
    let &[number, errno] = args else {
        return Err(format!("expected two numbers, found {args:?}").into());
    };
    filter::refuse(number.parse()?, errno.parse()?)?;
    let expected: Vec<u64> = (0..TASKS).map(square).collect();
    for _ in 0..2 {
        let call = square::par(0..TASKS).backend(Processes).n_jobs(2);
        let squares: Vec<u64> = call.try_collect()?;
        let is_right = squares == expected;
        println!("{}", if is_right { "right" } else { "wrong" });
    }
    Ok(())
}

pub(super) fn run(load: Load) -> Result<String> {
    let (mut right, mut reported) = (0, 0);
    let numbers: Vec<libc::c_long> = match load.refuses_all {
        true => (0..NUMBERS).filter(|it| !NEEDED.contains(it)).collect(),
        false => OWN.to_vec(),
    };
    for number in numbers {
        for errno in [EPERM, ENOSYS] {
            let once = once(number, errno);
            match once.map_err(|error| format!("{number} with error {errno}: {error}"))? {
                true => right += 1,
                false => reported += 1,
            }
        }
    }
    Ok(format!(
        "{} times a system call was refused: {right} calls were right, {reported} reported why \
         they failed",
        right + reported
    ))
}

/// Runs one program. Returns true if its calls succeeded, and false if they reported
/// the failure.
fn once(number: libc::c_long, errno: i32) -> Result<bool> {
    let args = ["refused", &number.to_string(), &errno.to_string()];
    let ended = program::run(&args, LIMIT)?;
    let is_right = ended.status.success() && ended.output.matches("right\n").count() == 2;
    let is_reported = !ended.output.is_empty() && !ended.output.contains("wrong");
    // The standard library aborts where it cannot continue.
    let has_ended = matches!(ended.status.signal(), None | Some(SIGABRT));
    match is_right || is_reported && has_ended && !ended.status.success() {
        true => Ok(is_right),
        false => Err(format!("{}, and it wrote {:?}", ended.status, ended.output).into()),
    }
}
