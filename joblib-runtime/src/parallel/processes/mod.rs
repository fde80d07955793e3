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
use super::ends::Consume;
use super::error::{Error, Failure};
use super::initializer::Initializer;
use super::plan::Plan;
use super::runs::{self, Runs, Streams, Work};
use super::settings::Batch;
use crate::backend::Processes;
use crate::process::{Session, Spec};
use crate::task::{Anonymous, Closure, Elsewhere, Function, Remote, Travel, Ways};
use crate::wire::{PutError, Writer};

/// What `task!` makes.
type Boxed<'t, A, S, R, M> = Closure<Box<dyn Anonymous<A, S, R, M> + 't>>;

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
        run(work.inputs, Some(travel), &work.plan, consume)
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
        stream(work.inputs, Some(travel), &work.plan)
    }
}

impl<'t, I, S, R, M> Runs<I, Boxed<'t, I::Item, S, R, M>> for Processes
where
    I: Iterator,
    M: Remote<Elsewhere, I::Item, S, R>,
{
    fn run<C: Consume<R>>(
        self,
        work: Work<I, Boxed<'t, I::Item, S, R, M>>,
        consume: C,
    ) -> C::Result {
        let captured = work.task.0.captured();
        run(
            work.inputs,
            Some(captures::<_, S, _, M>(&captured)),
            &work.plan,
            consume,
        )
    }
}

impl<I, S, R, M> Streams<I, Boxed<'static, I::Item, S, R, M>> for Processes
where
    I: Iterator + Send + 'static,
    R: Send + 'static,
    M: Remote<Elsewhere, I::Item, S, R>,
{
    fn stream(self, work: Work<I, Boxed<'static, I::Item, S, R, M>>) -> runs::Boxed<R> {
        let captured = work.task.0.captured();
        stream(
            work.inputs,
            Some(captures::<_, S, _, M>(&captured)),
            &work.plan,
        )
    }
}

/// How a closure travels that has captured what `message` says.
fn captures<A, S, R, M: Remote<Elsewhere, A, S, R>>(
    message: &Result<Vec<u8>, PutError>,
) -> Result<Travel<'_, A, R>, PutError> {
    let message = message.as_ref().map_err(Clone::clone)?;
    Ok(Travel {
        registration: M::registration(),
        shared: Writer::whole(message),
        put: M::put,
        take: M::take,
    })
}

/// Runs tasks that travel as `travel` says.
pub(super) fn run<I: Iterator, R, C: Consume<R>>(
    inputs: I,
    travel: Option<Result<Travel<'_, I::Item, R>, PutError>>,
    plan: &Plan,
    consume: C,
) -> C::Result {
    match outcomes(inputs, travel, plan) {
        Ok(outcomes) => consume.consume(outcomes),
        Err(failure) => consume.consume(std::iter::once((0, Err(Error::call(failure))))),
    }
}

/// As [`run`], one outcome at a time.
pub(super) fn stream<I, R>(
    inputs: I,
    travel: Option<Result<Travel<'_, I::Item, R>, PutError>>,
    plan: &Plan,
) -> runs::Boxed<R>
where
    I: Iterator + Send + 'static,
    R: Send + 'static,
{
    match outcomes(inputs, travel, plan) {
        Ok(outcomes) => Box::new(outcomes),
        Err(failure) => Box::new(std::iter::once((0, Err(Error::call(failure))))),
    }
}

fn outcomes<I: Iterator, R>(
    inputs: I,
    travel: Option<Result<Travel<'_, I::Item, R>, PutError>>,
    plan: &Plan,
) -> Result<Results<I, R>, Failure> {
    let begun = Instant::now();
    let stays = || Failure::Travel("these tasks stay in this process".to_owned());
    let travel = travel.ok_or_else(stays)?;
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
