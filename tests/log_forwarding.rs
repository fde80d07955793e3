//! Forwarding of `log` records that tasks write in worker processes.

use std::sync::Mutex;

use joblib::backend::Processes;
use joblib::parallel;
use log::{Level, LevelFilter, Log, Metadata, Record};

static SEEN: Mutex<Vec<(Level, String, Option<u32>)>> = Mutex::new(Vec::new());

struct Seeing;

impl Log for Seeing {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let seen = (record.level(), record.args().to_string(), record.line());
        SEEN.lock().unwrap().push(seen);
    }

    fn flush(&self) {}
}

#[parallel]
fn speak(x: u64) -> u64 {
    log::info!("at {x}");
    log::trace!("not wanted");
    x
}

#[test]
fn records_of_tasks_reach_the_logger_of_the_caller_with_their_position() {
    log::set_logger(&Seeing).unwrap();
    log::set_max_level(LevelFilter::Debug);
    let call = speak::par([7, 8, 9]).backend(Processes).n_jobs(2);
    assert_eq!(call.collect::<Vec<u64>>(), [7, 8, 9]);
    let mut seen = SEEN.lock().unwrap().clone();
    seen.sort();
    let expected = [(0, 7), (1, 8), (2, 9)];
    assert_eq!(seen.len(), expected.len(), "{seen:?}");
    for ((level, text, line), (index, x)) in seen.into_iter().zip(expected) {
        assert_eq!(
            (level, text),
            (Level::Info, format!("task {index}: at {x}"))
        );
        assert!(line.is_some());
    }
}
