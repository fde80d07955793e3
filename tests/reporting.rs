//! What the environment configures for a call, and what a call reports on standard error.
//!
//! The calls run in a child process: this test, run again with an environment variable
//! set.

use std::collections::BTreeSet;
use std::process::{Command, Output};

use joblib::backend::{Processes, Sequential, Threads};
use joblib::parallel;

const AGAIN: &str = "JOBLIB_TEST_TOLD";

#[parallel]
fn process(_: u64) -> u32 {
    std::process::id()
}

/// Runs `test` again with the environment variables.
fn again(test: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([test, "--exact", "--nocapture"])
        .env(AGAIN, "1");
    let output = command.envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

fn is_again() -> bool {
    std::env::var_os(AGAIN).is_some()
}

#[test]
fn a_summary_reports_tasks_and_workers_of_every_backend() {
    if is_again() {
        let call = || process::par(0..40).n_jobs(2).verbose(1);
        drop(call().backend(Sequential).collect::<Vec<_>>());
        drop(call().backend(Threads).collect::<Vec<_>>());
        drop(call().backend(Processes).collect::<Vec<_>>());
        drop(call().backend(Threads).stream().collect::<Vec<_>>());
        return;
    }
    let output = again("a_summary_reports_tasks_and_workers_of_every_backend", &[]);
    let text = String::from_utf8(output.stderr).unwrap();
    let summaries: Vec<&str> = text
        .lines()
        .filter(|line| line.contains(" 40 tasks in "))
        .collect();
    let backends = ["one thread", "threads", "processes", "threads"];
    assert_eq!(summaries.len(), backends.len(), "{text}");
    for (line, backend) in summaries.into_iter().zip(backends) {
        assert!(line.contains(&format!(" on {backend}: ")), "{line}");
    }
}

#[test]
fn the_environment_sets_backend_and_jobs() {
    if is_again() {
        let processes: BTreeSet<u32> = process::par(0..40).batch(1).collect();
        println!(
            "has {} others",
            usize::from(!processes.contains(&std::process::id()))
        );
        let threads = joblib::par(0..40).map(|_| std::thread::current().id());
        let threads: std::collections::HashSet<_> = threads.collect();
        println!("has {} threads", threads.len());
        return;
    }
    let name = "the_environment_sets_backend_and_jobs";
    let printed = |variables: &[(&str, &str)]| {
        let output = again(name, variables);
        String::from_utf8(output.stdout).unwrap()
    };
    let text = printed(&[
        ("JOBLIB_RS_BACKEND", "processes"),
        ("JOBLIB_RS_N_JOBS", "1"),
    ]);
    assert!(text.contains("has 1 others"), "{text}");
    assert!(text.contains("has 1 threads"), "{text}");
    let text = printed(&[
        ("JOBLIB_RS_BACKEND", "sequential"),
        ("JOBLIB_RS_N_JOBS", "3"),
    ]);
    assert!(
        text.contains("has 0 others") && text.contains("has 1 threads"),
        "{text}"
    );
}

#[parallel(instantiate(u8))]
fn generic<T>(_: T) -> u32 {
    std::process::id()
}

#[test]
fn a_backend_from_the_environment_refuses_types_that_cannot_be_sent() {
    if is_again() {
        let here = std::process::id();
        assert_ne!(generic::par([1_u8]).collect::<Vec<_>>(), [here]);
        let task = joblib::task!([n: u32 = 0] |x: u32| std::process::id() + n * x);
        assert_ne!(joblib::par([1]).map(task).collect::<Vec<_>>(), [here]);
        let closure = joblib::par([1]).map(|_| std::process::id());
        assert_eq!(
            closure.collect::<Vec<_>>(),
            [here],
            "closures ignore the backend of the environment"
        );
        let refused = generic::par([1_u16]).try_collect::<Vec<_>>();
        println!("reported: {}", refused.unwrap_err());
        return;
    }
    let name = "a_backend_from_the_environment_refuses_types_that_cannot_be_sent";
    let output = again(name, &[("JOBLIB_RS_BACKEND", "processes")]);
    let text = String::from_utf8(output.stdout).unwrap();
    let expected = "reported: the environment variable JOBLIB_RS_BACKEND = processes cannot run \
                `generic::<u16>`";
    assert!(text.contains(expected), "{text}");
    assert!(text.contains("`#[parallel(instantiate(u16))]`"), "{text}");
}

#[test]
fn an_invalid_variable_is_named_in_the_error() {
    if is_again() {
        let error = process::par(0..4).try_collect::<Vec<u32>>().unwrap_err();
        println!("reported: {error}");
        return;
    }
    for (variable, value) in [("JOBLIB_RS_N_JOBS", "many"), ("JOBLIB_RS_BACKEND", "loky")] {
        let output = again(
            "an_invalid_variable_is_named_in_the_error",
            &[(variable, value)],
        );
        let text = String::from_utf8(output.stdout).unwrap();
        let line = text
            .lines()
            .find(|line| line.contains("reported: "))
            .unwrap_or_default();
        assert!(line.contains(variable) && line.contains(value), "{text}");
    }
}
