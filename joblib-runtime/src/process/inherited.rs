//! What a process hands to a child that it starts, beside its working directory: who it
//! is, what it may do, where it is, and what it was told. A worker that was started with
//! something else is not what a new one would be.

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

/// Lines of proc_pid_status(5) about the main thread: umask, session, ignored signals,
/// processors and memory. Rights are those of the thread that makes the call.
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

/// Room for what a namespace is called.
const LINK: usize = 64;
type Link = [u8; LINK];

/// Room for what most files in `/proc` say.
const PAGE: usize = 4096;

/// Control groups, and how soon the process is ended where memory runs out.
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

/// A digest of all of it, as it is now. It is asked for before each call that may use a
/// worker again, so what the kernel tells is read with as few system calls as it takes.
pub(super) fn digest() -> u128 {
    let mut all = XxHash3_128::new();
    let mut buffer = Vec::with_capacity(PAGE);
    put_status(&mut all, &mut buffer);
    for file in FILES {
        all.write(read(file, &mut buffer).unwrap_or_default());
    }
    put_file(&mut all, stat(c"/"));
    put_namespaces(&mut all);
    // SAFETY: a descriptor that is closed is only asked for what it refers to.
    let open = |fd| fstat(unsafe { BorrowedFd::borrow_raw(fd) });
    let streams = [1, 2].into_iter().chain(descriptors::inherited());
    streams.for_each(|fd| put_file(&mut all, open(fd)));
    put_limits(&mut all);
    put_environment(&mut all);
    put_scheduling(&mut all);
    all.finish_128()
}

/// Whether the thread of that number is in the namespaces of the main thread. One that was
/// started before the main thread left them is not. Of a main thread that has ended, nothing
/// is known.
pub(super) fn is_beside_main_thread(thread: i32) -> bool {
    let Some(main) = namespaces("self") else {
        return true;
    };
    let own = namespaces(&format!("self/task/{thread}"));
    NAMESPACES.iter().all(|name| {
        let main = namespace(&main, name);
        main.is_none() || own.as_ref().and_then(|own| namespace(own, name)) == main
    })
}

/// The number of this thread.
pub(super) fn this_thread() -> i32 {
    gettid().as_raw_nonzero().get()
}

/// The directory of the namespaces of a thread of this process.
fn namespaces(of: &str) -> Option<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    open(format!("/proc/{of}/ns"), flags, Mode::empty()).ok()
}

/// What tells a namespace from others, as `uts:[4026531838]`.
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
        // Nothing tells who this is, so no worker is known to be the same.
        static UNKNOWN: AtomicU64 = AtomicU64::new(0);
        return all.write(&UNKNOWN.fetch_add(1, Relaxed).to_ne_bytes());
    };
    for line in credentials::lines(status, &STATUS).chain([&rights[..]]) {
        all.write(line);
        all.write(b"\n");
    }
}

/// What the kernel tells of the main thread, and of the rights of this one.
fn status_and_rights(buffer: &mut Vec<u8>) -> Option<(&[u8], Vec<u8>)> {
    let status = read(c"/proc/self/status", buffer)?;
    let rights = match this_thread() == getpid().as_raw_nonzero().get() {
        true => credentials::in_status(status),
        false => credentials::of_thread(this_thread())?,
    };
    Some((status, rights))
}

/// The contents of a file. The kernel says no length of those in `/proc`, and composes a
/// whole one for a reader with room for it.
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
                Limit::Most(most) => (1, most),
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
    // SAFETY: questions about the main thread, with a valid place for the answer.
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

    use super::{is_beside_main_thread, this_thread};

    #[test]
    fn a_thread_that_leaves_a_namespace_is_found_out() {
        std::thread::spawn(|| {
            assert!(is_beside_main_thread(this_thread()));
            // SAFETY: the thread keeps its memory and its descriptors.
            if unsafe { unshare_unsafe(UnshareFlags::NEWUTS) }.is_err() {
                return println!("skipped: this user may not leave a namespace");
            }
            assert!(!is_beside_main_thread(this_thread()));
        })
        .join()
        .unwrap();
    }
}
