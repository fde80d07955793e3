//! Inputs whose iterator blocks: a channel, an input that arrives now and then, an input
//! that depends on an earlier result. Blocking inputs do not delay results.

mod in_time;

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use joblib::parallel;
use joblib::parallel::{Error, ErrorKind, Stream};

use self::in_time::in_time;

const BACKENDS: [&str; 4] = ["sequential", "threads", "processes", "rayon"];

/// The backends that run several workers.
const BESIDE: [&str; 2] = ["threads", "processes"];

#[parallel]
fn next(x: u64) -> u64 {
    assert_ne!(x, 13, "unlucky");
    x + 1
}

#[parallel]
fn slow(x: u64) -> u64 {
    std::thread::sleep(Duration::from_millis(x));
    x
}

#[test]
fn results_computed_before_the_deadline_count_even_if_consumed_later() {
    for backend in BESIDE {
        slow::par([1, 1])
            .n_jobs(2)
            .backend_named(backend)
            .for_each(drop);
        let call = slow::par([100; 4]).n_jobs(2).backend_named(backend);
        let mut is_first = true;
        let sum = call.deadline(Duration::from_secs(2)).reduce(|a, b| {
            if std::mem::take(&mut is_first) {
                std::thread::sleep(Duration::from_millis(2_200));
            }
            a + b
        });
        assert_eq!(sum, Some(400), "{backend}");
    }
}

/// Returns a channel that holds its first input, and a function that sends each result as
/// the next input, up to 4.
fn feedback() -> (impl FnMut(u64) + Send, Receiver<u64>) {
    let (sender, inputs) = mpsc::channel();
    sender.send(0).unwrap();
    let mut sender = Some(sender);
    let lead_on = move |y: u64| match &sender {
        Some(open) if y < 5 => open.send(y).unwrap(),
        _ => sender = None,
    };
    (lead_on, inputs)
}

fn stream(backend: &str, inputs: impl Iterator<Item = u64> + Send + 'static) -> Stream<u64> {
    next::par(inputs).n_jobs(2).backend_named(backend).stream()
}

#[test]
fn results_feed_inputs_of_a_stream() {
    for backend in BACKENDS {
        let results = in_time(move || {
            let (mut lead_on, inputs) = feedback();
            let stream = stream(backend, inputs.into_iter());
            Vec::from_iter(stream.inspect(|y| lead_on(*y)))
        });
        assert_eq!(results, [1, 2, 3, 4, 5], "{backend}");
    }
}

#[test]
fn results_feed_inputs_of_an_unordered_stream() {
    for backend in BACKENDS {
        let results = in_time(move || {
            let (mut lead_on, inputs) = feedback();
            let call = next::par(inputs).n_jobs(2).backend_named(backend);
            let results = call.stream_unordered().map(|(_, y)| y);
            Vec::from_iter(results.inspect(|y| lead_on(*y)))
        });
        assert_eq!(results, [1, 2, 3, 4, 5], "{backend}");
    }
}

#[test]
fn results_feed_inputs_of_for_each() {
    for backend in BACKENDS {
        let results = in_time(move || {
            let (mut lead_on, inputs) = feedback();
            let mut results = Vec::new();
            let call = next::par(inputs).n_jobs(2).backend_named(backend);
            call.for_each(|y| {
                results.push(y);
                lead_on(y);
            });
            results
        });
        assert_eq!(results, [1, 2, 3, 4, 5], "{backend}");
    }
    let results = in_time(|| {
        let (mut lead_on, inputs) = feedback();
        let mut results = Vec::new();
        let call = next::par(inputs).n_jobs(2);
        call.backend(joblib::backend::Processes).for_each(|y| {
            results.push(y);
            lead_on(y);
        });
        results
    });
    assert_eq!(results, [1, 2, 3, 4, 5]);
}

#[test]
fn results_feed_inputs_of_reduce() {
    for backend in BACKENDS {
        let last = in_time(move || {
            let (sender, inputs) = mpsc::channel();
            for x in [0, 10] {
                sender.send(x).unwrap();
            }
            let mut sender = Some(sender);
            let call = next::par(inputs).n_jobs(2).backend_named(backend);
            call.reduce(|a, b| {
                match &sender {
                    Some(open) if b < 25 => open.send(a + b).unwrap(),
                    _ => sender = None,
                }
                b
            })
        });
        assert_eq!(last, Some(25), "{backend}");
    }
}

/// A task may send inputs to its own call, as a tree search does for the nodes it finds.
#[test]
fn tasks_feed_inputs_of_their_own_call() {
    for n_jobs in [2, 4] {
        let found = in_time(move || crawl(n_jobs));
        assert_eq!(found, (1 << 5) - 1);
    }
}

/// A node of a tree, with the queue that receives its children.
struct Node {
    depth: u32,
    queue: Sender<Node>,
}

