//! Statistics of memoized functions in worker processes, sent to the process whose
//! calls they worked for, so that its [`Stats`] cover all its calls.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use serde::{Deserialize, Serialize};

use super::closure::CachedClosure;
use super::function::MemoFunction;
use super::stats::Stats;
use crate::codec;

/// The functions called in this process, with the counts already reported of each.
static CALLED: Mutex<Vec<(&'static MemoFunction, Stats)>> = Mutex::new(Vec::new());

/// The same for closures that exist.
static CLOSURES: Mutex<Vec<(Weak<CachedClosure>, Stats)>> = Mutex::new(Vec::new());

/// The unreported counts of closures that were dropped.
static LEFT: Mutex<Vec<StatsDelta>> = Mutex::new(Vec::new());

/// Whether counts are collected for another process, as in a worker process.
static ARE_WANTED: AtomicBool = AtomicBool::new(false);

/// Starts collecting counts for another process.
pub(crate) fn expect() {
    ARE_WANTED.store(true, Relaxed);
}

/// Counts by directory and function.
type Told = HashMap<PathBuf, HashMap<String, Stats>>;

/// The counts received from other processes.
static TOLD: Mutex<Option<Told>> = Mutex::new(None);

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

/// Registers a closure for as long as it exists.
pub(super) fn watch_closure(closure: &Arc<CachedClosure>) {
    if ARE_WANTED.load(Relaxed) {
        lock(&CLOSURES).push((Arc::downgrade(closure), Stats::default()));
    }
}

/// Keeps the unreported counts of a closure that is being dropped.
pub(super) fn leave(closure: *const CachedClosure, site: &MemoFunction) {
    if !ARE_WANTED.load(Relaxed) {
        return;
    }
    let mut closures = lock(&CLOSURES);
    let own = closures
        .iter()
        .position(|(other, _)| other.as_ptr() == closure);
    let Some((_, mut told)) = own.map(|own| closures.swap_remove(own)) else {
        return;
    };
    drop(closures);
    lock(&LEFT).extend(done_since(&mut told, site));
}

/// Returns the counts of `site` since the last report, if there are any.
fn done_since(told: &mut Stats, site: &MemoFunction) -> Option<StatsDelta> {
    let (directory, done) = (site.directory()?, site.stats_here());
    let stats = done.since(told);
    *told = done;
    (stats != Stats::default()).then(|| StatsDelta {
        directory: directory.to_owned(),
        function: site.name.to_owned(),
        stats,
    })
}

/// Returns the encoded counts since the last report, if there are any.
pub(crate) fn take() -> Option<Vec<u8>> {
    let mut news = std::mem::take(&mut *lock(&LEFT));
    for (site, told) in lock(&CALLED).iter_mut() {
        news.extend(done_since(told, site));
    }
    // Kept until the list is unlocked, because dropping the last reference to a closure
    // locks it again.
    let mut alive = Vec::new();
    for (closure, told) in lock(&CLOSURES).iter_mut() {
        if let Some(closure) = closure.upgrade() {
            news.extend(done_since(told, closure.site()));
            alive.push(closure);
        }
    }
    drop(alive);
    let mut bytes = Vec::new();
    (!news.is_empty() && codec::encode(&news, &mut bytes).is_ok()).then_some(bytes)
}

/// Adds the encoded counts of another process. Invalid bytes are ignored.
pub(crate) fn absorb(bytes: &[u8]) {
    if let Ok(news) = codec::decode(bytes) {
        add(news, lock(&TOLD).get_or_insert_default());
    }
}

fn add(news: Vec<StatsDelta>, told: &mut Told) {
    for StatsDelta {
        directory,
        function,
        stats,
    } in news
    {
        let functions = told.entry(directory).or_default();
        *functions.entry(function).or_default() += stats;
    }
}

/// Returns the counts received for the function `name` with its results in `directory`,
/// or in any directory.
pub(super) fn of(directory: Option<&Path>, name: &str) -> Stats {
    let mut stats = Stats::default();
    for (place, functions) in lock(&TOLD).iter().flatten() {
        if directory.is_none_or(|directory| directory == place) {
            stats += functions.get(name).copied().unwrap_or_default();
        }
    }
    stats
}

/// Returns the counts received for all functions with their results in `directory`.
pub(super) fn in_directory(directory: &Path) -> Stats {
    let mut stats = Stats::default();
    let told = lock(&TOLD);
    let functions = told.iter().filter_map(|told| told.get(directory));
    functions
        .flat_map(HashMap::values)
        .for_each(|told| stats += *told);
    stats
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The values are consistent between two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(feature = "fuzz")]
pub(crate) mod fuzz {
    //! A fuzz target for counts received from another process.

    use std::time::Duration;

    use super::*;
    use crate::fuzz::Target;

    /// Decodes arbitrary bytes and adds them twice.
    pub(crate) const NEWS: Target = Target {
        name: "news",
        run,
        seeds,
    };

    fn run(bytes: &[u8]) {
        let news = || codec::decode::<Vec<StatsDelta>>(bytes);
        let Ok(first) = news() else {
            return;
        };
        // A duration has several encodings, of which only one is written, so the first
        // decoded value is encoded again before comparing.
        let again = codec::decode::<Vec<StatsDelta>>(&encoded(&first));
        assert_eq!(again.map(|again| encoded(&again)), Ok(encoded(&first)));
        let mut told = Told::new();
        add(first, &mut told);
        let count = |told: &Told| told.values().map(HashMap::len).sum::<usize>();
        let functions = count(&told);
        add(news().unwrap_or_default(), &mut told);
        assert_eq!(
            count(&told),
            functions,
            "adding the same counts twice added functions"
        );
        told.values().flat_map(HashMap::values).for_each(|stats| {
            let _ = stats.to_string();
        });
    }

    fn encoded(news: &[StatsDelta]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoded = codec::encode(&news, &mut bytes);
        assert!(encoded.is_ok(), "a decoded value cannot be encoded");
        bytes
    }

    fn seeds() -> Vec<Vec<u8>> {
        let news = |directory: &str, function: &str, misses| StatsDelta {
            directory: directory.into(),
            function: function.into(),
            stats: Stats {
                misses,
                time_saved: Duration::from_millis(misses),
                ..Stats::default()
            },
        };
        let most = Stats {
            time_saved: Duration::MAX,
            errors: u64::MAX,
            ..Stats::default()
        };
        vec![
            encoded(&[]),
            encoded(&[news("/a", "f", 1)]),
            encoded(&[news("/a", "f", 1), news("/a", "g", 300), news("/b", "f", 2)]),
            encoded(&[StatsDelta {
                stats: most,
                ..news("/a", "f", 1)
            }]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memo::Memory;

    #[test]
    fn news_of_another_process_count_for_function_and_directory() {
        let dir = tempfile::tempdir().unwrap();
        let memory = Memory::at(dir.path());
        expect();
        memory.cached("told of", &1, || 1);
        let here = memory.stats();
        // Other tests call functions as well, whose counts must be ignored.
        let mut news: Vec<StatsDelta> = codec::decode(&take().unwrap()).unwrap();
        news.retain(|news| news.function == "told of");
        let mut bytes = Vec::new();
        codec::encode(&news, &mut bytes).unwrap();
        absorb(&bytes);
        assert_eq!(memory.stats().misses, 2 * here.misses);
        assert_eq!(of(Some(&memory.dir()), "told of").misses, 1);
        assert_eq!(of(None, "told of").misses, 1);
    }

    #[test]
    fn what_a_closure_did_is_news_though_its_memory_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        expect();
        for n in 0..20 {
            let dir = dir.path().join(n.to_string());
            Memory::at(dir).cached("gone", &1, || 1);
        }
        let news: Vec<StatsDelta> = codec::decode(&take().unwrap()).unwrap();
        let gone = news.iter().filter(|news| news.function == "gone");
        assert_eq!(gone.map(|news| news.stats.misses).sum::<u64>(), 20);
    }

    #[test]
    fn what_is_no_news_is_passed_over() {
        absorb(b"\xff\xff\xff\xff");
        absorb(b"");
    }

    #[test]
    fn numbers_that_nobody_can_have_counted_stop_at_the_most() {
        let stats = Stats {
            misses: u64::MAX,
            time_saved: std::time::Duration::MAX,
            ..Stats::default()
        };
        let news = || StatsDelta {
            directory: "/nowhere".into(),
            function: "f".to_owned(),
            stats,
        };
        let mut told = Told::new();
        add(vec![news(), news()], &mut told);
        assert_eq!(told[Path::new("/nowhere")]["f"], stats);
    }
}
