//! The initializer of a call, which each worker runs before its first task.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::par::Par;
use crate::outcome::{Error, ErrorKind};
use crate::task::{FunctionTask, NotRemote, Registration};

/// The initializer of a call, which each worker runs before its first task.
///
/// It is a closure, which only threads can run, or a call of an annotated function
/// without arguments, which worker processes can run too.
///
/// ```
/// # use joblib_runtime::parallel as joblib;
/// use joblib::par;
///
/// let call = par(0..3).map(|x| x + 1).initializer(|| println!("a worker begins"));
/// assert_eq!(call.collect::<Vec<i32>>(), [1, 2, 3]);
/// ```
#[derive(Clone)]
pub struct Initializer {
    here: Arc<dyn Fn() + Send + Sync>,
    elsewhere: Result<&'static Registration, NotRemote>,
}

impl<F: Fn() + Send + Sync + 'static> From<F> for Initializer {
    fn from(closure: F) -> Self {
        Initializer {
            here: Arc::new(closure),
            elsewhere: Err(NotRemote::closure()),
        }
    }
}

impl<I, F, M, B> From<Par<I, FunctionTask<(), (), (), F, M>, B>> for Initializer
where
    I: Iterator<Item = ()>,
    F: Fn((), &()) + Send + Sync + 'static,
    M: 'static,
{
    fn from(call: Par<I, FunctionTask<(), (), (), F, M>, B>) -> Self {
        let FunctionTask {
            call,
            transport: way,
            ..
        } = call.into_task();
        Initializer {
            here: Arc::new(move || call((), &())),
            elsewhere: way().map(|ways| ways.registration),
        }
    }
}

impl Initializer {
    /// Runs the initializer in this thread.
    ///
    /// # Errors
    ///
    /// Fails if it panics.
    pub(super) fn run(&self) -> Result<(), Error> {
        catch_unwind(AssertUnwindSafe(|| (self.here)())).map_err(Error::initializer)
    }

    /// Returns the registration by which a worker process finds the function.
    ///
    /// # Errors
    ///
    /// Fails if it cannot run in a worker process.
    pub(super) fn registration(&self) -> Result<&'static Registration, ErrorKind> {
        self.elsewhere.clone().map_err(|stays| {
            let why = match stays.is_closure() {
                true => "the initializer is a closure, which a worker process cannot run; pass a \
                         call of a function instead, as in `#[parallel] fn set_up() { … }` and \
                         `.initializer(set_up::par([()]))`"
                    .to_owned(),
                false => format!("the initializer cannot be {stays}"),
            };
            ErrorKind::InvalidSetting(why)
        })
    }
}

impl fmt::Debug for Initializer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Initializer")
            .field("elsewhere", &self.elsewhere)
            .finish_non_exhaustive()
    }
}
