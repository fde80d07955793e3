//! Forwards `log` records of tasks in worker processes: buffers them until the next
//! result is sent, and passes them to the logger of the caller.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use log::{Level, LevelFilter, Log, Metadata, Record};
use serde::{Deserialize, Serialize};

use crate::task::current;
use crate::unpoisoned::lock;

/// A record in transit.
#[derive(Serialize, Deserialize)]
pub(super) struct LogRecord {
    level: u8,
    target: String,
    text: String,
    module: Option<String>,
    file: Option<String>,
    line: Option<u32>,
    /// The position of the task that wrote it, if any.
    index: Option<u64>,
}

/// Records that were not sent yet.
static KEPT: Mutex<BufferedLog> = Mutex::new(BufferedLog {
    records: Vec::new(),
    dropped: 0,
});

struct BufferedLog {
    records: Vec<LogRecord>,
    dropped: u64,
}

/// The maximum number of buffered records. Further records are dropped and counted, so
/// that a task that logs without end does not exhaust the memory.
const MOST: usize = 100_000;

/// Whether the logger of this process is [`BufferingLogger`].
static IS_OURS: AtomicBool = AtomicBool::new(false);

struct BufferingLogger;

/// Returns the maximum level of the caller's logger.
pub(super) fn wanted() -> u8 {
    log::max_level() as u8
}

/// Starts buffering records in this worker, unless the program has set its own logger
/// here.
pub(super) fn keep(wanted: u8) {
    if log::set_logger(&BufferingLogger).is_ok() {
        IS_OURS.store(true, Relaxed);
    }
    if IS_OURS.load(Relaxed) {
        let level = LevelFilter::iter().nth(wanted.into());
        log::set_max_level(level.unwrap_or(LevelFilter::Off));
    }
}

/// Takes the records that were buffered since the last call.
pub(super) fn take() -> Vec<LogRecord> {
    let mut kept = lock(&KEPT);
    let mut records = std::mem::take(&mut kept.records);
    match std::mem::take(&mut kept.dropped) {
        0 => {}
        dropped => records.push(LogRecord {
            level: Level::Warn as u8,
            target: "joblib".to_owned(),
            text: format!("{dropped} further records were dropped"),
            module: None,
            file: None,
            line: None,
            index: current::get().map(|current| current.index as u64),
        }),
    }
    records
}

/// Passes records of tasks to the logger of the caller.
pub(super) fn write(records: &[LogRecord]) {
    for record in records {
        let level = Level::iter().nth(usize::from(record.level).wrapping_sub(1));
        let index = record
            .index
            .map_or_else(String::new, |index| format!("task {index}: "));
        log::logger().log(
            &Record::builder()
                .level(level.unwrap_or(Level::Error))
                .target(&record.target)
                .module_path(record.module.as_deref())
                .file(record.file.as_deref())
                .line(record.line)
                .args(format_args!("{index}{}", record.text))
                .build(),
        );
    }
}

#[cfg(feature = "fuzz")]
pub(super) fn sample() -> LogRecord {
    LogRecord {
        level: Level::Warn as u8,
        target: "target".to_owned(),
        text: "text".to_owned(),
        module: None,
        file: Some("main.rs".to_owned()),
        line: Some(7),
        index: Some(3),
    }
}

impl Log for BufferingLogger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let sent = LogRecord {
            level: record.level() as u8,
            target: record.target().to_owned(),
            text: record.args().to_string(),
            module: record.module_path().map(str::to_owned),
            file: record.file().map(str::to_owned),
            line: record.line(),
            index: current::get().map(|current| current.index as u64),
        };
        let mut kept = lock(&KEPT);
        if kept.records.len() < MOST {
            kept.records.push(sent);
        } else {
            kept.dropped += 1;
        }
    }

    fn flush(&self) {}
}
