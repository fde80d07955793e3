//! Every option of `#[memoize]` works as documented.

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use joblib::{Entry, FileContents, Memory, memoize};

thread_local!(static CALLS: Cell<u32> = const { Cell::new(0) });

/// Counts a computation on this thread.
fn computed() {
    CALLS.set(CALLS.get() + 1);
}

/// Returns how often `call` computed.
fn computations<T>(call: impl FnOnce() -> T) -> u32 {
    CALLS.set(0);
    call();
    CALLS.get()
}

#[memoize(dir = "target/test-cache/options", ignore(label))]
fn ignoring(x: u32, label: &str) -> u32 {
    computed();
    x + label.len() as u32
}

#[test]
fn an_ignored_argument_does_not_change_the_key() {
    ignoring::clear();
    assert_eq!(computations(|| assert_eq!(ignoring(1, "a"), 2)), 1);
    assert_eq!(computations(|| assert_eq!(ignoring(1, "long"), 2)), 0);
    assert_eq!(computations(|| assert_eq!(ignoring(2, "a"), 3)), 1);
}

#[memoize(dir = "target/test-cache/options", key(path = FileContents(path), scale = scale.to_bits() >> 9))]
fn of_file(path: &Path, scale: f32, data: Vec<u8>) -> usize {
    computed();
    std::fs::read(path).map_or(0, |bytes| bytes.len()) * scale as usize + data.len()
}

#[test]
fn a_key_expression_replaces_an_argument() {
    of_file::clear();
    let file = tempfile::NamedTempFile::new().unwrap();
    let call = || of_file(file.path(), 1.0, vec![1]);
    assert_eq!(computations(call), 1);
    assert_eq!(computations(call), 0);
    std::fs::write(file.path(), "changed").unwrap();
    assert_eq!(computations(call), 1);
    assert_eq!(computations(call), 0);
}

mod first {
    #[joblib::memoize(
        dir = "target/test-cache/options",
        version = 1,
        name = "versioned",
        scope = "function"
    )]
    pub(super) fn versioned(x: u32) -> u32 {
        x
    }
}

mod second {
    #[joblib::memoize(
        dir = "target/test-cache/options",
        version = 2,
        name = "versioned",
        scope = "function"
    )]
    pub(super) fn versioned(x: u32) -> u32 {
        x
    }
}

mod moved {
    #[joblib::memoize(
        dir = "target/test-cache/options",
        version = 2,
        name = "versioned",
        scope = "function"
    )]
    pub(super) fn renamed(x: u32) -> u32 {
        x
    }
}

#[test]
fn a_version_changes_the_key_and_a_name_survives_a_move() {
    assert_ne!(first::versioned::key(1), second::versioned::key(1));
    assert_eq!(second::versioned::key(1), moved::renamed::key(1));
}

#[memoize(dir = "target/test-cache/options", expires = "50ms")]
fn expiring(x: u32) -> u32 {
    computed();
    x
}

#[test]
fn an_expired_result_is_computed_again() {
    expiring::clear();
    assert_eq!(computations(|| expiring(1)), 1);
    std::thread::sleep(Duration::from_millis(60));
    assert!(!expiring::check(1));
    assert_eq!(computations(|| expiring(1)), 1);
}

fn is_small(entry: &Entry) -> bool {
    assert!(entry.function().ends_with("validated"));
    entry.size() < 1000
}

#[memoize(dir = "target/test-cache/options", validate = is_small)]
fn validated(len: usize) -> Vec<u8> {
    computed();
    vec![1; len]
}

#[test]
fn a_result_that_fails_validation_is_computed_again() {
    validated::clear();
    for (len, again) in [(10, 0), (10_000, 1)] {
        assert_eq!(computations(|| validated(len)), 1);
        assert_eq!(computations(|| validated(len)), again);
    }
}

fn is_even(value: &u32) -> bool {
    value.is_multiple_of(2)
}

#[memoize(dir = "target/test-cache/options", cache_if = is_even)]
fn only_even(x: u32) -> u32 {
    computed();
    x
}

fn always(_: &Result<u32, String>) -> bool {
    true
}

#[memoize(dir = "target/test-cache/options", cache_if = always)]
fn errors_too(x: u32) -> Result<u32, String> {
    computed();
    Err(x.to_string())
}

#[test]
fn a_condition_decides_what_is_stored() {
    only_even::clear();
    errors_too::clear();
    for (x, again) in [(1, 1), (2, 0)] {
        assert_eq!(computations(|| only_even(x)), 1);
        assert_eq!(computations(|| only_even(x)), again);
    }
    assert_eq!(computations(|| errors_too(3)), 1);
    assert_eq!(
        computations(|| assert_eq!(errors_too(3), Err("3".to_owned()))),
        0
    );
}

static COMPRESSED: Memory = Memory::new("target/test-cache/compressed");

#[memoize(memory = COMPRESSED, compress = "zstd:3", memory_tier = false)]
fn zeros(len: usize) -> Vec<u8> {
    computed();
    vec![0; len]
}

#[test]
fn compressed_results_are_smaller_and_are_read_back() {
    COMPRESSED.clear().unwrap();
    assert_eq!(computations(|| zeros(1_000_000)), 1);
    assert_eq!(
        computations(|| assert_eq!(zeros(1_000_000), vec![0; 1_000_000])),
        0
    );
    assert_eq!(zeros::stats().disk_hits, 1);
    let entries = COMPRESSED.entries().unwrap();
    assert!(entries[0].size() < 10_000, "{entries:?}");
}

#[memoize(dir = "target/test-cache/options", mmap, memory_tier = "1MiB")]
fn large(len: usize) -> Vec<u8> {
    computed();
    vec![7; len]
}

#[test]
fn a_mapped_result_too_large_for_memory_is_read_from_its_file() {
    large::clear();
    assert_eq!(computations(|| large(10_000_000)), 1);
    assert_eq!(
        computations(|| assert_eq!(large(10_000_000).len(), 10_000_000)),
        0
    );
    assert_eq!(large::stats().disk_hits, 1);
}

mod numbered {
    use joblib::memoize;

    #[memoize(version = 1)]
    pub(super) fn first(n: u64) -> u64 {
        n
    }

    #[memoize(version = 2)]
    pub(super) fn second(n: u64) -> u64 {
        n
    }

    #[memoize(scope = "function", depends(first))]
    pub(super) fn on_first(n: u64) -> u64 {
        n
    }

    #[memoize(scope = "function", depends(second))]
    pub(super) fn on_second(n: u64) -> u64 {
        n
    }
}

#[test]
fn the_version_of_a_function_counts_for_its_callers() {
    use numbered::{first, on_first, on_second, second};
    assert_eq!(first::FINGERPRINT, second::FINGERPRINT);
    assert_ne!(on_first::FINGERPRINT, on_second::FINGERPRINT);
}
