//! Credentials of a thread: user, groups, capabilities and system call filters. Linux
//! stores them per thread, and new threads and processes inherit them. The C library
//! applies `setuid` to all threads of the process, but none of the other changes.

/// The credentials of a thread that can be read with a few system calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Credentials(imp::Rights);

impl Credentials {
    /// Returns the credentials of the calling thread.
    pub(crate) fn of_current_thread() -> Credentials {
        Credentials(imp::here())
    }
}

#[cfg(target_os = "linux")]
pub(crate) use self::imp::{credential_lines, read_credential_lines, status_lines};

#[cfg(target_os = "linux")]
mod imp {
    use std::fs;

    use rustix::io::Result;
    use rustix::thread::{self, CapabilitySets, SecureComputingMode};

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) struct Rights {
        /// The user and the group that are checked for file access.
        ids: [u32; 2],
        capabilities: Result<CapabilitySets>,
        no_new_privs: Result<bool>,
        /// The mode of the system call filter (seccomp).
        filter: Result<SecureComputingMode>,
    }

    /// An invalid user and group number: setting it fails and returns the current one.
    const INVALID_ID: u32 = u32::MAX;

    pub(super) fn here() -> Rights {
        let current_id = |call| {
            // SAFETY: the call changes nothing, because `INVALID_ID` is not a valid user
            // or group.
            unsafe { libc::syscall(call, INVALID_ID) as u32 }
        };
        Rights {
            ids: [libc::SYS_setfsuid, libc::SYS_setfsgid].map(current_id),
            capabilities: thread::capabilities(None),
            no_new_privs: thread::no_new_privs(),
            filter: thread::secure_computing_mode(),
        }
    }

    /// The lines of proc_pid_status(5) that describe credentials.
    const LINES: [&str; 11] = [
        "Uid",
        "Gid",
        "Groups",
        "CapInh",
        "CapPrm",
        "CapEff",
        "CapBnd",
        "CapAmb",
        "NoNewPrivs",
        "Seccomp",
        "Seccomp_filters",
    ];

    /// Returns the credential lines of the thread with that number, or `None` if the
    /// thread ended or its status cannot be read.
    pub(crate) fn read_credential_lines(thread: i32) -> Option<Vec<u8>> {
        let status = fs::read(format!("/proc/self/task/{thread}/status")).ok()?;
        Some(credential_lines(&status))
    }

    /// Returns the credential lines of a status file that is already read.
    pub(crate) fn credential_lines(status: &[u8]) -> Vec<u8> {
        status_lines(status, &LINES)
            .collect::<Vec<_>>()
            .join(&b'\n')
    }

    /// Returns the lines with those names.
    pub(crate) fn status_lines<'s>(
        status: &'s [u8],
        names: &'s [&str],
    ) -> impl Iterator<Item = &'s [u8]> {
        status.split(|&byte| byte == b'\n').filter(|line| {
            let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
            names.iter().any(|counted| counted.as_bytes() == name)
        })
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    pub(super) type Rights = ();

    pub(super) fn here() -> Rights {}
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

    use super::*;
    use crate::child;

    fn both() -> (Credentials, Option<Vec<u8>>) {
        let thread = rustix::thread::gettid().as_raw_nonzero().get();
        (
            Credentials::of_current_thread(),
            read_credential_lines(thread),
        )
    }

    /// Makes one change after another, each in a thread of its own.
    fn changes_are_detected() {
        let before = both();
        assert!(before.1.is_some());
        // SAFETY: these calls affect only the calling thread.
        let changes: [fn(); 3] = [
            || unsafe {
                libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            },
            || unsafe {
                libc::syscall(libc::SYS_setfsuid, 65_534);
            },
            || {
                let none = CapabilitySet::empty();
                let sets = CapabilitySets {
                    effective: none,
                    permitted: none,
                    inheritable: none,
                };
                set_capabilities(None, sets).unwrap();
            },
        ];
        // SAFETY: the call only reads.
        let is_root = unsafe { libc::geteuid() == 0 };
        for change in &changes[..if is_root { 3 } else { 1 }] {
            let look = || {
                assert_eq!(both(), before);
                change();
                both()
            };
            let after = std::thread::scope(|scope| scope.spawn(look).join().unwrap());
            assert_ne!(after.0, before.0);
            assert_ne!(after.1, before.1);
        }
        assert_eq!(both(), before);
    }

    // Runs in a child process: once a thread of a process was another user, the process
    // can no longer be inspected, and other tests read the memory map of theirs.
    #[test]
    fn a_thread_that_gives_up_rights_or_takes_on_others_is_found_out() {
        let work = || {
            changes_are_detected();
            true
        };
        assert!(child::in_child(20, work));
    }
}
