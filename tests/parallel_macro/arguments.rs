//! Arguments that each task has of its own, and arguments that all tasks share.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use joblib::backend::{Processes, Sequential, Threads};
use joblib::parallel;
use serde::{Deserialize, Serialize};

#[parallel]
fn square(x: u64) -> u64 {
    x * x
}

#[parallel]
fn nothing() -> u8 {
    7
}

#[parallel(shared(data))]
fn score(fold: usize, weight: f64, data: &[f64]) -> f64 {
    weight * data[fold % data.len()]
}

#[test]
fn one_argument_is_the_input() {
    let squares: Vec<u64> = square::par(0..5).collect();
    assert_eq!(squares, [0, 1, 4, 9, 16]);
    let elsewhere: Vec<u64> = square::par(vec![3]).backend(Processes).collect();
    assert_eq!(elsewhere, [9]);
}

#[test]
fn no_argument_takes_nothing_once_for_each_task() {
    let sevens: Vec<u8> = nothing::par([(), ()]).backend(Threads).collect();
    assert_eq!(sevens, [7, 7]);
    let one: Vec<u8> = nothing::par([()]).backend(Sequential).collect();
    assert_eq!(one, [7]);
}

#[test]
fn several_arguments_are_a_tuple_followed_by_shared_ones() {
    let data = vec![1.0, 2.0];
    let inputs = (0..3).map(|fold| (fold, 2.0));
    let scores: Vec<f64> = score::par(inputs, &data).backend(Processes).collect();
    assert_eq!(scores, [2.0, 4.0, 2.0]);
}

#[parallel]
fn lengths(text: &str, path: &Path, words: &[String], number: &u8) -> usize {
    text.len() + path.as_os_str().len() + words.len() + usize::from(*number)
}

#[test]
fn borrowed_arguments_are_borrowed_from_the_caller() {
    let words = ["a".to_owned()];
    let inputs = [("ab", Path::new("abc"), &words[..], &4)];
    let lengths: Vec<usize> = lengths::par(inputs).backend(Processes).collect();
    assert_eq!(lengths, [10]);
}

#[derive(Clone, Serialize, Deserialize)]
struct Model {
    slope: f64,
}

#[parallel(shared(model, offset))]
fn predict(model: Model, x: f64, offset: f64) -> f64 {
    let Model { slope } = model;
    slope * x + offset
}

#[test]
fn arguments_shared_by_value_are_copied_for_each_task() {
    let model = Model { slope: 2.0 };
    let par = predict::par([1.0, 2.0], model, 0.5);
    assert_eq!(par.backend(Processes).collect::<Vec<_>>(), [2.5, 4.5]);
}

#[parallel(shared(inputs))]
fn find(needle: u8, inputs: &[u8]) -> Option<usize> {
    inputs.iter().position(|it| *it == needle)
}

#[test]
fn a_shared_argument_can_be_called_inputs() {
    let found: Vec<Option<usize>> = find::par([1, 9], &[0, 1]).collect();
    assert_eq!(found, [Some(1), None]);
}

#[parallel]
fn patterns((x, mut y): (u64, u64), [z, ..]: [u64; 2], _: u8, mut sum: u64) -> u64 {
    y += x;
    sum += y + z;
    sum
}

#[test]
fn patterns_and_mutable_arguments_are_allowed() {
    let sums: Vec<u64> = patterns::par([((1, 2), [3, 4], 5, 6)])
        .backend(Processes)
        .collect();
    assert_eq!(sums, [12]);
}

#[parallel]
fn fill(row: &mut [u64], value: u64) {
    row.fill(value);
}

#[test]
fn rows_of_one_buffer_are_changed_in_place_on_threads() {
    let mut buffer = [0; 4];
    let rows = buffer.chunks_mut(2).zip(1..);
    fill::par(rows).collect::<()>();
    assert_eq!(buffer, [1, 1, 2, 2]);
}

