//! The progress tracker, which workers notify when they finish a task.

use std::sync::Arc;

use super::bar::Bar;
use super::callback_queue::CallbackQueue;
use crate::parallel::execute::Boxed;
use crate::parallel::settings::Settings;

/// Receives each task that finishes. Costs only a branch if no progress was requested.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProgressTracker(Option<Arc<TrackedCall>>);

#[derive(Debug)]
struct TrackedCall {
    bar: Option<Bar>,
    callbacks: Option<CallbackQueue>,
}

impl ProgressTracker {
    /// Creates the tracker requested by `settings` for a call of `total` tasks.
    pub(crate) fn new(settings: &Settings, total: Option<usize>) -> ProgressTracker {
        let bar = settings.progress.clone();
        let bar = bar.and_then(|name| Bar::new(name, total));
        let callbacks = settings.on_progress.clone();
        let callbacks = callbacks.map(|callback| CallbackQueue::new(callback, total));
        let is_wanted = bar.is_some() || callbacks.is_some();
        ProgressTracker(is_wanted.then(|| Arc::new(TrackedCall { bar, callbacks })))
    }

    /// Whether progress was requested.
    #[inline]
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// Records a finished task, which has succeeded or failed. Must be called before its
    /// outcome is delivered, so that [`finish`](ProgressTracker::finish) sees all tasks.
    #[inline]
    pub(crate) fn finished(&self, is_ok: bool) {
        if let Some(tracked) = &self.0 {
            tracked.finished(is_ok);
        }
    }

    /// Ends tracking, after all tasks are finished. Returns after the last call of the
    /// callback.
    ///
    /// # Panics
    ///
    /// Resumes the panic of the callback.
    pub(crate) fn finish(self) {
        let Some(tracked) = self.0 else { return };
        if let Some(bar) = &tracked.bar {
            bar.finish();
        }
        if let Some(callbacks) = &tracked.callbacks {
            callbacks.finish();
        }
    }

    /// Returns the same outcomes, with a call of [`finish`](ProgressTracker::finish)
    /// after the last.
    pub(crate) fn until_end<O: 'static>(self, mut outcomes: Boxed<O>) -> Boxed<O> {
        if !self.is_wanted() {
            return outcomes;
        }
        let mut tracker = Some(self);
        Box::new(std::iter::from_fn(move || {
            let outcome = outcomes.next();
            if outcome.is_none()
                && let Some(tracker) = tracker.take()
            {
                tracker.finish();
            }
            outcome
        }))
    }
}

impl TrackedCall {
    #[cold]
    fn finished(&self, is_ok: bool) {
        if let Some(bar) = &self.bar {
            bar.advance(is_ok);
        }
        if let Some(callbacks) = &self.callbacks {
            callbacks.finished(is_ok);
        }
    }
}

/// Returns the number of items of an iterator, if its `size_hint` is exact.
pub(crate) fn total(inputs: &impl Iterator) -> Option<usize> {
    match inputs.size_hint() {
        (least, Some(most)) if least == most => Some(most),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::parallel::{Error, par};

    #[test]
    fn nobody_asked_is_nothing_to_keep() {
        let tracker = ProgressTracker::new(&Settings::default(), Some(3));
        assert!(tracker.0.is_none());
        tracker.finished(true);
        tracker.finish();
    }

    #[test]
    fn each_task_of_a_call_is_reported_with_the_number_of_failures() {
        let (sender, reported) = mpsc::channel();
        let call = par(0..4).map(|x| assert_ne!(x, 2, "on purpose"));
        let call = call.n_jobs(1).on_progress(move |progress| {
            let reported = (progress.done, progress.failed, progress.total);
            sender.send(reported).expect("the test receives");
        });
        let outcomes: Vec<Result<(), Error>> = call.outcomes();
        assert!(outcomes[2].is_err());
        let reported = Vec::from_iter(reported);
        let all = Some(4);
        assert_eq!(
            reported,
            [(1, 0, all), (2, 0, all), (3, 1, all), (4, 1, all)]
        );
    }

    #[test]
    fn an_input_of_unknown_length_has_no_total() {
        assert_eq!(total(&(0..5)), Some(5));
        assert_eq!(total(&(0..5).filter(|x| x % 2 == 0)), None);
        assert_eq!(total(&std::iter::repeat(1)), None);
    }
}
