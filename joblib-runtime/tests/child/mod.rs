//! Runs the code of a test in a child that is forked without exec.

/// Runs `work` in a child. Returns whether it returned true within `seconds`.
pub(crate) fn in_child(seconds: u32, work: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child runs only the code under test and ends with `_exit`, so it does
    // not return into the test.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "{}", std::io::Error::last_os_error());
    if child == 0 {
        let work = std::panic::AssertUnwindSafe(work);
        // SAFETY: both are plain system calls.
        unsafe {
            libc::alarm(seconds);
            libc::_exit(std::panic::catch_unwind(work).map_or(2, |good| i32::from(!good)));
        }
    }
    let mut status = 0;
    // SAFETY: `status` is a valid pointer, and the child is ours.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    status == 0
}
