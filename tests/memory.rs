//! The promises of `Memory` for a whole directory.

use std::io::BufRead;

use joblib::{Limits, Memory};

fn fill(memory: &Memory, count: u64) {
    for n in 0..count {
        memory.cached("square", &n, || n * n);
    }
}

#[test]
fn entries_are_listed_with_their_function() {
    let dir = tempfile::tempdir().unwrap();
    let memory = Memory::at(dir.path());
    fill(&memory, 3);
    let entries = memory.entries().unwrap();
    assert_eq!(entries.len(), 3);
    assert!(
        entries
            .iter()
            .all(|entry| entry.function() == "square" && entry.size() > 0)
    );
    let verified = memory.verify().unwrap();
    assert_eq!((verified.entries, verified.damaged.len()), (3, 0));
}

#[test]
fn clearing_drops_everything_in_memory_and_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let memory = Memory::at(dir.path());
    fill(&memory, 3);
    memory.clear().unwrap();
    assert_eq!(memory.entries().unwrap(), []);
    fill(&memory, 3);
    assert_eq!(memory.stats().misses, 6);
    let entries = memory.entries().unwrap();
    assert!(entries.iter().all(|entry| entry.function() == "square"));
}

#[test]
fn reducing_keeps_the_requested_number_of_entries() {
    let dir = tempfile::tempdir().unwrap();
    let memory = Memory::at(dir.path());
    fill(&memory, 100);
    let limits = Limits {
        items: Some(10),
        ..Limits::default()
    };
    assert_eq!(memory.reduce_size(limits).unwrap().items, 90);
    assert_eq!(memory.entries().unwrap().len(), 10);
    memory.reduce_size(0).unwrap();
    assert_eq!(memory.entries().unwrap(), []);
}

#[test]
fn a_read_only_memory_answers_and_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    fill(&Memory::at(dir.path()), 2);
    let before = files(dir.path());
    let memory = Memory::at(dir.path()).read_only();
    fill(&memory, 4);
    assert_eq!((memory.stats().hits(), memory.stats().misses), (2, 2));
    assert_eq!(memory.stats().errors, 0);
    assert_eq!(files(dir.path()), before);
}

#[test]
fn debug_output_of_a_memory_opens_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cache");
    assert_eq!(
        format!("{:?}", Memory::at(&path)),
        format!("Memory({path:?})")
    );
    assert!(!path.exists());
}

#[test]
fn a_limit_of_zero_keeps_nothing_on_disk_and_the_function_runs() {
    let dir = tempfile::tempdir().unwrap();
    let memory = Memory::at(dir.path().join("cache")).limit_bytes(0);
    fill(&memory, 2);
    assert_eq!(memory.stats().misses, 2);
    assert!(!dir.path().join("cache").exists());
}

#[test]
fn a_file_in_place_of_the_directory_changes_no_result() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let memory = Memory::at(file.path());
    assert_eq!(memory.cached("sum", &[1u64, 2][..], || 3), 3);
    assert_eq!(
        memory.cached("sum", &[1u64, 2][..], || 4),
        3,
        "memory still answers"
    );
    let error = memory.entries().unwrap_err().to_string();
    assert!(
        error.contains(&file.path().display().to_string()),
        "{error}"
    );
}

fn files(dir: &std::path::Path) -> Vec<(std::path::PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let meta = entry.metadata().unwrap();
        if meta.is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push((entry.path(), meta.len()));
        }
    }
    found.sort();
    found
}

const LARGE: &str = "JOBLIB_TEST_LARGE";

#[test]
fn a_large_cache_without_a_limit_is_reported_once() {
    if let Some(dir) = std::env::var_os(LARGE) {
        let memory = Memory::at(&dir);
        // Every process stores something, because only then is a cache measured.
        memory.cached("process", &std::process::id(), || 1);
        drop(memory);
        // The cache is measured in the background, until the parent has seen the result.
        std::io::stdin().read_line(&mut String::new()).unwrap();
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    Memory::at(dir.path()).cached("first", &1, || 1);
    let start = || {
        std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "a_large_cache_without_a_limit_is_reported_once",
                "--exact",
                "--nocapture",
            ])
            .env(LARGE, dir.path())
            .stdin(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    };
    let sparse = dir.path().join("v2/big/sparse");
    std::fs::File::create(&sparse)
        .unwrap()
        .set_len(6 << 30)
        .unwrap();
    let mut child = start();
    let mut lines = std::io::BufReader::new(child.stderr.take().unwrap()).lines();
    let report = lines.find_map(|line| line.ok().filter(|line| line.contains("GiB")));
    let report = report.expect("the cache is reported");
    for part in [
        "6.0 GiB",
        dir.path().to_str().unwrap(),
        "limit_bytes",
        "reduce_size",
    ] {
        assert!(report.contains(part), "{report}");
    }
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());

    let child = start();
    std::thread::sleep(std::time::Duration::from_secs(1));
    let output = child.wait_with_output().unwrap();
    assert!(!String::from_utf8(output.stderr).unwrap().contains("GiB"));

    // A cache that is small again is reported when it grows again.
    std::fs::remove_file(&sparse).unwrap();
    let mut child = start();
    let begun = std::time::Instant::now();
    while dir.path().join("v2/large").exists() {
        assert!(
            begun.elapsed().as_secs() < 60,
            "the record of the report stays"
        );
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}
