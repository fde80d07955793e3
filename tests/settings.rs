//! Settings of the call, of scopes and of the environment: extreme numbers, and calls
//! that tasks make.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use joblib::backend::{Processes, Sequential, Threads};
use joblib::parallel;
use joblib::parallel::ErrorKind;

const BACKENDS: [&str; 4] = ["sequential", "threads", "processes", "rayon"];

#[parallel]
fn next(x: u64) -> u64 {
    x + 1
}

/// Calls itself twice on each level and returns the number of calls at the bottom.
#[parallel]
fn level(depth: u64) -> Result<u64, String> {
    if depth == 0 {
        return Ok(1);
    }
    let inner = level::par([depth - 1, depth - 1]).n_jobs(2);
    let inner = inner
        .try_collect::<Vec<_>>()
        .map_err(|error| error.to_string())?;
    inner.into_iter().sum()
}

/// Returns the ids of the processes that run the tasks of a nested call.
#[parallel]
fn processes_within(_: u64) -> Vec<u32> {
    process::par(0..4).n_jobs(2).collect()
}

#[parallel]
fn process(_: u64) -> u32 {
    std::process::id()
}

/// Like `processes_within`, but the nested call sets its backend.
#[parallel]
fn processes_ordered_within(_: u64) -> Vec<u32> {
    process::par(0..4).n_jobs(1).backend(Processes).collect()
}

#[inline(never)]
fn deep(n: u64) -> u64 {
    let taken = std::hint::black_box([n; 64]);
    match n {
        0 => 0,
        n => 1 + deep(n - 1) + taken[0] - n,
    }
}

#[parallel]
fn depth(n: u64) -> u64 {
    deep(n)
}

#[test]
fn the_number_of_workers_is_at_most_the_number_of_inputs() {
    for n_jobs in [10_000_u64, u64::MAX] {
        for backend in BACKENDS {
            let call = || next::par(0..3).n_jobs(n_jobs).backend_named(backend);
            assert_eq!(call().try_collect::<Vec<_>>().unwrap(), [1, 2, 3]);
            assert!(call().stream().eq(1..4));
        }
    }
    // An input of unknown length gets workers as it returns items.
    for n_jobs in [1_000, i64::MAX] {
        let inputs = || (0..200_u64).filter(|x| x % 2 == 0);
        let call = || joblib::par(inputs()).map(|x| x + 1).n_jobs(n_jobs);
        let expected = || inputs().map(|x| x + 1);
        assert!(call().collect::<Vec<_>>().into_iter().eq(expected()));
        assert!(call().stream().eq(expected()));
    }
}

#[test]
fn workers_start_as_tasks_arrive() {
    // All tasks wait for one another, and they are far more than the workers that start
    // at once.
    let together = std::sync::Barrier::new(150);
    let inputs = (0..150).filter(|_| true);
    let call = joblib::par(inputs).map(|_| together.wait().is_leader());
    let leaders = call.n_jobs(10_000).collect::<Vec<_>>();
    assert_eq!(leaders.iter().filter(|is_leader| **is_leader).count(), 1);
    let call = joblib::par(0..150).map(|_| together.wait().is_leader());
    assert_eq!(call.n_jobs(10_000).collect::<Vec<_>>().len(), 150);
}

#[test]
fn the_largest_numbers_are_accepted() {
    for backend in BACKENDS {
        for n_jobs in [2, i64::MAX] {
            let call = || {
                let call = next::par(0..50).backend_named(backend).n_jobs(n_jobs);
                call.batch(usize::MAX).pre_dispatch(usize::MAX)
            };
            let call = || call().in_flight_bytes(u64::MAX).retries(u32::MAX);
            let call = || {
                call()
                    .timeout(Duration::MAX)
                    .deadline(Duration::MAX)
                    .verbose(0)
            };
            let mut seen = Vec::new();
            call().for_each(|x| seen.push(x));
            assert!(seen.iter().copied().eq(1..51), "{backend}");
            assert!(
                call().collect::<Vec<_>>().into_iter().eq(1..51),
                "{backend}"
            );
            assert!(call().stream().eq(1..51), "{backend}");
            assert_eq!(call().reduce(u64::max), Some(50), "{backend}");
        }
        let call = next::par(0..50)
            .backend_named(backend)
            .n_jobs(2)
            .batch(usize::MAX);
        call.for_each(drop);
    }
    let call = next::par(0..50).backend(Processes).n_jobs(1);
    let call = call.recycle_after(u64::MAX).recycle_at_growth(u64::MAX);
    assert_eq!(call.collect::<Vec<_>>().len(), 50);
}

