//! The numbers of cores and of workers: what a program learns before a call, and what a
//! task learns about its worker.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use joblib::backend::{Processes, Sequential, Threads};
use joblib::{config, cpu_count, effective_n_jobs, n_workers, parallel, worker_index};

const BACKENDS: [&str; 4] = ["sequential", "threads", "processes", "rayon"];

/// Returns what the task sees of its worker.
#[parallel]
fn place(_: u64) -> (Option<usize>, Option<usize>) {
    (worker_index(), n_workers())
}

/// Whether an attempt to own what belongs to the worker in `directory` fails.
#[parallel(shared(directory))]
fn is_taken(_: u64, directory: &str) -> bool {
    let path = std::path::Path::new(directory).join(worker_index().unwrap().to_string());
    let opened = std::fs::File::create_new(&path);
    std::thread::sleep(Duration::from_millis(2));
    let is_taken = opened.is_err();
    if !is_taken {
        std::fs::remove_file(path).unwrap();
    }
    is_taken
}

#[parallel]
fn effective_within(_: u64) -> usize {
    effective_n_jobs()
}

/// Returns the places of nested tasks, between those that this task sees around them.
#[parallel]
fn places_around(_: u64) -> Vec<(Option<usize>, Option<usize>)> {
    let before = (worker_index(), n_workers());
    let mut places = vec![before];
    let nested = place::par(0..4).n_jobs(3).backend(Threads);
    places.extend(nested.collect::<Vec<_>>());
    places.push((worker_index(), n_workers()));
    places
}

#[parallel]
fn note_worker() {
    FIRST.store(worker_index() == Some(0) && n_workers() == Some(1), SeqCst);
}

static FIRST: AtomicBool = AtomicBool::new(false);

#[parallel]
fn was_noted(_: u64) -> bool {
    FIRST.load(SeqCst)
}

#[parallel]
fn crash_or_place(x: u64) -> Option<usize> {
    if x.is_multiple_of(3) {
        std::process::abort();
    }
    worker_index()
}

#[test]
fn cores_are_counted_as_calls_count_them() {
    let from_calls = config().n_jobs(-1).scope(effective_n_jobs);
    assert_eq!(cpu_count(), from_calls);
    assert!(cpu_count() >= 1);
    let seen: Vec<usize> = joblib::par(0..4).map(|_| cpu_count()).n_jobs(2).collect();
    assert!(seen.iter().all(|cores| *cores == cpu_count()));
}

#[test]
fn the_effective_number_is_that_of_a_call() {
    let by_call = || {
        let call = joblib::par(0..10_000).map(|_| n_workers().unwrap());
        call.reduce(|a, _| a).unwrap()
    };
    for n in [1, 2, 3, 7] {
        config().n_jobs(n).scope(|| {
            assert_eq!(effective_n_jobs(), n);
            assert_eq!(effective_n_jobs(), by_call());
        });
    }
    let sequential = config().n_jobs(4).backend(Sequential);
    sequential.scope(|| assert_eq!((effective_n_jobs(), by_call()), (1, 1)));
}

#[test]
fn inside_a_task_the_effective_number_is_its_share() {
    for backend in ["threads", "processes"] {
        // Twice as many workers as cores leave one core for each task.
        let call = effective_within::par(0..4).n_jobs(2 * cpu_count() as u64);
        let within: Vec<usize> = call.backend_named(backend).collect();
        assert_eq!(within, [1; 4], "{backend}");
    }
}

#[test]
fn an_invalid_setting_is_a_panic_that_names_it() {
    let unwound = std::panic::catch_unwind(|| config().n_jobs(0).scope(effective_n_jobs));
    let payload = unwound.unwrap_err();
    let text = payload.downcast_ref::<String>().unwrap();
    assert!(
        text.starts_with("n_jobs = 0 (set by joblib::config())"),
        "{text}"
    );
}

/// Set in a child process with another environment.
const CHILD: &str = "JOBLIB_TEST_WORKERS_CHILD";

