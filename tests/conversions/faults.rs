//! Conversions that fail, lose something or differ.

use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

use joblib::{Memory, finish_audits, memoize};

use crate::{Image, Solver, computations, computed, image, pixels};

const AGAIN: &str = "JOBLIB_TEST_CONVERSIONS";

fn is_again() -> bool {
    std::env::var_os(AGAIN).is_some()
}

/// Runs a test of this file again, where [`is_again`].
fn again(name: &str) -> (Output, String) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([&format!("faults::{name}"), "--exact", "--nocapture"])
        .env(AGAIN, "1")
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, stderr)
}

static MEMORY: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/conversion-faults"));

static REFUSES: AtomicBool = AtomicBool::new(false);

fn restore(parts: (u32, Vec<u8>)) -> Result<Image, String> {
    match REFUSES.load(SeqCst) {
        true => Err("the moon is full".to_owned()),
        false => pixels::from(parts),
    }
}

#[memoize(memory = MEMORY, memory_tier = false, store(to = pixels::to, from = restore))]
fn refused(width: u32) -> Image {
    image(width)
}

#[test]
fn an_entry_that_from_refuses_is_computed_again_with_a_warning() {
    if is_again() {
        refused::clear();
        assert_eq!(computations(|| drop(refused(2))), 1);
        REFUSES.store(true, SeqCst);
        assert!(!refused::check(2));
        assert_eq!(computations(|| assert_eq!(refused(2).width(), 2)), 1);
        REFUSES.store(false, SeqCst);
        return;
    }
    let (output, stderr) = again("an_entry_that_from_refuses_is_computed_again_with_a_warning");
    assert!(output.status.success(), "{stderr}");
    let warning = "cannot be decoded and is recomputed: `from` of its `store` returned an error: \
                   the moon is full";
    assert!(stderr.contains(warning), "{stderr}");
}

fn without_last(image: &Image) -> (u32, Vec<u8>) {
    let mut pixels = image.pixels().to_vec();
    if let Some(last) = pixels.last_mut() {
        *last = 0;
    }
    (image.width(), pixels)
}

static CHANGED: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/conversion-changes"));

#[memoize(memory = CHANGED, store(to = without_last, from = pixels::from))]
fn unequal(width: u32) -> Image {
    image(width)
}

fn next(solver: &Solver<u64>) -> u64 {
    // Loses something for some values only.
    solver.0 + u64::from(solver.0 > 2)
}

#[memoize(memory = CHANGED, store(to = next, from = Solver))]
fn changed(state: u64) -> Solver<u64> {
    Solver(state)
}

#[test]
fn a_result_that_a_conversion_changes_is_not_stored() {
    if is_again() {
        CHANGED.clear().unwrap();
        assert_eq!((unequal(3), unequal(3)), (image(3), image(3)));
        assert!(!unequal::check(3));
        for state in [1, 2, 3, 4, 5, 6] {
            assert_eq!((changed(state).0, changed(state).0), (state, state));
            assert_eq!(changed::check(state), state <= 2, "{state}");
        }
        return;
    }
    let (output, stderr) = again("a_result_that_a_conversion_changes_is_not_stored");
    assert!(output.status.success(), "{stderr}");
    for function in ["unequal", "changed"] {
        let place = format!("conversions::faults::{function} (");
        let mut lines = stderr.lines().filter(|line| line.contains(&place));
        let line = lines.next().unwrap_or_else(|| panic!("{stderr}"));
        assert!(line.contains("is not stored"), "{line}");
        assert!(line.contains("the functions of `store`"), "{line}");
    }
}

static AUDITED: Memory =
    Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/conversion-audits")).audit(1.0);

static UNSEEN: AtomicU64 = AtomicU64::new(1);

fn state(solver: &Solver<u64>) -> u64 {
    solver.0
}

#[memoize(memory = AUDITED, store(to = state, from = Solver))]
fn unseen(n: u64) -> Solver<u64> {
    computed();
    Solver(n + UNSEEN.load(SeqCst))
}

fn odd(solver: &Solver<u64>) -> u64 {
    solver.0 % 2
}

#[memoize(memory = AUDITED, store(to = odd, from = Solver))]
fn parity(n: u64) -> Solver<u64> {
    Solver(n % 2 + 2 * UNSEEN.load(SeqCst))
}

#[test]
fn an_audit_compares_what_is_stored() {
    if is_again() {
        AUDITED.clear().unwrap();
        let _ = (unseen(1), parity(1));
        UNSEEN.store(4, SeqCst);
        assert_eq!(unseen(1).0, 2);
        assert_eq!(parity(1).0, 1);
        finish_audits();
        let counts = |stats: joblib::Stats| (stats.audited, stats.differing);
        assert_eq!(counts(unseen::stats()), (1, 1));
        assert_eq!(counts(parity::stats()), (1, 0));
        return;
    }
    let (output, stderr) = again("an_audit_compares_what_is_stored");
    assert!(output.status.success(), "{stderr}");
    assert!(
        stderr.contains("returned a different result when recomputed"),
        "{stderr}"
    );
}