#[test]
fn times_at_the_end_of_the_clock_are_accepted() {
    // The latest time of the clock, and times slightly before and after it.
    let end = (0..64).rev().fold(Duration::ZERO, |sum, bit| {
        let more = sum + Duration::from_secs(1 << bit.min(62));
        match std::time::Instant::now().checked_add(more) {
            Some(_) => more,
            None => sum,
        }
    });
    for limit in [end, end + Duration::from_secs(1), Duration::MAX] {
        for backend in BACKENDS {
            let call = next::par(0..5).backend_named(backend).n_jobs(2);
            let call = call.timeout(limit).deadline(limit);
            assert_eq!(call.collect::<Vec<_>>().len(), 5, "{limit:?} on {backend}");
        }
    }
}

#[test]
fn a_huge_or_infinite_size_hint_is_not_trusted() {
    struct Boasting(u64);

    impl Iterator for Boasting {
        type Item = u64;

        fn next(&mut self) -> Option<u64> {
            self.0 = self.0.checked_sub(1)?;
            Some(self.0)
        }

        fn size_hint(&self) -> (usize, Option<usize>) {
            (1 << 40, None)
        }
    }

    for backend in BACKENDS {
        let call = next::par(std::iter::repeat(4))
            .n_jobs(2)
            .backend_named(backend);
        assert!(
            call.batch(usize::MAX).stream().take(3).eq([5, 5, 5]),
            "{backend}"
        );
        let call = next::par(Boasting(20)).n_jobs(2).backend_named(backend);
        assert!(call.stream().eq((1..21).rev()), "{backend}");
    }
}

#[test]
fn a_timeout_or_deadline_of_zero_fails_every_task_on_every_backend() {
    for backend in BACKENDS {
        let call = || next::par(0..20).n_jobs(2).backend_named(backend);
        for retries in [0, 2] {
            let outcomes = call().timeout(Duration::ZERO).retries(retries).outcomes();
            let is_late = |outcome: Result<u64, _>| matches!(outcome, Err(it) if *failure(&it) == ErrorKind::TimedOut(Duration::ZERO));
            assert_eq!(outcomes.len(), 20);
            assert!(outcomes.into_iter().all(is_late), "{backend}");
        }
        let outcomes = call().deadline(Duration::ZERO).outcomes();
        let is_late = |outcome: Result<u64, _>| matches!(outcome, Err(it) if *failure(&it) == ErrorKind::DeadlinePassed(Duration::ZERO));
        assert_eq!(outcomes.len(), 20);
        assert!(outcomes.into_iter().all(is_late), "{backend}");
    }
}

fn failure(error: &joblib::parallel::Error) -> &ErrorKind {
    error.failure()
}

#[test]
fn a_stack_is_as_large_as_that_of_the_main_thread() {
    // Too deep for the default stack of 2 MiB, which the thread of the test has as well;
    // so that thread runs none of the tasks.
    let call = || {
        depth::par([6_000; 4])
            .n_jobs(2)
            .timeout(Duration::from_secs(3_600))
    };
    assert_eq!(call().backend(Threads).collect::<Vec<_>>(), [6_000; 4]);
    assert!(call().stream().eq([6_000; 4]));
    assert_eq!(call().backend(Processes).collect::<Vec<_>>(), [6_000; 4]);
}

#[test]
fn a_stack_has_the_configured_size() {
    let is_deep = |results: Vec<u64>| assert_eq!(results, [60_000; 2]);
    let call = || depth::par([60_000; 2]).stack_size(128 << 20);
    for n_jobs in [1, 2] {
        is_deep(call().n_jobs(n_jobs).collect());
        is_deep(call().n_jobs(n_jobs).stream().collect());
        is_deep(call().n_jobs(n_jobs).backend(Processes).collect());
    }
    let _scope = joblib::config().stack_size(128 << 20).enter();
    is_deep(depth::par([60_000; 2]).n_jobs(2).collect());
    is_deep(
        depth::par([60_000; 2])
            .n_jobs(2)
            .backend(Processes)
            .collect(),
    );
}

/// If there is no room for such a stack, no smaller one is used instead.
#[test]
fn a_stack_that_is_too_large_is_an_error_everywhere() {
    let limit = 1 << 40;
    for backend in ["threads", "processes"] {
        let call = || next::par([1, 2]).stack_size(limit).backend_named(backend);
        let streamed = || call().n_jobs(2).stream().outcomes().collect();
        for outcomes in [call().outcomes(), call().n_jobs(1).outcomes(), streamed()] {
            let errors: Vec<_> = outcomes.iter().filter_map(|it| it.as_ref().err()).collect();
            // A system that overcommits memory grants the stacks.
            let is_given = errors.is_empty() && outcomes.len() == 2;
            let named = format!("a stack of {limit} bytes");
            let is_reported = |error: &&joblib::parallel::Error| error.to_string().contains(&named);
            assert!(is_given || errors.iter().all(is_reported), "{errors:?}");
            assert_eq!(is_given, errors.is_empty());
        }
    }
}