fn crawl(n_jobs: usize) -> usize {
    let (queue, inputs) = mpsc::channel();
    let root = Node {
        depth: 0,
        queue: queue.clone(),
    };
    queue.send(root).unwrap();
    drop(queue);
    let call = joblib::par(inputs).map(|node: Node| {
        for _ in 0..if node.depth < 4 { 2 } else { 0 } {
            let queue = node.queue.clone();
            let depth = node.depth + 1;
            node.queue.send(Node { depth, queue }).unwrap();
        }
    });
    call.n_jobs(n_jobs).collect::<Vec<()>>().len()
}

/// Returns `count` inputs, each of which waits for a message on `ask`.
fn on_demand(count: u64) -> (Sender<()>, impl Iterator<Item = u64> + Send + 'static) {
    let (ask, asked) = mpsc::channel();
    let asked = Mutex::new(asked);
    let wait = move |_: &u64| asked.lock().unwrap().recv().unwrap();
    (ask, (0..count).inspect(wait))
}

#[test]
fn each_result_is_delivered_before_the_next_input_arrives() {
    for backend in BACKENDS {
        in_time(move || {
            let (ask, inputs) = on_demand(6);
            let mut stream = stream(backend, inputs);
            for x in 0..6 {
                ask.send(()).unwrap();
                assert_eq!(stream.next(), Some(x + 1), "{backend}");
            }
            assert_eq!(stream.next(), None);
        });
    }
}

#[test]
fn tasks_run_concurrently_while_the_input_blocks() {
    in_time(|| {
        let (ask, inputs) = on_demand(9);
        let (began, begun) = mpsc::channel();
        let call = joblib::par(inputs).map(move |x| began.send(x).unwrap());
        let stream = call.n_jobs(2).batch(4).stream();
        for x in 0..5 {
            ask.send(()).unwrap();
            assert_eq!(begun.recv(), Ok(x));
        }
        drop(ask);
        drop(stream);
    });
}

fn failure(outcome: Option<Result<u64, Error>>) -> ErrorKind {
    outcome.unwrap().unwrap_err().failure().clone()
}

#[test]
fn a_deadline_holds_while_the_input_blocks() {
    for backend in BESIDE {
        in_time(move || {
            let (ask, inputs) = on_demand(6);
            ask.send(()).unwrap();
            let limit = Duration::from_millis(if backend == "threads" { 200 } else { 1_000 });
            let call = next::par(inputs).n_jobs(2).backend_named(backend);
            let mut outcomes = call.deadline(limit).stream().outcomes();
            assert_eq!(outcomes.next().unwrap().unwrap(), 1, "{backend}");
            let ended = failure(outcomes.next());
            assert_eq!(ended, ErrorKind::DeadlinePassed(limit), "{backend}");
            assert!(outcomes.next().is_none());
        });
    }
}

#[test]
fn a_stream_whose_input_blocks_can_be_dropped() {
    for backend in BACKENDS {
        in_time(move || {
            let (ask, inputs) = on_demand(6);
            ask.send(()).unwrap();
            let mut stream = stream(backend, inputs);
            assert_eq!(stream.next(), Some(1));
            drop(stream);
            drop(ask);
        });
    }
}

#[test]
fn a_failure_is_delivered_while_the_input_blocks() {
    for backend in BACKENDS {
        in_time(move || {
            let (sender, inputs) = mpsc::channel();
            sender.send(13).unwrap();
            let mut outcomes = stream(backend, inputs.into_iter()).outcomes();
            assert!(matches!(failure(outcomes.next()), ErrorKind::Panicked(_)));
            sender.send(1).unwrap();
            assert_eq!(outcomes.next().unwrap().unwrap(), 2);
        });
    }
}

#[test]
fn a_task_times_out_while_the_input_blocks() {
    for backend in BESIDE {
        in_time(move || {
            let (sender, inputs) = mpsc::channel();
            sender.send(3_600_000).unwrap();
            let call = slow::par(inputs).n_jobs(2).backend_named(backend);
            let call = call.timeout(Duration::from_millis(300));
            let mut outcomes = call.stream().outcomes();
            assert!(matches!(failure(outcomes.next()), ErrorKind::TimedOut(_)));
            drop(sender);
            assert!(outcomes.next().is_none());
            // The thread keeps sleeping but belongs to no call.
            drop(outcomes);
        });
    }
}

#[test]
fn a_blocking_input_is_pulled_at_most_pre_dispatch_items_ahead() {
    for backend in BACKENDS {
        let pulled = Arc::new(AtomicUsize::new(0));
        let theirs = Arc::clone(&pulled);
        in_time(move || {
            let inputs = (0..10_000).inspect(move |_| {
                theirs.fetch_add(1, SeqCst);
            });
            let call = next::par(inputs).n_jobs(2).backend_named(backend);
            let mut stream = call.pre_dispatch(10).stream();
            assert!(stream.by_ref().take(3).eq(1..4));
        });
        assert!(pulled.load(SeqCst) <= 13, "{pulled:?} on {backend}");
    }
}

