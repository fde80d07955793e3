//! What the system keeps of each thread and hands on to those that it starts:
//! where it may run, how soon, where its memory comes from, which signals it
//! does not take, and what it may do.

use crate::credentials::Credentials;

/// The attributes of a thread. What the system does not tell is as if it were
/// the same for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ThreadAttributes {
    work: imp::Attributes,
    rights: Credentials,
}

impl ThreadAttributes {
    /// Those of this thread.
    pub(super) fn here() -> ThreadAttributes {
        ThreadAttributes {
            work: imp::here(),
            rights: Credentials::here(),
        }
    }
}

#[cfg(target_os = "linux")]
mod imp {
    use std::mem::MaybeUninit;

    use libc::{c_int, c_ulong, c_void};
    use rustix::thread::CpuSet;

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(super) struct Attributes {
        processors: Option<CpuSet>,
        schedule: SchedAttr,
        memory: MemoryPolicy,
        /// Signals that are blocked, a bit for each.
        signals: u64,
        slack: c_int,
        input_output: i64,
    }

    pub(super) fn here() -> Attributes {
        Attributes {
            processors: rustix::thread::sched_getaffinity(None).ok(),
            schedule: SchedAttr::here(),
            memory: MemoryPolicy::here(),
            signals: signals(),
            // SAFETY: asks for a number.
            slack: unsafe { libc::prctl(libc::PR_GET_TIMERSLACK) },
            // SAFETY: asks for a number, of this thread.
            input_output: unsafe { libc::syscall(libc::SYS_ioprio_get, 1, 0) },
        }
    }

    /// The kernel's `sched_attr`: policy, niceness, priority and deadlines.
    #[repr(C)]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    struct SchedAttr {
        size: u32,
        policy: u32,
        flags: u64,
        nice: i32,
        priority: u32,
        times: [u64; 3],
        utilization: [u32; 2],
    }

    impl SchedAttr {
        fn here() -> SchedAttr {
            let mut schedule = SchedAttr::default();
            let (to, size) = (&raw mut schedule, size_of::<SchedAttr>());
            // SAFETY: the kernel writes no more than `size` bytes there, all of
            // which may have any value.
            unsafe { libc::syscall(libc::SYS_sched_getattr, 0, to, size, 0) };
            schedule
        }
    }

    /// From which nodes memory comes.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    struct MemoryPolicy {
        mode: c_int,
        nodes: [c_ulong; NODES / c_ulong::BITS as usize],
    }

    /// As many as any kernel is built for.
    const NODES: usize = 1024;

    impl MemoryPolicy {
        fn here() -> MemoryPolicy {
            let mut memory = MemoryPolicy::default();
            let (mode, nodes) = (&raw mut memory.mode, memory.nodes.as_mut_ptr());
            let nowhere: *const c_void = std::ptr::null();
            // SAFETY: the kernel writes a number, and the bits of so many
            // nodes, which there is room for.
            unsafe { libc::syscall(libc::SYS_get_mempolicy, mode, nodes, NODES, nowhere, 0) };
            memory
        }
    }

    fn signals() -> u64 {
        let mut set = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: nothing is changed; what is blocked is written to `set`,
        // which is first made a set.
        let set = unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), set.as_mut_ptr());
            set.assume_init()
        };
        // SAFETY: the set was made above; a number that is no signal is none
        // of its members.
        let is_in = |signal: &c_int| unsafe { libc::sigismember(&raw const set, *signal) == 1 };
        let blocked = (1..=64).filter(is_in);
        blocked.fold(0, |bits, signal| bits | 1 << (signal - 1))
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    pub(super) type Attributes = ();

    pub(super) fn here() -> Attributes {}
}
