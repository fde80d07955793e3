//! Events for `tracing`: hits, misses with their reasons, and faults.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use joblib::Memory;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// A subscriber that stores each event as a line.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut line = Line(format!("{} {}", metadata.level(), metadata.target()));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn hits_misses_and_faults_are_events() {
    let dir = tempfile::tempdir().unwrap();
    let memory = Memory::at(dir.path());
    let lines = Lines::default();
    tracing::subscriber::with_default(lines.clone(), || {
        let square = |x: u64| memory.cached("square", &x, || x * x);
        square(3);
        square(3);
        memory.clear_memory();
        square(3);
        Memory::at("/proc/joblib-rs").cached("square", &3, || 9);
    });
    let lines = lines.0.lock().unwrap();
    let mut lines = lines.iter();
    for parts in [
        ["DEBUG joblib", "function=\"square\"", "message=miss"],
        ["TRACE joblib", "reason=\"never computed\"", "computing"],
        ["DEBUG joblib", "function=\"square\"", "hit in memory"],
        ["DEBUG joblib", "origin=Disk", "hit on disk"],
        [
            "WARN joblib",
            "/proc/joblib-rs",
            "cannot create the directory",
        ],
    ] {
        let is_reported = |line: &String| parts.iter().all(|part| line.contains(part));
        assert!(lines.any(is_reported), "{parts:?} in {lines:?}");
    }
}
