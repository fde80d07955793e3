//! What a thread may do: Linux keeps that of each thread by itself, and hands it on to
//! the threads and processes that it starts. The C library has all threads follow a
//! `setuid`, and none of what else there is.

/// The rights of a thread, as far as they can be told at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Credentials(imp::Rights);

impl Credentials {
    /// Those of this thread.
    pub(crate) fn here() -> Credentials {
        Credentials(imp::here())
    }
}

#[cfg(target_os = "linux")]
pub(crate) use self::imp::{in_status, lines, of_thread};

#[cfg(target_os = "linux")]
mod imp {
    use std::fs;

    use libc::c_int;

    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(super) struct Rights {
        /// User and group that count for files.
        ids: [u32; 2],
        /// Effective, permitted and inheritable.
        capabilities: [u64; 3],
        has_no_new: bool,
        /// Whether, and how, system calls are filtered.
        filter: c_int,
    }

    /// The number that the kernel takes for no user and no group.
    const NOBODY: u32 = u32::MAX;

    pub(super) fn here() -> Rights {
        // SAFETY: none of these changes anything: there is no such user and group.
        unsafe {
            let ids = [
                libc::syscall(libc::SYS_setfsuid, NOBODY) as u32,
                libc::syscall(libc::SYS_setfsgid, NOBODY) as u32,
            ];
            Rights {
                ids,
                capabilities: capabilities(),
                has_no_new: libc::prctl(libc::PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
                filter: libc::prctl(libc::PR_GET_SECCOMP, 0, 0, 0, 0),
            }
        }
    }

    /// The third version of the kernel's structures.
    pub(super) const VERSION: u32 = 0x2008_0522;

    fn capabilities() -> [u64; 3] {
        let mut header = [VERSION, 0];
        let mut sets = [[0_u32; 3]; 2];
        // SAFETY: a question about this thread, with places that are as large as this
        // version takes.
        unsafe { libc::syscall(libc::SYS_capget, header.as_mut_ptr(), sets.as_mut_ptr()) };
        let [low, high] = sets;
        std::array::from_fn(|set| u64::from(high[set]) << 32 | u64::from(low[set]))
    }

    /// Lines of proc_pid_status(5) about rights.
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

    /// What the kernel tells of the thread of that number; nothing if it ended, or where
    /// there is nothing to read.
    pub(crate) fn of_thread(thread: i32) -> Option<Vec<u8>> {
        let status = fs::read(format!("/proc/self/task/{thread}/status")).ok()?;
        Some(in_status(&status))
    }

    /// The same, of a status that was read.
    pub(crate) fn in_status(status: &[u8]) -> Vec<u8> {
        lines(status, &LINES).collect::<Vec<_>>().join(&b'\n')
    }

    /// The lines of those names.
    pub(crate) fn lines<'s>(status: &'s [u8], names: &'s [&str]) -> impl Iterator<Item = &'s [u8]> {
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
    use super::imp::VERSION;
    use super::*;
    use crate::child;

    fn both() -> (Credentials, Option<Vec<u8>>) {
        let thread = rustix::thread::gettid().as_raw_nonzero().get();
        (Credentials::here(), of_thread(thread))
    }

    /// By one change after another, each in a thread of its own.
    fn are_all_found_out() {
        let before = both();
        assert!(before.1.is_some());
        // SAFETY: these concern the thread alone that calls.
        let changes: [fn(); 3] = [
            || unsafe {
                libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            },
            || unsafe {
                libc::syscall(libc::SYS_setfsuid, 65_534);
            },
            || unsafe {
                let (header, none) = ([VERSION, 0], [0_u32; 6]);
                libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr());
            },
        ];
        // SAFETY: only answers.
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

    // In a child: nobody may look into a process any more of which a thread was another
    // user, and other tests map what it has.
    #[test]
    fn a_thread_that_gives_up_rights_or_takes_on_others_is_found_out() {
        let work = || {
            are_all_found_out();
            true
        };
        assert!(child::in_child(20, work));
    }
}
