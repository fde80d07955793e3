//! The state of a process, other than its working directory, that a child inherits:
//! credentials, resource limits, namespaces, environment. A worker that inherited a
//! different state cannot be reused.

use std::ffi::CStr;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rustix::buffer::spare_capacity;
use rustix::fs::{Mode, OFlags, Stat, fstat, open, readlinkat_raw, stat};
use rustix::io::Errno;
use rustix::process::{getpid, getpriority_process};
use rustix::thread::gettid;
use twox_hash::XxHash3_128;

use super::descriptors;
use crate::credentials;
use crate::resource_limit::{Limit, limits};

/// Lines of proc_pid_status(5) about the main thread: umask, process group, session,
/// ignored signals, CPUs and memory nodes. The credentials are those of the calling
/// thread.
const STATUS: [&str; 6] = [
    "Umask",
    "NSpgid",
    "NSsid",
    "SigIgn",
    "Cpus_allowed",
    "Mems_allowed",
];

/// The namespaces of a thread.
const NAMESPACES: [&CStr; 8] = [
    c"mnt",
    c"net",
    c"ipc",
    c"uts",
    c"user",
    c"cgroup",
    c"pid_for_children",
    c"time_for_children",
];

/// Buffer size for the name of a namespace.
const LINK: usize = 64;
type Link = [u8; LINK];

/// Buffer size that suffices for most files in `/proc`.
const PAGE: usize = 4096;

/// The control groups, and the adjustment of the out-of-memory killer.
const FILES: [&CStr; 2] = [c"/proc/self/cgroup", c"/proc/self/oom_score_adj"];

const LIMITS: [libc::__rlimit_resource_t; 16] = [
    libc::RLIMIT_CPU,
    libc::RLIMIT_FSIZE,
    libc::RLIMIT_DATA,
    libc::RLIMIT_STACK,
    libc::RLIMIT_CORE,
    libc::RLIMIT_RSS,
    libc::RLIMIT_NPROC,
    libc::RLIMIT_NOFILE,
    libc::RLIMIT_MEMLOCK,
    libc::RLIMIT_AS,
    libc::RLIMIT_LOCKS,
    libc::RLIMIT_SIGPENDING,
    libc::RLIMIT_MSGQUEUE,
    libc::RLIMIT_NICE,
    libc::RLIMIT_RTPRIO,
    libc::RLIMIT_RTTIME,
];

/// Returns a digest of the current inherited state. It is computed before each call
/// that may reuse a worker, so it uses as few system calls as possible.
pub(super) fn digest() -> u128 {
    let mut all = XxHash3_128::new();
    let mut buffer = Vec::with_capacity(PAGE);
    put_status(&mut all, &mut buffer);
    for file in FILES {
        all.write(read(file, &mut buffer).unwrap_or_default());
    }
    put_file(&mut all, stat(c"/"));
    put_namespaces(&mut all);
    // SAFETY: the descriptor is used only to query its file, which fails if it is
    // closed.
    let open = |fd| fstat(unsafe { BorrowedFd::borrow_raw(fd) });
    let streams = [1, 2].into_iter().chain(descriptors::inherited());
    streams.for_each(|fd| put_file(&mut all, open(fd)));
    put_limits(&mut all);
    put_environment(&mut all);
    put_scheduling(&mut all);
    all.finish_128()
}

/// Whether the thread with this ID is in the namespaces of the main thread. A thread
/// that was started before the main thread changed its namespaces is not. Returns true
/// if the main thread has ended, since its namespaces are unknown.
pub(super) fn shares_main_namespaces(thread: i32) -> bool {
    let Some(main) = namespaces("self") else {
        return true;
    };
    let own = namespaces(&format!("self/task/{thread}"));
    NAMESPACES.iter().all(|name| {
        let main = namespace(&main, name);
        main.is_none() || own.as_ref().and_then(|own| namespace(own, name)) == main
    })
}

/// Returns the ID of this thread.
pub(super) fn this_thread() -> i32 {
    gettid().as_raw_nonzero().get()
}

/// Opens the directory of the namespaces of a thread of this process.
fn namespaces(of: &str) -> Option<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    open(format!("/proc/{of}/ns"), flags, Mode::empty()).ok()
}

