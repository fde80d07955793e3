//! The entry points of this library into a process: a constructor of the binary, which the system
//! runs before `main`, and [`init`]. They connect worker processes (`process`) with what calls pass
//! to their tasks (`parallel`), so that neither has to know the other.

use std::ffi::{c_char, c_int};

use crate::parallel::CONTEXT_HOOKS;
use crate::process::{self, Constructor};

#[used]
#[unsafe(link_section = ".init_array")]
static AT_START: Constructor = at_start;

extern "C" fn at_start(argc: c_int, argv: *const *const c_char, environment: *const *const c_char) {
    process::at_start(at_start, argc, argv, environment, &CONTEXT_HOOKS);
}

/// Runs this process as a worker and never returns if it was started as one; otherwise
/// returns at once.
///
/// On Linux workers take over before `main` automatically. Call this first in `main`
/// for programs where that is not possible, such as a binary that is linked statically
/// at a fixed address.
pub fn init() {
    // This use keeps the linker from discarding the constructor.
    std::hint::black_box(&AT_START);
    process::init(&CONTEXT_HOOKS);
}
