//! `task!`: closures that other processes can look up.

use joblib::__private::inventory;
use joblib::__private::task::Registration;
use joblib::__private::wire::{MessageReader, MessageWriter};
use joblib::backend::{Processes, Sequential, Threads};

fn half(x: f64) -> f64 {
    x / 2.0
}

#[test]
fn a_closure_without_captures_runs_in_processes() {
    let squares: Vec<u64> = joblib::par(0..4)
        .map(joblib::task!(|x: u64| x * x))
        .backend(Processes)
        .collect();
    assert_eq!(squares, [0, 1, 4, 9]);
    let halves = joblib::task!(|x: f64| [x].map(half).to_vec());
    let halves: Vec<Vec<f64>> = joblib::par([1.0]).map(halves).backend(Processes).collect();
    assert_eq!(halves, [[0.5]]);
}

#[test]
fn captures_are_named() {
    let (scale, offset) = (2.0, 1.0);
    let task = joblib::task!([scale: f64, offset: f64] |x: f64| -> f64 { x * scale + offset });
    let moved: Vec<f64> = joblib::par([1.0, 2.0])
        .map(task)
        .backend(Processes)
        .collect();
    assert_eq!(moved, [3.0, 5.0]);
}

#[test]
fn captures_are_borrowed_or_initialized() {
    let data = vec![1.0, 2.0];
    let names = ["a".to_owned()];
    let task = joblib::task!([data: &[f64] = &data, names: &[String] = &names, n: usize = 3]
        |(i, text): (usize, String)| -> f64 { data[i] + (names.len() + n + text.len()) as f64 });
    let sums: Vec<f64> = joblib::par([(0, "x".to_owned()), (1, "yz".to_owned())])
        .map(task)
        .backend(Processes)
        .collect();
    assert_eq!(sums, [6.0, 8.0]);
}

#[test]
fn tasks_run_on_every_backend() {
    let task = || joblib::task!(|text: String| text.len());
    let inputs = || ["a".to_owned(), "bc".to_owned()];
    let threads: Vec<usize> = joblib::par(inputs()).map(task()).backend(Threads).collect();
    let alone: Vec<usize> = joblib::par(inputs())
        .map(task())
        .backend(Sequential)
        .collect();
    let any: Vec<usize> = joblib::par(inputs()).map(task()).collect();
    assert_eq!((&threads, &alone), (&any, &any));
    assert_eq!(any, [1, 2]);
}

#[test]
fn early_returns_leave_the_task() {
    let task = joblib::task!(|x: u64| -> Option<u64> {
        if x == 0 {
            return None;
        }
        Some(x.checked_mul(2)? + 1)
    });
    let results: Vec<Option<u64>> = joblib::par([0, 1]).map(task).backend(Processes).collect();
    assert_eq!(results, [None, Some(3)]);
}

#[test]
fn what_a_task_captured_reaches_its_registration() {
    let weights = [1.0, 2.0];
    let task = joblib::task!([weights: &[f64] = &weights, extra: f64 = 0.5]
        |n: usize| weights.iter().map(|weight| weight * extra).take(n).sum::<f64>());
    let mut all = inventory::iter::<Registration>.into_iter();
    let registration = all.find(|it| it.schema.contains("extra")).unwrap();
    let remote_call = task.remote_call().unwrap();
    assert_eq!(remote_call.registration.name, registration.name);
    let mut captured = Vec::new();
    remote_call.shared.append_to(&mut captured);
    let opened = (registration.open)(&mut MessageReader::new(captured.leak()));
    let instance = opened.unwrap().unwrap();
    let mut writer = MessageWriter::new();
    writer.value(&2_usize).unwrap();
    let mut arguments = Vec::new();
    writer.append_to(&mut arguments);
    let mut sums: Vec<f64> = Vec::new();
    let mut done = |writer: &MessageWriter<'_>| {
        let mut bytes = Vec::new();
        writer.append_to(&mut bytes);
        sums.push(MessageReader::new(&bytes).value().unwrap());
    };
    instance(&mut MessageReader::new(&arguments), &mut done).unwrap();
    assert_eq!(sums, [task(2)]);
}

macro_rules! plus {
    ($plus:expr) => {
        joblib::task!(|x: u64| -> u64 { x + $plus })
    };
}

macro_rules! both {
    ($first:ident, $second:ident) => {
        fn $first() -> Vec<u64> {
            let task = joblib::task!(|x: u64| x * 2);
            joblib::par([1, 2]).map(task).backend(Processes).collect()
        }

        fn $second() -> Vec<u64> {
            let task = joblib::task!(|x: u64| x * 3);
            joblib::par([1, 2]).map(task).backend(Processes).collect()
        }
    };
}

both!(doubled, tripled);

#[test]
fn tasks_that_a_macro_generates_at_one_position_are_distinguished() {
    let run = |plus: u64| match plus {
        1 => joblib::par([10])
            .map(plus!(1))
            .backend(Processes)
            .collect::<Vec<u64>>(),
        _ => joblib::par([10]).map(plus!(2)).backend(Processes).collect(),
    };
    assert_eq!([run(1), run(2)], [[11], [12]]);
    assert_eq!((doubled(), tripled()), (vec![2, 4], vec![3, 6]));
}

fn of_any<T: Default + Into<u64>>() -> Vec<u64> {
    let start: u64 = T::default().into();
    let task = joblib::task!([start: u64] |x: u64| x + start);
    joblib::par([1]).map(task).backend(Processes).collect()
}

#[test]
fn a_task_in_a_generic_function_is_one_for_all_types() {
    assert_eq!((of_any::<u8>(), of_any::<u32>()), (vec![1], vec![1]));
}

#[test]
fn a_task_within_a_task_is_found_from_there() {
    let outer = joblib::task!(|x: u64| -> Vec<(u64, bool)> {
        let here = std::process::id();
        let inner = joblib::task!([here: u32] |y: u64| (y * y, std::process::id() != here));
        joblib::par([x, x + 1])
            .map(inner)
            .n_jobs(1)
            .backend(Processes)
            .collect()
    });
    let found = joblib::par([1, 3]).map(outer).n_jobs(1).backend(Processes);
    let expected = [[(1, true), (4, true)], [(9, true), (16, true)]];
    assert_eq!(found.collect::<Vec<_>>(), expected);
}
