//! What memoized functions did in worker processes, told to the process whose
//! calls they worked for, so that its [`Stats`] are those of its calls.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::site::Site;
use super::stats::Stats;
use crate::codec;

/// The functions called in this process, each with what was told of it.
static CALLED: Mutex<Vec<(&'static Site, Stats)>> = Mutex::new(Vec::new());

/// What others told, by directory and function.
static TOLD: Mutex<Option<HashMap<PathBuf, HashMap<String, Stats>>>> = Mutex::new(None);

/// What was done since the last time, by one function.
#[derive(Serialize, Deserialize)]
struct News {
    directory: PathBuf,
    function: String,
    stats: Stats,
}

/// Watches a function that is called for the first time.
pub(super) fn watch(site: &'static Site) {
    lock(&CALLED).push((site, Stats::default()));
}

/// What was done since the last time this was asked, if anything was.
pub(crate) fn take() -> Option<Vec<u8>> {
    let mut news = Vec::new();
    for (site, told) in lock(&CALLED).iter_mut() {
        let (Some(directory), done) = (site.directory(), site.stats_here()) else {
            continue;
        };
        let stats = done.since(told);
        if stats == Stats::default() {
            continue;
        }
        *told = done;
        news.push(News {
            directory: directory.to_owned(),
            function: site.name.to_owned(),
            stats,
        });
    }
    let mut bytes = Vec::new();
    (!news.is_empty() && codec::encode(&news, &mut bytes).is_ok()).then_some(bytes)
}

/// Adds what another process took. What is no news is passed over.
pub(crate) fn absorb(bytes: &[u8]) {
    let Ok(news) = codec::decode::<Vec<News>>(bytes) else {
        return;
    };
    let mut told = lock(&TOLD);
    for News {
        directory,
        function,
        stats,
    } in news
    {
        let functions = told.get_or_insert_default().entry(directory).or_default();
        *functions.entry(function).or_default() += stats;
    }
}

/// What others told of the function called `name` with its results in
/// `directory`, or in any.
pub(super) fn of(directory: Option<&Path>, name: &str) -> Stats {
    let mut stats = Stats::default();
    for (place, functions) in lock(&TOLD).iter().flatten() {
        if directory.is_none_or(|directory| directory == place) {
            stats += functions.get(name).copied().unwrap_or_default();
        }
    }
    stats
}

/// What others told of all functions with their results in `directory`.
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
    // A map or list is whole between two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memo::Memory;

    #[test]
    fn news_of_another_process_count_for_function_and_directory() {
        let dir = tempfile::tempdir().unwrap();
        let memory = Memory::at(dir.path());
        memory.cached("told of", &1, || 1);
        let here = memory.stats();
        // Other tests call functions too, whose news are not to be counted.
        let mut news: Vec<News> = codec::decode(&take().unwrap()).unwrap();
        news.retain(|news| news.function == "told of");
        let mut bytes = Vec::new();
        codec::encode(&news, &mut bytes).unwrap();
        absorb(&bytes);
        assert_eq!(memory.stats().misses, 2 * here.misses);
        assert_eq!(of(Some(&memory.dir()), "told of").misses, 1);
        assert_eq!(of(None, "told of").misses, 1);
    }

    #[test]
    fn what_is_no_news_is_passed_over() {
        absorb(b"\xff\xff\xff\xff");
        absorb(b"");
    }
}
