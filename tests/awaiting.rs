//! Calls in `async` code: `.await` and `stream_async` never block the thread that polls
//! them.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use futures_util::{FutureExt, StreamExt, TryStreamExt};
use joblib::backend::{Processes, Rayon, Sequential, Threads};
use joblib::parallel::{AsyncStream, ErrorKind, config};
use joblib::{CancelToken, memoize, par, parallel};
use tokio::runtime::{Builder, Runtime};

#[path = "in_time/mod.rs"]
mod in_time;

use in_time::in_time;

#[parallel]
fn square(x: u64) -> u64 {
    x * x
}

/// Runtimes of one and of two threads.
fn runtimes() -> [Runtime; 2] {
    let one = Builder::new_current_thread().enable_all().build();
    let two = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    [one.unwrap(), two.unwrap()]
}

/// A gate that tasks wait at.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn pass(&self) {
        let is_open = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(is_open, |is_open| !*is_open).unwrap());
    }

    fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }
}

/// Waits until the count is at least `least`.
fn reaches(count: &AtomicUsize, least: usize) {
    let end = Instant::now() + Duration::from_secs(50);
    while count.load(SeqCst) < least {
        assert!(Instant::now() < end, "{count:?} does not reach {least}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

async fn on_every_backend() {
    let expected: Vec<u64> = (0..100).map(|x| x * x).collect();
    assert_eq!(square::par(0..100).await.unwrap(), expected);
    assert_eq!(
        square::par(0..100).backend(Sequential).await.unwrap(),
        expected
    );
    assert_eq!(
        square::par(0..100)
            .backend(Threads)
            .n_jobs(2)
            .await
            .unwrap(),
        expected
    );
    assert_eq!(
        square::par(0..100)
            .backend(Processes)
            .n_jobs(2)
            .await
            .unwrap(),
        expected
    );
    assert_eq!(square::par(0..100).backend(Rayon).await.unwrap(), expected);
    let named = square::par(0..100)
        .backend_named("processes")
        .stream_async();
    assert_eq!(named.try_collect::<Vec<_>>().await.unwrap(), expected);
    for ahead in [1, 2, 50] {
        let call = square::par(0..100).backend(Threads).n_jobs(2);
        let stream = call.pre_dispatch(ahead).stream_async();
        assert_eq!(stream.try_collect::<Vec<_>>().await.unwrap(), expected);
    }
    for call in [
        square::par(0..100).backend(Sequential).stream_async(),
        square::par(0..100).backend(Rayon).stream_async(),
        square::par(0..100)
            .backend(Processes)
            .n_jobs(2)
            .stream_async(),
    ] {
        assert_eq!(call.try_collect::<Vec<_>>().await.unwrap(), expected);
    }
}

#[test]
fn results_come_in_order_on_every_backend_and_runtime() {
    in_time(|| pollster::block_on(on_every_backend()));
    for runtime in runtimes() {
        in_time(move || runtime.block_on(on_every_backend()));
    }
}

#[test]
fn other_tasks_of_the_runtime_go_on_meanwhile() {
    for runtime in runtimes() {
        in_time(move || {
            runtime.block_on(async {
                let ticks = Arc::new(AtomicUsize::new(0));
                let seen = Arc::clone(&ticks);
                // The tasks wait for the ticks, which this thread has to count.
                let call = par(0..4).map(move |_| reaches(&seen, 5)).n_jobs(2);
                let theirs = Arc::clone(&ticks);
                let ticking = async move {
                    loop {
                        tokio::time::sleep(Duration::from_millis(1)).await;
                        theirs.fetch_add(1, SeqCst);
                    }
                };
                tokio::select! {
                    results = async { call.await } => assert_eq!(results.unwrap().len(), 4),
                    () = ticking => unreachable!(),
                }
            });
        });
    }
}

#[test]
fn a_failure_is_an_error_and_not_a_panic() {
    in_time(|| {
        let call = || par(0..10).map(|x| if x % 5 == 3 { panic!("no {x}") } else { x });
        let error = pollster::block_on(async { call().await }).unwrap_err();
        assert_eq!(error.index(), Some(3));
        assert!(
            error.to_string().contains("panicked at tests/awaiting.rs:"),
            "{error}"
        );
        let outcomes: Vec<_> = pollster::block_on(call().stream_async().collect());
        assert_eq!(outcomes.len(), 10);
        let failed: Vec<_> = outcomes
            .iter()
            .filter_map(|it| it.as_ref().err()?.index())
            .collect();
        assert_eq!(failed, [3, 8]);
        let invalid = pollster::block_on(async { call().backend_named("loky").await });
        assert!(invalid.unwrap_err().to_string().contains("loky"));
        let zero = pollster::block_on(call().n_jobs(0).stream_async().collect::<Vec<_>>());
        assert!(matches!(zero[..], [Err(ref error)] if error.to_string().contains("n_jobs = 0")));
    });
}

#[test]
fn nothing_begins_before_the_first_poll() {
    let begun = Arc::new(AtomicUsize::new(0));
    let call = || {
        let begun = Arc::clone(&begun);
        par(0..4).map(move |_| begun.fetch_add(1, SeqCst)).n_jobs(2)
    };
    let future = call().into_future();
    let stream = call().stream_async();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(begun.load(SeqCst), 0);
    drop((future, stream));
    assert_eq!(begun.load(SeqCst), 0);
}

/// Polls `start` until two tasks run, drops it while they wait, and returns how many tasks
/// began in total.
fn begun_before_drop<F>(start: impl FnOnce(Arc<AtomicUsize>, Gate) -> F) -> usize
where
    F: Future + Unpin,
{
    let (begun, gate) = (Arc::new(AtomicUsize::new(0)), Gate::default());
    let mut future = start(Arc::clone(&begun), gate.clone());
    assert!((&mut future).now_or_never().is_none());
    reaches(&begun, 2);
    // If this waited for the tasks, it would wait for ever.
    drop(future);
    gate.open();
    std::thread::sleep(Duration::from_millis(100));
    begun.load(SeqCst)
}

#[test]
fn a_future_or_stream_that_is_dropped_cancels_its_call_without_waiting() {
    in_time(|| {
        let call = |begun: Arc<AtomicUsize>, gate: Gate| {
            let call = par(0..1_000).map(move |_| {
                begun.fetch_add(1, SeqCst);
                gate.pass();
            });
            call.n_jobs(2).batch(1).backend(Threads)
        };
        let of_future = begun_before_drop(|begun, gate| call(begun, gate).into_future());
        assert_eq!(of_future, 2);
        let of_stream = begun_before_drop(|begun, gate| {
            let mut stream: AsyncStream<()> = call(begun, gate).stream_async();
            Box::pin(async move { stream.next().await })
        });
        assert_eq!(of_stream, 2);
    });
}

#[test]
fn tasks_run_no_further_ahead_of_the_stream_than_allowed() {
    in_time(|| {
        for ahead in [1, 3] {
            let begun = Arc::new(AtomicUsize::new(0));
            let theirs = Arc::clone(&begun);
            let call = par(0..50).map(move |_| theirs.fetch_add(1, SeqCst));
            let mut stream = call.n_jobs(2).pre_dispatch(ahead).stream_async();
            for taken in 1..=20 {
                assert!(pollster::block_on(stream.next()).unwrap().is_ok());
                std::thread::sleep(Duration::from_millis(2));
                let begun = begun.load(SeqCst);
                assert!(begun <= taken + ahead, "{begun} of {taken} + {ahead}");
            }
        }
        // Without a limit, a stream that nobody polls does not run to its end.
        let begun = Arc::new(AtomicUsize::new(0));
        let theirs = Arc::clone(&begun);
        let endless = par(0_u64..).map(move |_| theirs.fetch_add(1, SeqCst));
        let mut stream = endless.n_jobs(2).stream_async();
        assert!(pollster::block_on(stream.next()).unwrap().is_ok());
        std::thread::sleep(Duration::from_millis(50));
        let before = begun.load(SeqCst);
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(begun.load(SeqCst), before);
    });
}

#[test]
fn a_token_cancels_a_call_that_is_awaited() {
    in_time(|| {
        let token = CancelToken::new();
        let button = token.clone();
        let call = par(0..1_000_000_u64).map(move |x| {
            if x == 10 {
                button.cancel();
            }
        });
        let outcome = pollster::block_on(async { call.cancel_with(&token).n_jobs(2).await });
        assert_eq!(outcome.unwrap_err().failure(), &ErrorKind::Cancelled);
    });
}

#[test]
fn the_scopes_of_the_creation_apply() {
    in_time(|| {
        let future = config().n_jobs(3).batch(1).scope(|| {
            par(0..9)
                .map(|_| joblib::n_workers())
                .backend(Threads)
                .into_future()
        });
        assert_eq!(pollster::block_on(future).unwrap(), [Some(3); 9]);
    });
}

#[test]
fn a_panic_of_the_callback_is_one_of_the_poll() {
    in_time(|| {
        let call = || par(0..4).map(|x| x).on_progress(|_| panic!("on purpose"));
        let awaiting = || drop(pollster::block_on(call().into_future()));
        assert!(std::panic::catch_unwind(awaiting).is_err());
        let streaming = || {
            drop(pollster::block_on(
                call().stream_async().collect::<Vec<_>>(),
            ))
        };
        assert!(std::panic::catch_unwind(streaming).is_err());
    });
}

#[memoize(dir = "target/test-cache/awaiting")]
async fn total(n: u64) -> u64 {
    if n == 0 {
        return 1;
    }
    // The tasks block their threads, and wait for each other.
    let call = par([n, n - 1]).map(move |m| match m == n {
        true => pollster::block_on(Box::pin(total(0))),
        false => pollster::block_on(Box::pin(total(m))),
    });
    call.n_jobs(2).await.unwrap().into_iter().sum()
}

#[test]
fn memoized_functions_may_await_calls_that_need_memoized_functions() {
    total::clear();
    in_time(|| {
        assert_eq!(pollster::block_on(total(5)), 6);
    });
}
