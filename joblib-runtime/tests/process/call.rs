//! A call as the tests make it: inputs in, one outcome for each.

use std::io::Write;
use std::time::{Duration, Instant};

use joblib_runtime::parallel::ErrorKind;
use joblib_runtime::process::{
    CallSpec, ContextHooks, NextTask, Session, SessionStep, TaskProvider, WorkerShare,
};
use joblib_runtime::task::Registration;
use joblib_runtime::wire::{MessageReader, MessageWriter};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A time limit that only a hang exceeds.
const HANGS: Duration = Duration::from_secs(120);

/// The outcome of a call.
pub(crate) struct Outcome<R> {
    pub(crate) results: Vec<Result<R, ErrorKind>>,
    pub(crate) printed: Vec<(usize, String, String)>,
    pub(crate) shares: Vec<WorkerShare>,
}

impl<R> Outcome<R> {
    /// Returns all results of a call without failures.
    pub(crate) fn values(self) -> Vec<R> {
        let results = self.results.into_iter().enumerate();
        results
            .map(|(index, result)| {
                result.unwrap_or_else(|failure| panic!("task {index} {failure}"))
            })
            .collect()
    }
}

struct Inputs<'i, A, R> {
    inputs: &'i [A],
    next: usize,
    window: usize,
    done: usize,
    outcomes: Vec<Option<Result<R, ErrorKind>>>,
    printed: Vec<(usize, String, String)>,
}

impl<A: Transfer, R: Transfer> TaskProvider for Inputs<'_, A, R> {
    fn next(&mut self, _: usize, put: &mut dyn FnMut(usize, &MessageWriter<'_>)) -> NextTask {
        let Some(input) = self.inputs.get(self.next) else {
            return NextTask::Over;
        };
        if self.next - self.done >= self.window {
            return NextTask::Later;
        }
        let mut writer = MessageWriter::new();
        input.put(&mut writer);
        put(self.next, &writer);
        self.next += 1;
        NextTask::Given
    }

    fn done(&mut self, index: usize, outcome: Result<&mut MessageReader<'_>, ErrorKind>) {
        let outcome = outcome.map(|reader| {
            let value = R::take(reader);
            reader.end().expect("nothing follows a result");
            value
        });
        let before = self.outcomes[index].replace(outcome);
        assert!(before.is_none(), "task {index} has two outcomes");
        self.done += 1;
    }

    fn printed(&mut self, index: usize, out: &[u8], err: &[u8]) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.printed.push((index, text(out), text(err)));
    }
}

/// How a value of the tests is encoded.
pub(crate) trait Transfer: Sized {
    fn put<'v>(&'v self, writer: &mut MessageWriter<'v>);
    fn take(reader: &mut MessageReader<'_>) -> Self;
}

/// Numbers, encoded with the same layout as in memory.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Transfer for Bytes {
    fn put<'v>(&'v self, writer: &mut MessageWriter<'v>) {
        writer.numbers(&self.0);
    }

    fn take(reader: &mut MessageReader<'_>) -> Self {
        Bytes(reader.numbers().expect("bytes").into_vec())
    }
}

macro_rules! by_serde {
    ($([$ty:ty])*) => {$(
        impl Transfer for $ty {
            fn put<'v>(&'v self, writer: &mut MessageWriter<'v>) {
                value(self, writer);
            }

            fn take(reader: &mut MessageReader<'_>) -> Self {
                taken(reader)
            }
        }
    )*};
}

by_serde!([u64][u32][()][String][(u64, u64)]);

fn value(value: &impl Serialize, writer: &mut MessageWriter<'_>) {
    writer.value(value).expect("the value can be encoded");
}

fn taken<T: DeserializeOwned>(reader: &mut MessageReader<'_>) -> T {
    reader.value().expect("the value can be decoded")
}

/// A builder of a call.
pub(crate) struct Call<'a> {
    pub(crate) spec: CallSpec<'a>,
    pub(crate) window: usize,
    /// What the caller does before it requests the next outcome.
    pub(crate) after_step: Option<&'a dyn Fn()>,
}

pub(crate) fn with<'a>(
    registration: &'static Registration,
    shared: &'a MessageWriter<'a>,
    workers: usize,
) -> Call<'a> {
    Call {
        spec: CallSpec {
            context: ContextHooks::NONE,
            registration,
            shared,
            workers,
            batch: None,
            timeout: None,
            retries: 0,
            seed: None,
            threads_per_worker: 1,
            stack: None,
            captures: false,
            max_tasks_per_worker: None,
            max_growth: None,
            initializer: None,
        },
        window: 1 << 20,
        after_step: None,
    }
}

impl Call<'_> {
    pub(crate) fn run<A: Transfer, R: Transfer>(&self, inputs: &[A]) -> Outcome<R> {
        self.try_run(inputs)
            .unwrap_or_else(|failure| panic!("the call failed: {failure}"))
    }

    pub(crate) fn try_run<A: Transfer, R: Transfer>(
        &self,
        inputs: &[A],
    ) -> Result<Outcome<R>, ErrorKind> {
        let mut session = Session::open(&self.spec).map_err(|failure| failure.kind)?;
        let mut tasks = Inputs {
            inputs,
            next: 0,
            window: self.window,
            done: 0,
            outcomes: inputs.iter().map(|_| None).collect(),
            printed: Vec::new(),
        };
        let end = Instant::now() + HANGS;
        while tasks.done < inputs.len() {
            match session.step(&mut tasks, Some(end)) {
                SessionStep::Progress => self.after_step.iter().for_each(|after| after()),
                SessionStep::Failed(failure) => return Err(failure.kind),
                step @ (SessionStep::Idle | SessionStep::TimedOut) => {
                    let done = tasks.done;
                    panic!("{step:?} after {done} of {} outcomes", inputs.len());
                }
            }
        }
        let outcomes = tasks.outcomes.into_iter();
        Ok(Outcome {
            results: outcomes
                .map(|outcome| outcome.expect("every task has an outcome"))
                .collect(),
            printed: tasks.printed,
            shares: session.statistics(),
        })
    }
}

/// Calls a function without shared values.
pub(crate) fn call<A: Transfer, R: Transfer>(
    registration: &'static Registration,
    workers: usize,
    inputs: &[A],
) -> Outcome<R> {
    let shared = MessageWriter::new();
    with(registration, &shared, workers).run(inputs)
}

/// Prints a duration if figures are requested.
pub(crate) fn report(what: &str, took: Duration) {
    let _ = writeln!(std::io::stderr(), "{what}: {took:?}");
}