#[test]
fn an_input_that_panics_ends_the_call_after_the_items_it_returned() {
    let inputs = || (20..25_u64).chain(std::iter::from_fn(|| panic!("out of inputs")));
    for backend in BACKENDS {
        let call = move || next::par(inputs()).n_jobs(2).backend_named(backend);
        in_time(move || {
            let mut outcomes = call().outcomes();
            let error = outcomes.pop().unwrap().unwrap_err();
            assert!(
                matches!(error.failure(), ErrorKind::InputPanicked(_)),
                "{error} on {backend}"
            );
            let results: Vec<u64> = outcomes.into_iter().map(Result::unwrap).collect();
            assert_eq!(results, [21, 22, 23, 24, 25], "{backend}");
            let error = call().try_collect::<Vec<u64>>().unwrap_err();
            assert!(error.to_string().contains("out of inputs"), "{error}");
            assert!(error.to_string().contains("tests/blocking.rs:"), "{error}");
            let mut streamed = call().stream().outcomes();
            assert_eq!(streamed.by_ref().take(5).filter_map(Result::ok).count(), 5);
            assert!(matches!(
                failure(streamed.next()),
                ErrorKind::InputPanicked(_)
            ));
            assert!(streamed.next().is_none());
        });
    }
}

#[test]
fn a_stream_begins_at_the_call() {
    for backend in BESIDE {
        for is_ordered in [true, false] {
            let (sender, progress) = mpsc::channel();
            let call = slow::par([1, 2, 3, 4]).n_jobs(2).backend_named(backend);
            let call = call.on_progress(move |progress| sender.send(progress.done).unwrap());
            let results: Box<dyn Iterator<Item = u64>> = match is_ordered {
                true => Box::new(call.stream()),
                false => Box::new(call.stream_unordered().map(|(_, result)| result)),
            };
            // No result has been requested yet.
            let wait = |_| progress.recv_timeout(Duration::from_secs(60)).unwrap();
            assert!((0..4).map(wait).eq(1..=4), "{backend}");
            let mut results = Vec::from_iter(results);
            results.sort_unstable();
            assert_eq!(results, [1, 2, 3, 4]);
        }
    }
}

#[test]
fn a_time_limit_holds_while_no_result_of_a_stream_is_requested() {
    let (sender, progress) = mpsc::channel();
    let call = slow::par([3_600_000, 1])
        .n_jobs(2)
        .timeout(Duration::from_millis(200));
    let call = call.on_progress(move |progress| sender.send(progress.failed).unwrap());
    let stream = call.backend(joblib::backend::Processes).stream();
    let failed = [(); 2].map(|()| progress.recv_timeout(Duration::from_secs(60)).unwrap());
    assert_eq!(failed.into_iter().max(), Some(1));
    let mut outcomes = stream.outcomes();
    assert!(matches!(failure(outcomes.next()), ErrorKind::TimedOut(_)));
}

#[parallel]
fn echo(bytes: Vec<u8>) -> Vec<u8> {
    bytes
}

#[test]
fn a_blocking_input_respects_the_limit_of_bytes_in_flight() {
    const EACH: usize = 10_000;
    for backend in BESIDE {
        let pulled = Arc::new(AtomicUsize::new(0));
        let theirs = Arc::clone(&pulled);
        let inputs = (0..200).map(move |_| {
            theirs.fetch_add(1, SeqCst);
            vec![0; EACH]
        });
        let call = echo::par(inputs).n_jobs(2).backend_named(backend);
        let mut consumed = 0;
        call.in_flight_bytes(4 * EACH as u64 + 1).for_each(|bytes| {
            assert_eq!(bytes.len(), EACH);
            let ahead = pulled.load(SeqCst) - consumed;
            assert!(ahead <= 8, "{ahead} were ahead on {backend}");
            consumed += 1;
        });
        assert_eq!(consumed, 200);
    }
}

#[test]
fn a_stream_runs_at_most_pre_dispatch_items_ahead() {
    let (sender, progress) = mpsc::channel();
    let call = next::par(100..200).n_jobs(2).pre_dispatch(4);
    let call = call.on_progress(move |progress| sender.send(progress.done).unwrap());
    let mut stream = call.backend(joblib::backend::Processes).stream();
    assert!((1..=4).all(|n| progress.recv() == Ok(n)));
    std::thread::sleep(Duration::from_millis(50));
    assert!(progress.try_recv().is_err());
    assert!(stream.by_ref().take(60).eq(101..161));
    assert!(stream.eq(161..201));
}
