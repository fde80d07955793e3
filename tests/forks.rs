//! Programs that fork without exec, such as servers that answer each request in a child.

#[path = "../joblib-runtime/tests/child/mod.rs"]
mod child;

use child::in_child;
use joblib::parallel;

const BACKENDS: [&str; 3] = ["sequential", "threads", "processes"];

#[parallel]
fn slow(x: u64) -> u64 {
    std::thread::sleep(std::time::Duration::from_millis(5));
    x
}

#[test]
fn a_child_that_drops_a_stream_of_its_parent_does_not_affect_it() {
    for backend in BACKENDS {
        let mut stream = slow::par(0..60)
            .n_jobs(2)
            .backend_named(backend)
            .stream()
            .outcomes();
        assert_eq!(stream.next().map(Result::ok), Some(Some(0)), "{backend}");
        let mut kept = Some(stream);
        for _ in 0..10 {
            assert!(in_child(60, || {
                drop(kept.take());
                true
            }));
        }
        let rest: Vec<_> = kept.into_iter().flatten().map(Result::ok).collect();
        assert_eq!(rest, (1..60).map(Some).collect::<Vec<_>>(), "{backend}");
    }
}

#[test]
fn a_stream_of_the_parent_fails_in_the_child() {
    for backend in ["threads", "processes"] {
        let mut stream = slow::par(0..6)
            .n_jobs(2)
            .backend_named(backend)
            .stream_unordered()
            .outcomes();
        assert!(stream.next().is_some());
        assert!(in_child(60, || {
            let outcomes: Vec<_> = stream.by_ref().collect();
            let text = outcomes[0].1.as_ref().unwrap_err().to_string();
            outcomes.len() == 1 && text.contains("the process that forked this one")
        }));
        assert_eq!(stream.filter(|(_, outcome)| outcome.is_ok()).count(), 5);
    }
}

#[test]
fn a_child_has_streams_of_its_own() {
    for backend in BACKENDS {
        let parents = slow::par(0..20).n_jobs(2).backend_named(backend).stream();
        assert!(in_child(60, || {
            let own = slow::par(0..6).n_jobs(2).backend_named(backend).stream();
            own.eq(0..6)
        }));
        assert!(parents.eq(0..20), "{backend}");
    }
}
