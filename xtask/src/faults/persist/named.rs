//! A file system without files that have no name: this process is refused them
//! by a filter of the system's, which leaves every call to strace.

use std::io;
use std::mem::offset_of;

use libc::{
    BPF_ABS, BPF_JEQ, BPF_JMP, BPF_JSET, BPF_JUMP, BPF_K, BPF_LD, BPF_RET, BPF_STMT, BPF_W,
    EOPNOTSUPP, O_DIRECTORY, O_TMPFILE, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
    SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, SYS_openat, c_ulong, prctl, seccomp_data, sock_filter,
    sock_fprog,
};

use crate::shell::Result;

const LOAD: u16 = (BPF_LD | BPF_W | BPF_ABS) as u16;
const IS: u16 = (BPF_JMP | BPF_JEQ | BPF_K) as u16;
const HAS: u16 = (BPF_JMP | BPF_JSET | BPF_K) as u16;
const RETURN: u16 = (BPF_RET | BPF_K) as u16;

/// Which bit of the flags asks for a file without a name: the name stands for
/// two.
const UNNAMED: u32 = (O_TMPFILE & !O_DIRECTORY) as u32;

/// Has the system refuse files without a name to this process, as a file system
/// does that has none.
pub(super) fn refuse_unnamed() -> Result {
    let number = offset_of!(seccomp_data, nr) as u32;
    let flags = offset_of!(seccomp_data, args) + 2 * size_of::<u64>();
    // A filter sees halves, and flags are in the lower one.
    let flags = flags as u32 + if cfg!(target_endian = "big") { 4 } else { 0 };
    // SAFETY: these put numbers together.
    let mut filter = unsafe {
        [
            BPF_STMT(LOAD, number),
            BPF_JUMP(IS, SYS_openat as u32, 0, 3),
            BPF_STMT(LOAD, flags),
            BPF_JUMP(HAS, UNNAMED, 0, 1),
            BPF_STMT(RETURN, SECCOMP_RET_ERRNO | EOPNOTSUPP as u32),
            BPF_STMT(RETURN, SECCOMP_RET_ALLOW),
        ]
    };
    install(&mut filter).map_err(|error| format!("seccomp: {error}").into())
}

fn install(filter: &mut [sock_filter]) -> io::Result<()> {
    let program = sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_mut_ptr(),
    };
    let (yes, no): (c_ulong, c_ulong) = (1, 0);
    // SAFETY: the call takes numbers only.
    let refused = unsafe { prctl(PR_SET_NO_NEW_PRIVS, yes, no, no, no) };
    if refused != 0 {
        return Err(io::Error::last_os_error());
    }
    let mode = c_ulong::from(SECCOMP_MODE_FILTER);
    // SAFETY: the program and its filter are there during the call, which copies
    // them.
    match unsafe { prctl(PR_SET_SECCOMP, mode, &raw const program) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
