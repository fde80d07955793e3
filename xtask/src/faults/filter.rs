//! Filters of system calls (seccomp), which make calls of this process and its
//! descendants fail.

use std::io;
use std::mem::offset_of;

use libc::{
    BPF_ABS, BPF_JEQ, BPF_JMP, BPF_JSET, BPF_JUMP, BPF_K, BPF_LD, BPF_RET, BPF_STMT, BPF_W,
    PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO,
    c_ulong, prctl, seccomp_data, sock_filter, sock_fprog,
};

use crate::shell::Result;

const LOAD: u16 = (BPF_LD | BPF_W | BPF_ABS) as u16;
const IS: u16 = (BPF_JMP | BPF_JEQ | BPF_K) as u16;
const HAS: u16 = (BPF_JMP | BPF_JSET | BPF_K) as u16;
const RETURN: u16 = (BPF_RET | BPF_K) as u16;

/// Makes the system call `number` fail with the error `errno`.
pub(super) fn refuse(number: u32, errno: i32) -> Result {
    // SAFETY: these functions only combine numbers.
    let mut filter = unsafe {
        [
            BPF_STMT(LOAD, offset_of!(seccomp_data, nr) as u32),
            BPF_JUMP(IS, number, 0, 1),
            BPF_STMT(RETURN, SECCOMP_RET_ERRNO | errno as u32),
            BPF_STMT(RETURN, SECCOMP_RET_ALLOW),
        ]
    };
    install(&mut filter)
}

/// Makes the system call fail as [`refuse`] does, but only if the argument with this
/// zero-based index has one of `bits` set.
pub(super) fn refuse_with(number: u32, index: usize, bits: u32, errno: i32) -> Result {
    let argument = offset_of!(seccomp_data, args) + index * size_of::<u64>();
    // A filter reads arguments in 32-bit halves. All flags are in the lower half.
    let lower = argument as u32 + if cfg!(target_endian = "big") { 4 } else { 0 };
    // SAFETY: these functions only combine numbers.
    let mut filter = unsafe {
        [
            BPF_STMT(LOAD, offset_of!(seccomp_data, nr) as u32),
            BPF_JUMP(IS, number, 0, 3),
            BPF_STMT(LOAD, lower),
            BPF_JUMP(HAS, bits, 0, 1),
            BPF_STMT(RETURN, SECCOMP_RET_ERRNO | errno as u32),
            BPF_STMT(RETURN, SECCOMP_RET_ALLOW),
        ]
    };
    install(&mut filter)
}

fn install(filter: &mut [sock_filter]) -> Result {
    let program = sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_mut_ptr(),
    };
    let (yes, no): (c_ulong, c_ulong) = (1, 0);
    // SAFETY: the call only receives numbers.
    succeed(unsafe { prctl(PR_SET_NO_NEW_PRIVS, yes, no, no, no) })?;
    let mode = c_ulong::from(SECCOMP_MODE_FILTER);
    // SAFETY: the program and its filter live during the call, and the kernel copies
    // them.
    succeed(unsafe { prctl(PR_SET_SECCOMP, mode, &raw const program) })
}

fn succeed(result: i32) -> Result {
    match result {
        0 => Ok(()),
        _ => Err(format!("seccomp: {}", io::Error::last_os_error()).into()),
    }
}
