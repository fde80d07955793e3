//! The attributes of a thread that new threads inherit: processor affinity, scheduling,
//! memory policy, blocked signals and credentials.

use crate::credentials::Credentials;

/// The attributes of a thread. An attribute that cannot be read counts as equal for all
/// threads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ThreadAttributes {
    work: imp::Attributes,
    rights: Credentials,
}

impl ThreadAttributes {
    /// Returns the attributes of the calling thread.
    pub(super) fn here() -> ThreadAttributes {
        ThreadAttributes {
            work: imp::here(),
            rights: Credentials::of_current_thread(),
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
        /// The blocked signals, one bit each.
        signals: u64,
        slack: Option<u64>,
        input_output: i64,
    }

    pub(super) fn here() -> Attributes {
        Attributes {
            processors: rustix::thread::sched_getaffinity(None).ok(),
            schedule: SchedAttr::here(),
            memory: MemoryPolicy::here(),
            signals: signals(),
            slack: rustix::thread::current_timer_slack().ok(),
            // SAFETY: the call only reads a number of this thread.
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
            // SAFETY: the kernel writes at most `size` bytes, and every bit pattern of
            // the structure is valid.
            unsafe { libc::syscall(libc::SYS_sched_getattr, 0, to, size, 0) };
            schedule
        }
    }

    /// The nodes from which memory is allocated.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    struct MemoryPolicy {
        mode: c_int,
        nodes: [c_ulong; NODES / c_ulong::BITS as usize],
    }

    /// The maximum number of nodes for which a kernel can be built.
    const NODES: usize = 1024;

    impl MemoryPolicy {
        fn here() -> MemoryPolicy {
            let mut memory = MemoryPolicy::default();
            let (mode, nodes) = (&raw mut memory.mode, memory.nodes.as_mut_ptr());
            let nowhere: *const c_void = std::ptr::null();
            // SAFETY: the kernel writes a number and one bit for each of `NODES` nodes,
            // for which there is room.
            unsafe { libc::syscall(libc::SYS_get_mempolicy, mode, nodes, NODES, nowhere, 0) };
            memory
        }
    }

    fn signals() -> u64 {
        let mut set = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: nothing is changed. `sigemptyset` initializes `set`, and
        // `pthread_sigmask` writes the blocked signals to it.
        let set = unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), set.as_mut_ptr());
            set.assume_init()
        };
        // SAFETY: the set is initialized, and an invalid signal number is not a member.
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
