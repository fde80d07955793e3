//! Measures a stream with one slow side.

use std::time::Duration;

use super::memory;
use super::task::{no_op, timed, wait};
use super::work::{Load, Work};
use crate::Result;

/// The inputs of a stream.
pub(crate) type Inputs = Box<dyn Iterator<Item = u64> + Send>;

/// The results of a stream, in the order of the inputs.
pub(crate) type Outputs = Box<dyn Iterator<Item = u64>>;

/// Returns the seconds per task in addition to those of the slow side, and the growth
/// in bytes of the peak memory of the processes.
pub(crate) fn measure(
    load: &Load,
    stream: impl FnOnce(Inputs) -> Result<Outputs>,
) -> Result<Vec<f64>> {
    let (producing, consuming) = match load.work {
        Work::SlowProducer => (load.slow, Duration::ZERO),
        _ => (Duration::ZERO, load.slow),
    };
    let inputs = (0..load.tasks).inspect(move |_| wait(producing));
    let before = memory::peak()?;
    let (seconds, consumed) = timed(|| consume(stream(Box::new(inputs))?, load.tasks, consuming));
    consumed?;
    let seconds = seconds / load.tasks as f64 - load.slow.as_secs_f64();
    Ok(vec![seconds, memory::peak()? - before])
}

fn consume(outputs: Outputs, tasks: u64, slow: Duration) -> Result {
    let mut count = 0;
    for output in outputs {
        if output != no_op(count) {
            return Err(format!("the result {count} is wrong").into());
        }
        wait(slow);
        count += 1;
    }
    if count == tasks {
        Ok(())
    } else {
        Err(format!("expected {tasks} results, found {count}").into())
    }
}