/// Returns the identity of a namespace, such as `uts:[4026531838]`.
fn namespace(directory: &OwnedFd, name: &CStr) -> Option<Link> {
    let mut link = [0; LINK];
    readlinkat_raw(directory, name, &mut link[..]).ok()?;
    Some(link)
}

fn put_namespaces(all: &mut XxHash3_128) {
    let directory = namespaces("self");
    for name in NAMESPACES {
        let link = directory.as_ref().and_then(|all| namespace(all, name));
        all.write(&link.unwrap_or([0; LINK]));
    }
}

fn put_status(all: &mut XxHash3_128, buffer: &mut Vec<u8>) {
    let Some((status, rights)) = status_and_rights(buffer) else {
        // The credentials are unknown, so a unique value ensures that no worker is
        // reused.
        static UNKNOWN: AtomicU64 = AtomicU64::new(0);
        return all.write(&UNKNOWN.fetch_add(1, Relaxed).to_ne_bytes());
    };
    for line in credentials::status_lines(status, &STATUS).chain([&rights[..]]) {
        all.write(line);
        all.write(b"\n");
    }
}

/// Returns the status of the main thread and the credentials of this thread.
fn status_and_rights(buffer: &mut Vec<u8>) -> Option<(&[u8], Vec<u8>)> {
    let status = read(c"/proc/self/status", buffer)?;
    let rights = match this_thread() == getpid().as_raw_nonzero().get() {
        true => credentials::credential_lines(status),
        false => credentials::read_credential_lines(this_thread())?,
    };
    Some((status, rights))
}

/// Reads a file. The kernel reports no length for files in `/proc`, and formats the
/// whole file at once if the buffer is large enough.
fn read<'b>(path: &CStr, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]> {
    let file = open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    buffer.clear();
    loop {
        buffer.reserve(PAGE / 2);
        match rustix::io::read(&file, spare_capacity(buffer)) {
            Ok(0) => return Some(buffer),
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return None,
        }
    }
}

fn put_file(all: &mut XxHash3_128, file: rustix::io::Result<Stat>) {
    let numbers = file.map_or([0, 0], |file| [file.st_dev, file.st_ino]);
    numbers
        .iter()
        .for_each(|number| all.write(&number.to_ne_bytes()));
}

fn put_limits(all: &mut XxHash3_128) {
    for resource in LIMITS {
        for limit in limits(resource) {
            let (is_known, most) = match limit {
                Limit::AtMost(most) => (1, most),
                Limit::Unlimited => (1, u64::MAX),
                Limit::Unknown => (0, 0),
            };
            all.write(&[is_known]);
            all.write(&most.to_ne_bytes());
        }
    }
}

fn put_environment(all: &mut XxHash3_128) {
    for (name, value) in std::env::vars_os() {
        all.write(name.as_bytes());
        all.write(b"=");
        all.write(value.as_bytes());
        all.write(b"\0");
    }
}

fn put_scheduling(all: &mut XxHash3_128) {
    let nice = getpriority_process(Some(getpid())).unwrap_or_default();
    all.write(&nice.to_ne_bytes());
    let mut parameters = libc::sched_param { sched_priority: 0 };
    // SAFETY: these calls query the main thread, and the pointer is valid for writes.
    let (policy, input_output) = unsafe {
        let main = libc::getpid();
        libc::sched_getparam(main, &raw mut parameters);
        (
            libc::sched_getscheduler(main),
            libc::syscall(libc::SYS_ioprio_get, 1, main),
        )
    };
    all.write(&policy.to_ne_bytes());
    all.write(&parameters.sched_priority.to_ne_bytes());
    all.write(&input_output.to_ne_bytes());
}

#[cfg(test)]
mod tests {
    use rustix::thread::{UnshareFlags, unshare_unsafe};

    use super::{shares_main_namespaces, this_thread};

    #[test]
    fn a_thread_that_leaves_a_namespace_is_found_out() {
        std::thread::spawn(|| {
            assert!(shares_main_namespaces(this_thread()));
            // SAFETY: the thread keeps its memory and its descriptors.
            if unsafe { unshare_unsafe(UnshareFlags::NEWUTS) }.is_err() {
                return println!("skipped: this user may not leave a namespace");
            }
            assert!(!shares_main_namespaces(this_thread()));
        })
        .join()
        .unwrap();
    }
}
