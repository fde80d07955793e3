//! Caches that are no longer in use are closed.

use std::time::{Duration, Instant};

use joblib::Memory;

fn count(dir: &str) -> usize {
    std::fs::read_dir(dir).unwrap().count()
}

/// The numbers of descriptors, threads and maps of this process.
fn held() -> [usize; 3] {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let ours = maps.lines().filter(|line| line.contains("/cache-"));
    [
        count("/proc/self/fd"),
        count("/proc/self/task"),
        ours.count(),
    ]
}

/// Waits for threads that are about to end.
fn settled(most: [usize; 3]) -> [usize; 3] {
    let begun = Instant::now();
    loop {
        let now = held();
        let is_within = now.iter().zip(most).all(|(now, most)| *now <= most);
        if is_within || begun.elapsed() > Duration::from_secs(60) {
            return now;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

// A single test, because it counts resources of the whole process.
#[test]
fn a_dropped_memory_releases_its_resources() {
    let dir = tempfile::tempdir().unwrap();
    let at = |n: usize| Memory::at(dir.path().join(format!("cache-{n}")));
    let before = held();
    for n in 0..400 {
        let memory = at(n);
        assert_eq!(memory.cached("k", &n, || n), n);
        let shelved = n % 3 == 0;
        if shelved {
            drop(at(n));
        }
    }
    // A few are kept open for programs that open the same directory repeatedly.
    let few = [16, 8, 32];
    let most: [usize; 3] = std::array::from_fn(|n| before[n] + few[n]);
    let after = settled(most);
    assert!(
        after.iter().zip(most).all(|(now, most)| *now <= most),
        "{before:?} {after:?}"
    );

    // The results are in the directories, and in memory for the caches in use.
    for n in [0, 200, 399] {
        assert_eq!(
            at(n).cached("k", &n, || -> usize { panic!("{n} is lost") }),
            n
        );
    }
    let used = at(5);
    for n in 10..100 {
        at(n).cached("k", &n, || -> usize { panic!("{n} is lost") });
        used.cached("k", &5usize, || 5);
    }
    let stats = used.stats();
    assert_eq!(
        (stats.misses, stats.disk_hits, stats.memory_hits),
        (0, 1, 89)
    );
    assert!(settled(most)[0] <= most[0]);

    // A directory that is opened repeatedly stays open.
    let first = at(7);
    first.cached("k", &7usize, || 7);
    drop(first);
    for _ in 0..10 {
        at(7).cached("k", &7usize, || 7);
    }
    let stats = at(7).stats();
    assert_eq!((stats.disk_hits, stats.memory_hits), (1, 10));
}
