//! Tests of configuration scopes.

use std::panic::catch_unwind;

use super::*;
use crate::backend::{Processes, Threads};

fn n_jobs() -> Option<i64> {
    in_force().n_jobs.map(|setting| setting.value)
}

#[test]
fn the_innermost_scope_wins_and_leaves_the_rest_open() {
    config().n_jobs(3).verbose(1).scope(|| {
        config().n_jobs(2).scope(|| {
            assert_eq!(n_jobs(), Some(2));
            assert_eq!(in_force().verbose, Some(1));
        });
        assert_eq!(n_jobs(), Some(3));
    });
    assert_eq!(in_force(), Defaults::default());
}

#[test]
fn a_guard_holds_until_it_is_dropped() {
    let guard = config().n_jobs(5).enter();
    assert_eq!(n_jobs(), Some(5));
    drop(guard);
    assert_eq!(n_jobs(), None);
}

#[test]
fn guards_dropped_in_any_order_leave_nothing() {
    let outer = config().n_jobs(1).enter();
    let middle = config().n_jobs(2).enter();
    let inner = config().n_jobs(3).enter();
    drop(middle);
    assert_eq!(n_jobs(), Some(3));
    drop(outer);
    assert_eq!(n_jobs(), Some(3));
    let another = config().n_jobs(4).enter();
    drop(inner);
    assert_eq!(n_jobs(), Some(4));
    drop(another);
    assert_eq!(n_jobs(), None);
}

#[test]
fn a_panic_ends_the_scope() {
    let unwound = catch_unwind(|| config().n_jobs(2).scope(|| panic!("on purpose")));
    assert!(unwound.is_err());
    assert_eq!(n_jobs(), None);
}

#[test]
fn a_scope_is_of_its_thread_unless_another_adopts_it() {
    let _guard = config().n_jobs(2).batch(7).verbose(1).enter();
    let snapshot = current();
    std::thread::spawn(move || {
        assert_eq!(n_jobs(), None);
        let adopted = adopt(snapshot);
        let n_jobs = in_force().n_jobs.expect("the scope sets n_jobs");
        assert_eq!((n_jobs.value, n_jobs.by), (2, SettingSource::Enclosing));
        assert_eq!(
            in_force().batch.expect("the scope sets batch").value,
            Batch::Fixed(7)
        );
        assert_eq!(in_force().verbose, None, "nested calls print no summary");
        drop(adopted);
        assert_eq!(in_force(), Defaults::default());
    })
    .join()
    .expect("the thread does not panic");
}

#[test]
fn a_snapshot_survives_the_way_to_another_process() {
    let _guard = config()
        .n_jobs(2)
        .backend(Processes)
        .deadline(Duration::from_millis(5))
        .enter();
    let bytes = postcard::to_stdvec(&current()).expect("a snapshot can be encoded");
    assert_eq!(postcard::from_bytes(&bytes), Ok(current()));
}

#[test]
fn tasks_of_worker_processes_run_their_calls_on_threads() {
    let _guard = config().backend(Processes).enter();
    std::thread::scope(|scope| {
        let snapshot = current().for_process();
        let worker = scope.spawn(move || {
            let _adopted = adopt(snapshot);
            in_force().backend
        });
        assert_eq!(worker.join().expect("it does not panic"), None);
    });
}

fn chosen(scopes: Defaults, variable: Option<&str>) -> Result<Option<BackendKind>, ErrorKind> {
    let lookup = |_: &str| variable.map(Into::into);
    let setting = backend_of(scopes, &Environment::fake(&lookup))?;
    Ok(setting.map(|setting| setting.value))
}

#[test]
fn the_backend_of_a_scope_wins_over_the_environment() {
    let scope = |config: Config| config.0;
    assert_eq!(chosen(Defaults::default(), None), Ok(None));
    let by_variable = chosen(Defaults::default(), Some("processes"));
    assert_eq!(by_variable, Ok(Some(BackendKind::Processes)));
    let typed = scope(config().backend(Threads));
    assert_eq!(
        chosen(typed, Some("processes")),
        Ok(Some(BackendKind::Threads))
    );
    let named = scope(config().backend_named("sequential"));
    assert_eq!(
        chosen(named, Some("no such")),
        Ok(Some(BackendKind::Sequential))
    );
}

#[test]
fn a_bad_backend_names_itself_its_source_and_the_others() {
    let text = |outcome| match outcome {
        Err(ErrorKind::InvalidSetting(text)) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        text(chosen(config().backend_named("loky").0, None)),
        "unknown backend `loky` (set by joblib::config()); \
         expected one of sequential, threads, processes, rayon"
    );
    assert_eq!(
        text(chosen(Defaults::default(), Some("loky"))),
        "unknown backend `loky` (set by the environment variable JOBLIB_RS_BACKEND); \
         expected one of sequential, threads, processes, rayon"
    );
}
