//! Room on the stack. Work that may take more than the thread has left is done
//! on a stack of its own, so that how deeply a value is nested and how large
//! its parts are decide over memory, and not over the life of the process.

use std::cell::Cell;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr;

/// There is no memory for a stack, or no way to change to one on this system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoRoom {
    /// What it takes.
    pub(crate) bytes: usize,
}

/// What work may take between two places where it asks for room, besides the
/// values that it handles.
pub(crate) const USUAL: usize = 128 << 10;

/// So often may a value be on the stack at once while it is handed from one
/// function to the next; without optimization, each has its own.
const COPIES: usize = 32;

/// A new stack has room for so many levels like the one that asks for it, within
/// bounds.
const LEVELS: usize = 4;
const MOST_AHEAD: usize = 16 << 20;
const LEAST: usize = 2 << 20;

thread_local! {
    /// Where the stack lies that this thread runs on; empty if that is not known.
    // Without a destructor, so that destructors of other thread locals can ask.
    static BOUNDS: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// The room for work that handles values of the type `T`.
pub(crate) const fn for_type<T>() -> usize {
    USUAL.saturating_add(size_of::<T>().saturating_mul(COPIES))
}

/// Does `work` with so many bytes of stack.
#[inline]
pub(crate) fn with_room<R>(bytes: usize, work: impl FnOnce() -> R) -> Result<R, NoRoom> {
    let mut work = Some(work);
    let mut result = None;
    let mut run = || result = work.take().map(|work| work());
    match has(bytes) {
        true => run(),
        false => elsewhere(bytes, &mut run)?,
    }
    Ok(result.expect("it was run"))
}

#[inline]
fn has(bytes: usize) -> bool {
    let here = 0_u8;
    let here = std::ptr::from_ref(std::hint::black_box(&here)).addr();
    let (start, end) = BOUNDS.get();
    let (start, end) = match (start..end).contains(&here) {
        true => (start, end),
        false => found(),
    };
    // What runs on a stack that is not the thread's own gets one that is known.
    (start..end).contains(&here) && here - start >= bytes
}

#[cold]
fn found() -> (usize, usize) {
    let Range { start, end } = bounds().unwrap_or_default();
    BOUNDS.set((start, end));
    (start, end)
}

#[cold]
fn elsewhere(bytes: usize, run: &mut dyn FnMut()) -> Result<(), NoRoom> {
    let ahead = bytes.saturating_mul(LEVELS - 1).min(MOST_AHEAD);
    let size = bytes.saturating_add(ahead).max(LEAST);
    let stack = system::Stack::new(size).ok_or(NoRoom { bytes })?;
    let Range { start, end } = stack.room();
    let before = BOUNDS.replace((start, end));
    let done = stack.run(run);
    BOUNDS.set(before);
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    Ok(())
}

/// Where the stack of this thread lies.
fn bounds() -> Option<Range<usize>> {
    let mut attributes = MaybeUninit::uninit();
    // SAFETY: the call asks about this thread, and sets the attributes if it
    // succeeds.
    let failed = unsafe { libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) };
    if failed != 0 {
        return None;
    }
    let (mut start, mut size, mut guard) = (ptr::null_mut(), 0, 0);
    // SAFETY: the attributes were set, and are given back once they were read.
    let failed = unsafe {
        let attributes = attributes.as_mut_ptr();
        let failed = libc::pthread_attr_getstack(attributes, &mut start, &mut size)
            | libc::pthread_attr_getguardsize(attributes, &mut guard);
        libc::pthread_attr_destroy(attributes);
        failed
    };
    let start = start.addr();
    (failed == 0).then(|| start + guard..start + size)
}

#[cfg(target_env = "gnu")]
mod system {
    use std::any::Any;
    use std::cell::Cell;
    use std::ffi::c_void;
    use std::mem::MaybeUninit;
    use std::ops::Range;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::ptr;