#[test]
fn an_invalid_stack_size_is_refused_with_its_source() {
    for (size, why) in [
        (0, "is invalid"),
        (usize::MAX, "is larger than a thread's stack can be"),
    ] {
        let call = next::par([1]).stack_size(size);
        let text = call.try_collect::<Vec<_>>().unwrap_err().to_string();
        assert!(
            text.starts_with(&format!("stack_size = {size} (set on the call) {why}")),
            "{text}"
        );
    }
    let few = joblib::config()
        .stack_size(1)
        .scope(|| next::par([1]).n_jobs(2).collect::<Vec<_>>());
    assert_eq!(few, [2]);
}

/// Runs `test` again with the environment variables and returns its output.
fn again(test: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    command.envs(variables.iter().copied()).env(AGAIN, "1");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

/// Set in a child process that runs one of the tests.
const AGAIN: &str = "JOBLIB_TEST_AGAIN";

fn is_again() -> bool {
    std::env::var_os(AGAIN).is_some()
}

#[test]
fn nested_calls_work_the_same_by_the_environment_and_by_a_scope() {
    if is_again() {
        assert_eq!(level(5), Ok(32));
        let here: BTreeSet<u32> = [std::process::id()].into();
        let within = processes_within::par(0..4).n_jobs(2).collect::<Vec<_>>();
        for processes in within {
            let processes: BTreeSet<u32> = processes.into_iter().collect();
            assert_eq!(processes.len(), 1, "a task is run where it is called");
            assert_ne!(processes, here);
        }
        return;
    }
    let test = "nested_calls_work_the_same_by_the_environment_and_by_a_scope";
    again(test, &[("JOBLIB_RS_BACKEND", "processes")]);
    let scope = joblib::config().backend(Processes).enter();
    assert_eq!(level(5), Ok(32));
    for processes in processes_within::par(0..4).n_jobs(2).collect::<Vec<_>>() {
        assert_eq!(BTreeSet::from_iter(processes).len(), 1);
    }
    drop(scope);
}

#[test]
fn a_nested_call_can_choose_processes() {
    if is_again() {
        let within = processes_ordered_within::par([0]).collect::<Vec<_>>();
        let own = process::par([0]).n_jobs(1).collect::<Vec<_>>()[0];
        assert_ne!(within[0][0], own);
        assert_ne!(own, std::process::id());
        return;
    }
    let test = "a_nested_call_can_choose_processes";
    again(test, &[("JOBLIB_RS_BACKEND", "processes")]);
}

#[parallel]
fn threads_within(_: u64) -> usize {
    let call = joblib::par(0..20).map(|_| format!("{:?}", std::thread::current().id()));
    BTreeSet::from_iter(call.n_jobs(4).batch(1).collect::<Vec<_>>()).len()
}

#[test]
fn sequential_applies_in_workers_by_the_environment_and_by_a_scope() {
    if is_again() {
        let call = threads_within::par([0]).backend(Processes);
        assert_eq!(call.collect::<Vec<_>>(), [1]);
        return;
    }
    let test = "sequential_applies_in_workers_by_the_environment_and_by_a_scope";
    again(test, &[("JOBLIB_RS_BACKEND", "sequential")]);
    let _scope = joblib::config().backend(Sequential).enter();
    let call = threads_within::par([0]).backend(Processes);
    assert_eq!(call.collect::<Vec<_>>(), [1]);
}

#[test]
fn the_environment_sets_the_stack_size() {
    if is_again() {
        assert_eq!(
            depth::par([60_000; 2]).n_jobs(2).collect::<Vec<_>>(),
            [60_000; 2]
        );
        let elsewhere = depth::par([60_000; 2]).backend(Processes);
        assert_eq!(elsewhere.collect::<Vec<_>>(), [60_000; 2]);
        return;
    }
    let test = "the_environment_sets_the_stack_size";
    again(test, &[("JOBLIB_RS_STACK_SIZE", "134217728")]);
    let refused = "an_invalid_number_in_the_environment_is_refused";
    again(refused, &[("JOBLIB_RS_STACK_SIZE", "much")]);
}

#[test]
fn an_invalid_number_in_the_environment_is_refused() {
    if is_again() {
        let text = next::par([1])
            .try_collect::<Vec<_>>()
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("JOBLIB_RS_STACK_SIZE = much is not a number of bytes"),
            "{text}"
        );
    }
}

#[test]
fn the_environment_accepts_the_largest_number_of_workers() {
    if is_again() {
        assert_eq!(next::par(0..3).try_collect::<Vec<_>>().unwrap(), [1, 2, 3]);
        let inputs = (0..100).filter(|x| x % 2 == 0);
        assert_eq!(next::par(inputs).try_collect::<Vec<_>>().unwrap().len(), 50);
        return;
    }
    let test = "the_environment_accepts_the_largest_number_of_workers";
    again(test, &[("JOBLIB_RS_N_JOBS", "9223372036854775807")]);
}
