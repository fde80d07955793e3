//! The backend of worker processes: arguments are put together here, travel
//! through `process`, and results are taken apart here.

mod desk;
#[cfg(feature = "fuzz")]
mod fuzz;
#[cfg(feature = "log")]
mod records;
mod results;
mod shelf;
mod surroundings;
mod wishes;

use std::time::Instant;

use self::desk::Desk;
#[cfg(feature = "fuzz")]
pub(crate) use self::fuzz::SURROUNDINGS;
use self::results::Results;
pub(crate) use self::wishes::Wishes;
use super::ends::{Consume, Outcome};
use super::error::{Error, Failure};
use super::initializer::Initializer;
use super::plan::Plan;
use super::runs::{self, Runs, Streams, Work};
use super::settings::Batch;
use crate::backend::Processes;
use crate::process::{Session, Spec};
use crate::task::{Anonymous, Closure, Elsewhere, Function, Remote, Stays, Travel, Ways};
use crate::wire::PutError;

/// What `task!` makes.
type Boxed<'t, A, R> = Closure<Box<dyn Anonymous<A, R> + 't>>;

impl<I, S, R, F, M> Runs<I, Function<I::Item, S, R, F, M>> for Processes
where
    I: Iterator,
    F: Fn(I::Item, &S) -> R,
    M: Remote<Elsewhere, I::Item, S, R>,
{
    fn run<C: Consume<R>>(
        self,
        work: Work<I, Function<I::Item, S, R, F, M>>,
        consume: C,
    ) -> C::Result {
        let travel = Ways::of::<M, Elsewhere>().travel(&work.task.shared);
        run(work.inputs, travel, &work.plan, consume)
    }
}

impl<I, S, R, F, M> Streams<I, Function<I::Item, S, R, F, M>> for Processes
where
    I: Iterator + Send + 'static,
    R: Send + 'static,
    F: Fn(I::Item, &S) -> R,
    M: Remote<Elsewhere, I::Item, S, R>,
{
    fn stream(self, work: Work<I, Function<I::Item, S, R, F, M>>) -> runs::Boxed<R> {
        let travel = Ways::of::<M, Elsewhere>().travel(&work.task.shared);
        stream(work.inputs, travel, &work.plan)
    }
}

impl<'t, I, R> Runs<I, Boxed<'t, I::Item, R>> for Processes
where
    I: Iterator,
{
    fn run<C: Consume<R>>(self, work: Work<I, Boxed<'t, I::Item, R>>, consume: C) -> C::Result {
        match work.task.0.travel() {
            Some(travel) => run(work.inputs, travel, &work.plan, consume),
            None => consume.consume(failed(no_task())),
        }
    }
}

impl<I, R> Streams<I, Boxed<'static, I::Item, R>> for Processes
where
    I: Iterator + Send + 'static,
    R: Send + 'static,
{
    fn stream(self, work: Work<I, Boxed<'static, I::Item, R>>) -> runs::Boxed<R> {
        match work.task.0.travel() {
            Some(travel) => stream(work.inputs, travel, &work.plan),
            None => Box::new(failed(no_task())),
        }
    }
}

/// Of a box that `task!` did not make.
fn no_task() -> Failure {
    Failure::Travel(Stays::closure().to_string())
}

fn failed<R>(failure: Failure) -> impl Iterator<Item = Outcome<R>> {
    std::iter::once((0, Err(Error::call(failure))))
}

/// Runs tasks that travel as `travel` says.
pub(super) fn run<I: Iterator, R, C: Consume<R>>(
    inputs: I,
    travel: Result<Travel<'_, I::Item, R>, PutError>,
    plan: &Plan,
    consume: C,
) -> C::Result {
    match outcomes(inputs, travel, plan) {
        Ok(outcomes) => consume.consume(outcomes),
        Err(failure) => consume.consume(failed(failure)),
    }
}

/// As [`run`], one outcome at a time.
pub(super) fn stream<I, R>(
    inputs: I,
    travel: Result<Travel<'_, I::Item, R>, PutError>,
    plan: &Plan,
) -> runs::Boxed<R>
where
    I: Iterator + Send + 'static,
    R: Send + 'static,
{
    match outcomes(inputs, travel, plan) {
        Ok(outcomes) => Box::new(outcomes),
        Err(failure) => Box::new(failed(failure)),
    }
}

fn outcomes<I: Iterator, R>(
    inputs: I,
    travel: Result<Travel<'_, I::Item, R>, PutError>,
    plan: &Plan,
) -> Result<Results<I, R>, Failure> {
    let begun = Instant::now();
    let travel = travel.map_err(|error| Failure::Travel(error.to_string()))?;
    let session = Session::open(&Spec {
        registration: travel.registration,
        shared: &travel.shared,
        workers: plan.n_jobs,
        batch: match plan.batch {
            Batch::Auto => None,
            Batch::Fixed(tasks) => Some(tasks),
        },
        timeout: plan.timeout,
        retries: plan.retries,
        seed: plan.seed,
        threads_per_worker: plan.share,
        captures: plan.processes.on_output.is_some(),
        max_tasks_per_worker: plan.processes.max_tasks,
        max_growth: plan.processes.max_growth,
        initializer: plan
            .initializer
            .as_ref()
            .map(Initializer::registration)
            .transpose()?,
    })?;
    let desk = Desk::new(inputs, travel.put, travel.take, plan);
    Ok(Results::new(desk, session, plan, begun))
}