#[parallel(shared(table, names))]
fn borrowed_within(
    x: Cow<'_, str>,
    table: &[&str],
    names: Option<&'static str>,
    numbers: Arc<[u32]>,
) -> usize {
    x.len() + table.len() + names.map_or(0, str::len) + numbers.len()
}

#[test]
fn types_that_borrow_inside_run_on_threads() {
    let owned = String::from("abc");
    let inputs = [(Cow::Borrowed(owned.as_str()), Arc::from([1, 2]))];
    let sums: Vec<usize> = borrowed_within::par(inputs, &["a"], None).collect();
    assert_eq!(sums, [6]);
}

type Static = &'static str;
type Numbers<'a> = &'a [f64];

#[parallel]
fn aliased(text: Static, numbers: Numbers<'_>) -> usize {
    text.len() + numbers.len()
}

#[test]
fn aliases_of_references_run_on_threads() {
    let lengths: Vec<usize> = aliased::par([("ab", &[1.0][..])]).collect();
    assert_eq!(lengths, [3]);
}

struct Opaque(u8);

#[parallel(shared(opaque))]
fn in_process(opaque: &Opaque, f: fn(u8) -> u8) -> Opaque {
    Opaque(f(opaque.0))
}

#[test]
fn types_that_cannot_be_sent_run_on_threads() {
    let opaque = Opaque(1);
    let results: Vec<Opaque> = in_process::par([(|x| x + 1) as fn(u8) -> u8], &opaque).collect();
    assert_eq!(results[0].0, 2);
}

#[parallel(shared(table))]
#[allow(clippy::too_many_arguments, reason = "the test covers this case")]
fn many(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, table: &[u8]) -> u8 {
    a + b + c + d + e + f + g + h + i + table[0]
}

#[test]
fn a_dozen_arguments_are_supported() {
    let sums: Vec<u8> = many::par([(1, 1, 1, 1, 1, 1, 1, 1, 1)], &[1])
        .backend(Processes)
        .collect();
    assert_eq!(sums, [10]);
}

#[parallel(shared(weigh, score))]
fn weigh(x: f64, weigh: f64, score: &[f64]) -> f64 {
    x * weigh * score[0]
}

#[test]
fn a_shared_argument_can_have_the_name_of_the_function() {
    let weighed: Vec<f64> = weigh::par([2.0], 3.0, &[4.0]).backend(Processes).collect();
    assert_eq!(weighed, [24.0]);
}

#[parallel(shared(table))]
fn look_up(n: usize, table: Arc<[u64]>) -> u64 {
    table[n]
}

#[test]
fn streams_accept_owned_and_reference_counted_arguments() {
    let table: Arc<[u64]> = Arc::from([3, 4]);
    let threads: Vec<u64> = look_up::par(0..2, Arc::clone(&table)).stream().collect();
    assert_eq!(threads, [3, 4]);
    let processes: Vec<u64> = look_up::par(0..2, table)
        .backend(Processes)
        .stream()
        .collect();
    assert_eq!(processes, [3, 4]);
}

#[parallel]
fn kept(weight: u8, row: Vec<u8>) -> Vec<u8> {
    let _ = weight;
    row
}

#[test]
fn each_of_several_arguments_counts_as_bytes_in_flight() {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    const EACH: usize = 10_000;
    let (pulled, consumed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let inputs = (0..200).map(|_| {
        let ahead = pulled.fetch_add(1, SeqCst) - consumed.load(SeqCst);
        assert!(ahead <= 4, "{ahead} were ahead");
        (1, vec![0; EACH])
    });
    let call = kept::par(inputs)
        .backend(joblib::backend::Threads)
        .n_jobs(3);
    call.in_flight_bytes(4 * EACH as u64).for_each(|row| {
        assert_eq!(row.len(), EACH);
        consumed.fetch_add(1, SeqCst);
    });
    assert_eq!(consumed.into_inner(), 200);
}
