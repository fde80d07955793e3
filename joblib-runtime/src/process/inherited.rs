//! What a process hands to a child that it starts, beside its working directory: who it
//! is, what it may do, where it is, and what it was told. A worker that was started with
//! something else is not what a new one would be.

use std::fs;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{Stat, fstat, stat};
use rustix::process::{Resource, getpid, getpriority_process, getrlimit};
use twox_hash::XxHash3_128;

use super::descriptors;

/// Lines of proc_pid_status(5) about the main thread: user and groups, rights, umask,
/// ignored signals, processors and memory.
const STATUS: [&str; 15] = [
    "Umask",
    "Uid",
    "Gid",
    "Groups",
    "SigIgn",
    "CapInh",
    "CapPrm",
    "CapEff",
    "CapBnd",
    "CapAmb",
    "NoNewPrivs",
    "Seccomp",
    "Seccomp_filters",
    "Cpus_allowed",
    "Mems_allowed",
];

/// The root directory and the namespaces.
const PLACES: [&str; 7] = [
    "/",
    "/proc/self/ns/mnt",
    "/proc/self/ns/net",
    "/proc/self/ns/ipc",
    "/proc/self/ns/uts",
    "/proc/self/ns/user",
    "/proc/self/ns/pid_for_children",
];

const LIMITS: [Resource; 16] = [
    Resource::Cpu,
    Resource::Fsize,
    Resource::Data,
    Resource::Stack,
    Resource::Core,
    Resource::Rss,
    Resource::Nproc,
    Resource::Nofile,
    Resource::Memlock,
    Resource::As,
    Resource::Locks,
    Resource::Sigpending,
    Resource::Msgqueue,
    Resource::Nice,
    Resource::Rtprio,
    Resource::Rttime,
];

/// A digest of all of it, as it is now.
pub(super) fn digest() -> u128 {
    let mut all = XxHash3_128::new();
    put_status(&mut all);
    PLACES
        .iter()
        .for_each(|place| put_file(&mut all, stat(*place)));
    // SAFETY: a descriptor that is closed is only asked for what it refers to.
    let open = |fd| fstat(unsafe { BorrowedFd::borrow_raw(fd) });
    let streams = [1, 2].into_iter().chain(descriptors::of_start());
    streams.for_each(|fd| put_file(&mut all, open(fd)));
    put_limits(&mut all);
    put_environment(&mut all);
    put_scheduling(&mut all);
    all.finish_128()
}

fn put_status(all: &mut XxHash3_128) {
    let status = fs::read("/proc/self/status").unwrap_or_default();
    for line in status.split(|&byte| byte == b'\n') {
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        if STATUS.iter().any(|counted| counted.as_bytes() == name) {
            all.write(line);
            all.write(b"\n");
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
        let limit = getrlimit(resource);
        for bound in [limit.current, limit.maximum] {
            all.write(&bound.unwrap_or(u64::MAX).to_ne_bytes());
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
    // SAFETY: a question about this process.
    let policy = unsafe { libc::sched_getscheduler(libc::getpid()) };
    all.write(&policy.to_ne_bytes());
}