    use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};
    use rustix::param::page_size;

    /// Memory for a stack, with a page below it that ends the process rather than
    /// let anything else be overwritten.
    pub(super) struct Stack {
        start: *mut c_void,
        len: usize,
    }

    impl Stack {
        pub(super) fn new(size: usize) -> Option<Stack> {
            let page = page_size();
            let len = size.checked_next_multiple_of(page)?.checked_add(page)?;
            let rights = ProtFlags::READ | ProtFlags::WRITE;
            let flags = MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::STACK;
            // SAFETY: the system chooses a place where nothing is.
            let start = unsafe { mmap_anonymous(ptr::null_mut(), len, rights, flags) }.ok()?;
            let stack = Stack { start, len };
            // SAFETY: the first page of what was mapped just now.
            unsafe { mprotect(start, page, MprotectFlags::empty()) }.ok()?;
            Some(stack)
        }

        /// What can be used of it.
        pub(super) fn room(&self) -> Range<usize> {
            let start = self.start.addr();
            start + page_size()..start + self.len
        }

        /// Runs `run` on it; what it panics with, if it does.
        pub(super) fn run(&self, run: &mut dyn FnMut()) -> Result<(), Box<dyn Any + Send>> {
            let mut job = Job { run, end: Ok(()) };
            let mut here = MaybeUninit::<libc::ucontext_t>::zeroed();
            let mut there = MaybeUninit::<libc::ucontext_t>::zeroed();
            let (here, there) = (here.as_mut_ptr(), there.as_mut_ptr());
            JOB.set((&raw mut job).cast());
            // SAFETY: neither context is moved before it was left for good: that
            // here goes on when `enter` returns, which is before this function
            // does. The stack is this one's, and large enough for `enter`. No
            // panic leaves it.
            unsafe {
                libc::getcontext(there);
                (*there).uc_stack.ss_sp = self.start;
                (*there).uc_stack.ss_size = self.len;
                (*there).uc_link = here;
                libc::makecontext(there, enter, 0);
                libc::swapcontext(here, there);
            }
            job.end
        }
    }

    impl Drop for Stack {
        fn drop(&mut self) {
            // SAFETY: it was mapped by `new`, and nothing runs on it any more.
            let _ = unsafe { munmap(self.start, self.len) };
        }
    }

    /// What is to be run on another stack.
    struct Job<'r> {
        run: &'r mut dyn FnMut(),
        end: Result<(), Box<dyn Any + Send>>,
    }

    thread_local! {
        /// The job that this thread is about to begin: the function that begins it
        /// takes no arguments.
        static JOB: Cell<*mut Job<'static>> = const { Cell::new(ptr::null_mut()) };
    }

    extern "C" fn enter() {
        // SAFETY: `Stack::run` set it just now and waits for the end of this.
        let job = unsafe { &mut *JOB.get() };
        job.end = catch_unwind(AssertUnwindSafe(|| (job.run)()));
    }
}

/// Without a way to change stacks: what does not fit is refused.
#[cfg(not(target_env = "gnu"))]
mod system {
    use std::any::Any;
    use std::ops::Range;

    pub(super) enum Stack {}

    impl Stack {
        pub(super) fn new(_: usize) -> Option<Stack> {
            None
        }

        pub(super) fn room(&self) -> Range<usize> {
            match *self {}
        }

        pub(super) fn run(&self, _: &mut dyn FnMut()) -> Result<(), Box<dyn Any + Send>> {
            match *self {}
        }
    }
}

#[cfg(all(test, target_env = "gnu"))]
mod tests {
    use super::*;

    /// Takes a good deal of stack at each of so many levels.
    fn deep(levels: u64) -> u64 {
        let taken = std::hint::black_box([levels; 1000]);
        match levels {
            0 => 0,
            _ => 1 + with_room(USUAL, || deep(levels - 1)).unwrap() + (taken[999] - levels),
        }
    }

    fn on_a_small_stack<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
        let thread = std::thread::Builder::new().stack_size(64 << 10);
        thread.spawn(work).unwrap().join().unwrap()
    }

    #[test]
    fn work_that_asks_for_room_has_it_at_any_depth() {
        assert_eq!(on_a_small_stack(|| deep(10_000)), 10_000);
        assert_eq!(deep(10_000), 10_000);
    }

    #[test]
    fn a_panic_comes_back_from_another_stack() {
        let caught = on_a_small_stack(|| {
            let panics = || with_room(1 << 20, || panic!("there"));
            let caught = std::panic::catch_unwind(panics).unwrap_err();
            // And the stack is that of the thread again.
            assert_eq!(deep(100), 100);
            caught.downcast::<&str>().map(|it| *it).unwrap()
        });
        assert_eq!(caught, "there");
    }

    #[test]
    fn what_no_memory_has_room_for_is_refused() {
        let bytes = usize::MAX / 2;
        assert_eq!(with_room(bytes, || ()), Err(NoRoom { bytes }));
    }

    #[test]
    fn thread_locals_are_the_threads() {
        thread_local!(static NUMBER: Cell<u8> = const { Cell::new(1) });
        on_a_small_stack(|| {
            NUMBER.set(2);
            assert_eq!(with_room(1 << 20, || NUMBER.replace(3)), Ok(2));
            assert_eq!(NUMBER.get(), 3);
        });
    }
}
