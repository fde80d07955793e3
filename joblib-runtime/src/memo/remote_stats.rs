//! Statistics of memoized functions in worker processes, sent to the process whose
//! calls they worked for, so that its [`Stats`] cover all its calls.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, Weak};

use serde::{Deserialize, Serialize};

use super::function::MemoFunction;
use super::memory_function::MemoryFunction;
use super::stats::Stats;
use crate::codec;
use crate::unpoisoned::lock;

/// The functions called in this process, with the counts already reported of each.
static CALLED: Mutex<Vec<(&'static MemoFunction, Stats)>> = Mutex::new(Vec::new());

/// The same for functions of memories that exist.
static MEMORY_FUNCTIONS: Mutex<Vec<(Weak<MemoryFunction>, Stats)>> = Mutex::new(Vec::new());

/// The unreported counts of functions of memories that were dropped.
static DROPPED: Mutex<Vec<StatsDelta>> = Mutex::new(Vec::new());

/// Whether counts are collected for another process, as in a worker process.
static IS_COLLECTING: AtomicBool = AtomicBool::new(false);

/// Starts collecting counts for another process.
pub(crate) fn collect() {
    IS_COLLECTING.store(true, Relaxed);
}

/// Counts by directory and function.
type ReceivedStats = HashMap<PathBuf, HashMap<String, Stats>>;

/// The counts received from other processes.
static RECEIVED: Mutex<Option<ReceivedStats>> = Mutex::new(None);

/// The counts of one function since its last report.
#[derive(Serialize, Deserialize)]
struct StatsDelta {
    directory: PathBuf,
    function: String,
    stats: Stats,
}

/// Registers a function at its first call.
pub(super) fn watch(site: &'static MemoFunction) {
    lock(&CALLED).push((site, Stats::default()));
}

/// Registers a function of a memory for as long as it exists.
pub(super) fn watch_memory_function(function: &Arc<MemoryFunction>) {
    if IS_COLLECTING.load(Relaxed) {
        lock(&MEMORY_FUNCTIONS).push((Arc::downgrade(function), Stats::default()));
    }
}

/// Keeps the unreported counts of a function of a memory that is being dropped.
pub(super) fn leave(function: *const MemoryFunction, site: &MemoFunction) {
    if !IS_COLLECTING.load(Relaxed) {
        return;
    }
    let mut functions = lock(&MEMORY_FUNCTIONS);
    let own = functions
        .iter()
        .position(|(other, _)| other.as_ptr() == function);
    let Some((_, mut reported)) = own.map(|own| functions.swap_remove(own)) else {
        return;
    };
    drop(functions);
    lock(&DROPPED).extend(done_since(&mut reported, site));
}

/// Returns the counts of `site` since the last report, if there are any.
fn done_since(reported: &mut Stats, site: &MemoFunction) -> Option<StatsDelta> {
    let (directory, done) = (site.directory()?, site.stats_here());
    let stats = done.since(reported);
    *reported = done;
    (stats != Stats::default()).then(|| StatsDelta {
        directory: directory.to_owned(),
        function: site.name.to_owned(),
        stats,
    })
}

/// Returns the encoded counts since the last report, if there are any.
pub(crate) fn take() -> Option<Vec<u8>> {
    let mut deltas = std::mem::take(&mut *lock(&DROPPED));
    for (site, reported) in lock(&CALLED).iter_mut() {
        deltas.extend(done_since(reported, site));
    }
    // Kept until the list is unlocked, because dropping the last reference to one
    // locks it again.
    let mut alive = Vec::new();
    for (function, reported) in lock(&MEMORY_FUNCTIONS).iter_mut() {
        if let Some(function) = function.upgrade() {
            deltas.extend(done_since(reported, function.site()));
            alive.push(function);
        }
    }
    drop(alive);
    let mut bytes = Vec::new();
    (!deltas.is_empty() && codec::encode(&deltas, &mut bytes).is_ok()).then_some(bytes)
}

/// Adds the encoded counts of another process. Invalid bytes are ignored.
pub(crate) fn merge(bytes: &[u8]) {
    if let Ok(deltas) = codec::decode(bytes) {
        add(deltas, lock(&RECEIVED).get_or_insert_default());
    }
}

fn add(deltas: Vec<StatsDelta>, received: &mut ReceivedStats) {
    for StatsDelta {
        directory,
        function,
        stats,
    } in deltas
    {
        let functions = received.entry(directory).or_default();
        *functions.entry(function).or_default() += stats;
    }
}

/// Returns the counts received for the function `name` with its results in `directory`,
/// or in any directory.
pub(super) fn of(directory: Option<&Path>, name: &str) -> Stats {
    let mut stats = Stats::default();
    for (place, functions) in lock(&RECEIVED).iter().flatten() {
        if directory.is_none_or(|directory| directory == place) {
            stats += functions.get(name).copied().unwrap_or_default();
        }
    }
    stats
}

/// Returns the counts received for all functions with their results in `directory`.
pub(super) fn in_directory(directory: &Path) -> Stats {
    let mut stats = Stats::default();
    let received = lock(&RECEIVED);
    let functions = received
        .iter()
        .filter_map(|received| received.get(directory));
    functions
        .flat_map(HashMap::values)
        .for_each(|received| stats += *received);
    stats
}

#[cfg(feature = "fuzz")]
pub(crate) mod fuzz {
    //! A fuzz target for counts received from another process.

    use std::time::Duration;

    use super::*;
    use crate::fuzz_target::Target;

    /// Decodes arbitrary bytes and adds them twice.
    pub(crate) const REMOTE_STATS: Target = Target {
        name: "remote_stats",
        run,
        seeds,
    };

    fn run(bytes: &[u8]) {
        let deltas = || codec::decode::<Vec<StatsDelta>>(bytes);
        let Ok(first) = deltas() else {
            return;
        };
        // A duration has several encodings, of which only one is written, so the first
        // decoded value is encoded again before comparing.
        let again = codec::decode::<Vec<StatsDelta>>(&encoded(&first));
        assert_eq!(again.map(|again| encoded(&again)), Ok(encoded(&first)));
        let mut received = ReceivedStats::new();
        add(first, &mut received);
        let count = |received: &ReceivedStats| received.values().map(HashMap::len).sum::<usize>();
        let functions = count(&received);
        add(deltas().unwrap_or_default(), &mut received);
        assert_eq!(
            count(&received),
            functions,
            "adding the same counts twice added functions"
        );
        received
            .values()
            .flat_map(HashMap::values)
            .for_each(|stats| {
                let _ = stats.to_string();
            });
    }

    fn encoded(deltas: &[StatsDelta]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoded = codec::encode(&deltas, &mut bytes);
        assert!(encoded.is_ok(), "a decoded value cannot be encoded");
        bytes
    }

    fn seeds() -> Vec<Vec<u8>> {
        let deltas = |directory: &str, function: &str, misses| StatsDelta {
            directory: directory.into(),
            function: function.into(),
            stats: Stats {
                misses,
                hit_time: Duration::from_millis(misses),
                ..Stats::default()
            },
        };
        let most = Stats {
            compute_time: Duration::MAX,
            errors: u64::MAX,
            ..Stats::default()
        };
        vec![
            encoded(&[]),
            encoded(&[deltas("/a", "f", 1)]),
            encoded(&[
                deltas("/a", "f", 1),
                deltas("/a", "g", 300),
                deltas("/b", "f", 2),
            ]),
            encoded(&[StatsDelta {
                stats: most,
                ..deltas("/a", "f", 1)
            }]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memo::Memory;

    #[test]
    fn counts_of_another_process_count_for_function_and_directory() {
        let dir = tempfile::tempdir().unwrap();
        let memory = Memory::at(dir.path());
        collect();
        memory.cached("counted", &1, || 1);
        let here = memory.stats();
        // Other tests call functions as well, whose counts must be ignored.
        let mut deltas: Vec<StatsDelta> = codec::decode(&take().unwrap()).unwrap();
        deltas.retain(|deltas| deltas.function == "counted");
        let mut bytes = Vec::new();
        codec::encode(&deltas, &mut bytes).unwrap();
        merge(&bytes);
        assert_eq!(memory.stats().misses, 2 * here.misses);
        assert_eq!(of(Some(&memory.dir()), "counted").misses, 1);
        assert_eq!(of(None, "counted").misses, 1);
    }

    #[test]
    fn calls_of_a_closure_count_after_its_memory_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        collect();
        for n in 0..20 {
            let dir = dir.path().join(n.to_string());
            Memory::at(dir).cached("gone", &1, || 1);
        }
        let deltas: Vec<StatsDelta> = codec::decode(&take().unwrap()).unwrap();
        let gone = deltas.iter().filter(|deltas| deltas.function == "gone");
        assert_eq!(gone.map(|deltas| deltas.stats.misses).sum::<u64>(), 20);
    }

    #[test]
    fn invalid_bytes_are_ignored() {
        merge(b"\xff\xff\xff\xff");
        merge(b"");
    }

    #[test]
    fn sums_of_counts_saturate() {
        let stats = Stats {
            misses: u64::MAX,
            hit_time: std::time::Duration::MAX,
            ..Stats::default()
        };
        let deltas = || StatsDelta {
            directory: "/nowhere".into(),
            function: "f".to_owned(),
            stats,
        };
        let mut received = ReceivedStats::new();
        add(vec![deltas(), deltas()], &mut received);
        assert_eq!(received[Path::new("/nowhere")]["f"], stats);
    }
}
