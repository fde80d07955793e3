//! Which share of the hits is audited, and what sets it.

use std::process::Output;
use std::sync::atomic::Ordering::SeqCst;

use joblib::{Memory, memoize};

use super::{UNSEEN, again, audit_warnings, is_again};

static SOME: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/audit-some")).audit(0.25);

#[memoize(memory = SOME)]
fn rarely(x: &u64) -> u64 {
    *x
}

#[test]
fn the_configured_share_of_hits_is_audited() {
    let before = rarely::stats();
    (0..4_000).for_each(|x| assert_eq!(rarely(&(x % 10)), x % 10));
    let stats = rarely::stats();
    let audited = stats.audited - before.audited;
    assert!((800..1_200).contains(&audited), "{stats}");
}

#[test]
fn closures_are_audited() {
    let dir = tempfile::tempdir().unwrap();
    let memory = Memory::at(dir.path()).audit(1.0);
    let call = |plus: u64| memory.cached("plus", &1u64, || 1 + plus);
    assert_eq!([call(1), call(1), call(2)], [2; 3]);
    let stats = memory.stats();
    assert_eq!((stats.misses, stats.audited, stats.differing), (1, 2, 1));
}

static PLAIN: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/audit-plain"));

#[memoize(memory = PLAIN)]
fn plain(x: u64) -> u64 {
    x + UNSEEN.load(SeqCst)
}

#[memoize(memory = PLAIN)]
fn plain_lent(x: &u64) -> u64 {
    x + UNSEEN.load(SeqCst)
}

#[test]
fn the_environment_audits_all_caches() {
    if is_again() {
        PLAIN.clear().unwrap();
        UNSEEN.store(0, SeqCst);
        assert_eq!((plain(1), plain_lent(&1)), (1, 1));
        UNSEEN.store(5, SeqCst);
        assert_eq!((plain(1), plain(1)), (1, 1), "audits run in the background");
        assert_eq!((plain_lent(&1), plain_lent(&1)), (1, 1));
        println!("audited {}", plain_lent::stats().audited);
        // The process waits for background audits before it ends.
        return;
    }
    let name = "share::the_environment_audits_all_caches";
    let with = |value| again(name, &[("JOBLIB_RS_AUDIT", value)]);
    let printed = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
    for value in ["100%", "1.0"] {
        let output = with(value);
        assert!(output.status.success(), "{output:?}");
        assert!(printed(&output).contains("audited 2"), "{output:?}");
        assert_eq!(audit_warnings(&output).len(), 2, "{output:?}");
    }
    for value in ["0%", "", "0"] {
        let output = with(value);
        assert!(printed(&output).contains("audited 0"), "{output:?}");
        assert_eq!(audit_warnings(&output).len(), 0, "{output:?}");
    }
    let output = with("100%,strict");
    assert!(!output.status.success());
    let text = format!(
        "{}{}",
        printed(&output),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        text.contains("audit: audit::share::plain (tests/audit/share.rs:"),
        "{text}"
    );
}

#[test]
fn an_invalid_share_is_reported_once_with_a_valid_example() {
    if is_again() {
        (0..3).for_each(|x| assert_eq!(plain(x), plain(x)));
        let _ = SOME.stats();
        assert_eq!(plain::stats().audited, 0);
        return;
    }
    for value in ["5", "one percent", "101%", "1%,strikt"] {
        let name = "share::an_invalid_share_is_reported_once_with_a_valid_example";
        let output = again(name, &[("JOBLIB_RS_AUDIT", value)]);
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<_> = text
            .lines()
            .filter(|line| line.contains("JOBLIB_RS_AUDIT"))
            .collect();
        assert!(
            matches!(lines[..], [line] if line.contains(value) && line.contains("such as 1%")),
            "{text}"
        );
    }
}

#[test]
fn without_an_audit_nothing_is_audited() {
    assert_eq!(plain(9), plain(9));
    assert_eq!(plain::stats().audited, 0);
}