#[test]
fn the_environment_counts() {
    if std::env::var_os(CHILD).is_some() {
        assert_eq!(effective_n_jobs(), 5);
        assert_eq!(cpu_count(), 1);
        assert_eq!(config().n_jobs(-1).scope(effective_n_jobs), 1);
        return;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["the_environment_counts", "--exact"])
        .env(CHILD, "1");
    command
        .env("JOBLIB_RS_N_JOBS", "5")
        .env("SLURM_CPUS_PER_TASK", "1");
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn a_task_sees_its_worker_on_every_backend() {
    for backend in BACKENDS {
        for (inputs, n_jobs, workers) in [(40, 3, 3), (2, 5, 2), (8, 1, 1)] {
            let call = || place::par(0..inputs).n_jobs(n_jobs).backend_named(backend);
            let workers = match backend {
                "sequential" => 1,
                "rayon" => workers.min(rayon::current_num_threads()),
                _ => workers,
            };
            for (index, count) in call()
                .collect::<Vec<_>>()
                .into_iter()
                .chain(call().stream())
            {
                assert_eq!(count, Some(workers), "{backend}");
                assert!(index.unwrap() < workers, "{backend}");
            }
        }
    }
    assert_eq!((worker_index(), n_workers()), (None, None));
}

#[test]
fn workers_that_run_at_one_time_have_different_numbers() {
    for backend in BACKENDS {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_str().unwrap();
        let call = is_taken::par(0..60, path).n_jobs(4).batch(1);
        let taken: Vec<bool> = call.backend_named(backend).collect();
        assert!(taken.into_iter().all(|is_taken| !is_taken), "{backend}");
    }
}

#[test]
fn several_workers_of_a_call_run() {
    for backend in ["threads", "processes"] {
        // Workers start as there are tasks for them, so wait for the second.
        let end = Instant::now() + Duration::from_secs(60);
        let slow = std::iter::repeat_with(|| {
            std::thread::sleep(Duration::from_millis(1));
            0
        });
        let seen: BTreeSet<_> = place::par(slow)
            .n_jobs(2)
            .batch(1)
            .backend_named(backend)
            .stream()
            .take_while(|_| Instant::now() < end)
            .scan(BTreeSet::new(), |seen, (index, _)| {
                seen.insert(index);
                Some(seen.clone())
            })
            .find(|seen| seen.len() == 2)
            .unwrap();
        assert_eq!(seen, [Some(0), Some(1)].into(), "{backend}");
    }
}

#[test]
fn a_nested_call_has_workers_of_its_own() {
    for backend in BACKENDS {
        let call = places_around::par(0..2).n_jobs(2).backend_named(backend);
        for places in call.collect::<Vec<_>>() {
            let [before, nested @ .., after] = &places[..] else {
                panic!("{places:?}");
            };
            assert_eq!(before, after, "{backend}");
            assert!(
                nested.iter().all(|(_, count)| *count == Some(3)),
                "{places:?}"
            );
        }
    }
}

#[test]
fn an_initializer_sees_the_worker_that_it_prepares() {
    for backend in BACKENDS {
        FIRST.store(false, SeqCst);
        let call = was_noted::par(0..3).n_jobs(1).backend_named(backend);
        let noted: Vec<bool> = call.initializer(note_worker::par([()])).collect();
        assert_eq!(noted, [true; 3], "{backend}");
    }
}

#[test]
fn a_worker_process_takes_the_number_of_one_that_was_lost() {
    let call = crash_or_place::par(0..12).n_jobs(2).backend(Processes);
    for outcome in call.outcomes().into_iter().flatten() {
        assert!(outcome.unwrap() < 2);
    }
}

#[test]
fn an_input_and_a_consumer_have_no_worker() {
    for backend in ["sequential", "processes"] {
        let inputs = (0..4).inspect(|_| assert_eq!(worker_index(), None));
        let call = place::par(inputs).n_jobs(2).backend_named(backend);
        call.for_each(|_| assert_eq!(worker_index(), None));
    }
}
