//! A task sees nothing of the task that its thread is in the middle of.

use joblib::backend::Rayon;
use joblib::{config, effective_n_jobs, par};

use super::in_time::in_time;
use super::pool;

#[test]
fn scopes_of_a_suspended_task_do_not_apply() {
    in_time(|| {
        let pool = pool(1);
        let seen: Vec<usize> = pool.install(|| {
            let tasks = par(0..4)
                .map(|_| effective_n_jobs())
                .backend(Rayon)
                .stream();
            // The only thread runs the tasks where it waits for them: in this scope.
            config().n_jobs(7).scope(|| {
                let seen = tasks.collect();
                assert_eq!(effective_n_jobs(), 7);
                seen
            })
        });
        assert!(seen.iter().all(|n_jobs| *n_jobs != 7), "{seen:?}");
    });
}

#[test]
fn a_task_without_a_seed_has_none_of_a_suspended_one() {
    in_time(|| {
        let pool = pool(1);
        let seen: Vec<Vec<bool>> = pool.install(|| {
            let inner = || {
                par(0..3)
                    .map(|_| joblib::try_rng().is_some())
                    .backend(Rayon)
            };
            let tasks = std::sync::Mutex::new(Some(inner().stream()));
            let outer = par(0..1).map(|_| {
                let seen = tasks.lock().unwrap().take().unwrap().collect();
                assert!(joblib::try_rng().is_some());
                seen
            });
            outer.seed(1).backend(Rayon).collect()
        });
        assert_eq!(seen, [[false; 3]]);
    });
}

#[test]
fn a_worker_is_itself_again_after_another_task() {
    in_time(|| {
        let pool = pool(1);
        pool.install(|| {
            let outer = par(0..3).map(|_| {
                let before = (joblib::worker_index(), joblib::n_workers());
                let inner = par(0..5).map(|x| x).backend(Rayon).stream();
                assert_eq!(inner.count(), 5);
                assert_eq!((joblib::worker_index(), joblib::n_workers()), before);
            });
            outer.backend(Rayon).for_each(drop);
        });
    });
}
