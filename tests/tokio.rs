//! `async` tasks that need a tokio runtime, called from programs with and without one.

use std::sync::mpsc;
use std::time::Duration;

use joblib::backend::{Processes, Sequential, Threads};
use joblib::parallel;
use tokio::runtime::Builder;

#[parallel]
async fn later(x: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(1)).await;
    x + 1
}

/// Sends a number to itself over a socket.
#[parallel]
async fn over_a_socket(x: u16) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let sender = tokio::spawn(async move {
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.writable().await.unwrap();
        stream.try_write(&x.to_ne_bytes()).unwrap();
    });
    let (stream, _) = listener.accept().await.unwrap();
    let mut received = [0; 2];
    // Readiness may be spurious.
    while stream.readable().await.is_ok() && stream.try_read(&mut received).is_err() {}
    sender.await.unwrap();
    u16::from_ne_bytes(received)
}

/// Makes a nested call that waits as well.
#[parallel]
async fn nested(x: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(1)).await;
    later::par([x, x + 1])
        .n_jobs(2)
        .reduce(|a, b| a + b)
        .unwrap()
}

/// Returns the result of `work`; the test fails if that takes too long.
fn in_time<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let (sender, done) = mpsc::channel();
    std::thread::spawn(move || sender.send(work()));
    done.recv_timeout(Duration::from_secs(60))
        .expect("the work ends in time")
}

fn everywhere() {
    for n_jobs in [1, 2] {
        let threads = later::par(0..8).backend(Threads).n_jobs(n_jobs);
        assert!(threads.collect::<Vec<_>>().into_iter().eq(1..9));
        let processes = later::par(0..8).backend(Processes).n_jobs(n_jobs);
        assert!(processes.collect::<Vec<_>>().into_iter().eq(1..9));
        assert!(later::par(0..8).n_jobs(n_jobs).stream().eq(1..9));
        assert_eq!(
            nested::par([1, 2]).n_jobs(n_jobs).collect::<Vec<_>>(),
            [5, 7]
        );
        let sockets = over_a_socket::par([7, 8]).n_jobs(n_jobs);
        assert_eq!(sockets.collect::<Vec<_>>(), [7, 8]);
    }
}

#[test]
fn a_task_waits_for_timers_and_sockets_without_a_runtime_around_it() {
    in_time(everywhere);
    let alone = in_time(|| later::par(0..3).backend(Sequential).collect::<Vec<_>>());
    assert_eq!(alone, [1, 2, 3]);
}

#[test]
fn calls_work_in_a_runtime_of_one_thread() {
    in_time(|| {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { everywhere() });
    });
}

#[test]
fn calls_work_in_a_runtime_of_several_threads() {
    for threads in [1, 2] {
        in_time(move || {
            let runtime = Builder::new_multi_thread()
                .worker_threads(threads)
                .enable_all()
                .build()
                .unwrap();
            let called = runtime.spawn(async {
                everywhere();
                later::par(0..3).backend(Sequential).collect::<Vec<_>>()
            });
            assert_eq!(runtime.block_on(called).unwrap(), [1, 2, 3]);
        });
    }
}

#[test]
fn waiting_on_the_thread_of_a_runtime_is_refused() {
    let error = in_time(|| {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let call = || later::par(0..3).backend(Sequential).try_collect::<Vec<_>>();
        runtime.block_on(async { call().unwrap_err().to_string() })
    });
    assert!(
        error.contains("run it on `Threads` or `Processes`"),
        "{error}"
    );
}
