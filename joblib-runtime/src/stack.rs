//! Room on the stack for values that contain one another: where little is left,
//! what follows runs on memory of its own, so that a deep value ends at a limit
//! that is told and not with the process.

/// Where less than so many bytes are left, there is to be more.
const LEAST: usize = 256 << 10;

/// How many bytes there are to be then. They are taken from the system as they
/// are used.
const MORE: usize = 4 << 20;

/// Runs `within` with at least [`LEAST`] bytes of stack.
#[inline]
pub(crate) fn ample<R>(within: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(LEAST, MORE, within)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a kibibyte of stack for each level.
    fn deep(levels: usize) -> usize {
        let frame = std::hint::black_box([levels as u8; 1024]);
        match levels {
            0 => usize::from(frame[7]),
            _ => 1 + ample(|| deep(levels - 1)),
        }
    }

    #[test]
    fn a_recursion_goes_past_the_end_of_the_stack() {
        let thread = std::thread::Builder::new().stack_size(512 << 10);
        let ran = thread.spawn(|| deep(50_000)).unwrap();
        assert_eq!(ran.join().unwrap(), 50_000);
    }

    #[test]
    fn a_panic_comes_back_from_there() {
        let panicked = std::panic::catch_unwind(|| {
            ample(|| -> () { std::panic::resume_unwind(Box::new("so deep")) });
        });
        assert_eq!(
            *panicked.unwrap_err().downcast::<&str>().unwrap(),
            "so deep"
        );
    }
}
