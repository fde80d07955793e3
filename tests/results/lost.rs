//! A result that would be read back as a different value is not stored.

use std::process::Command;

use joblib::{Memory, Persist, memoize};
use serde::{Deserialize, Serialize};

use super::AGAIN;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Lossy {
    x: u64,
    #[serde(skip)]
    y: u64,
}

#[derive(Clone, Debug, PartialEq, Persist)]
struct LossyFile {
    x: Vec<u64>,
    #[persist(skip)]
    y: u64,
}

/// Serializes as a string and deserializes a number.
#[derive(Clone, Debug)]
struct Wordy(u64);

impl Serialize for Wordy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_string())
    }
}

impl<'de> Deserialize<'de> for Wordy {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(Wordy)
    }
}

/// Deserializes to a different value.
#[derive(Clone, Debug, Serialize)]
struct Shifty(u64);

impl<'de> Deserialize<'de> for Shifty {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(|x| Shifty(x + 1))
    }
}

#[derive(Persist)]
struct Veiled {
    #[persist(serde)]
    value: Option<Wordy>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Long {
    text: String,
    #[serde(skip)]
    note: u8,
}

#[memoize(memory = LONG)]
fn long(note: u8) -> Long {
    let text = "a".repeat(17 << 20);
    Long { text, note }
}

static LONG: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/results-long"));

#[test]
fn long_results_are_stored_and_missing_fields_are_detected() {
    LONG.clear().unwrap();
    assert!(long(1).note == 1 && !long::check(1));
    assert!(long(0) == long(0));
    assert!(long::check(0));
    assert!(
        long(2).note == 2 && long(2).note == 2,
        "a lossless result was stored before"
    );
    assert_eq!((long::stats().misses, long::stats().hits()), (4, 1));
}

static LOST: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/results-lost"));

#[memoize(memory = LOST)]
fn lossy(x: u64) -> Lossy {
    Lossy { x, y: x + 1 }
}

#[memoize(memory = LOST)]
fn lossy_in_a_file(x: u64) -> Result<LossyFile, String> {
    Ok(LossyFile {
        x: vec![x],
        y: x + 1,
    })
}

#[memoize(memory = LOST)]
fn wordy(x: u64) -> Wordy {
    Wordy(x)
}

#[memoize(memory = LOST)]
fn shifty(x: u64) -> Shifty {
    Shifty(x)
}

#[memoize(memory = LOST)]
fn veiled(x: u64) -> Veiled {
    Veiled {
        value: (x > 3).then_some(Wordy(x)),
    }
}

#[test]
fn a_result_that_would_change_is_not_stored_and_reported_once() {
    if std::env::var_os(AGAIN).is_some() {
        LOST.clear().unwrap();
        for x in [5, 5, 5, 6] {
            assert_eq!(lossy(x), Lossy { x, y: x + 1 });
            assert_eq!(lossy_in_a_file(x).unwrap().y, x + 1);
            assert_eq!(wordy(x).0, x);
            assert_eq!(shifty(x).0, x);
            assert_eq!(veiled(x).value.unwrap().0, x);
            let checks = [lossy::check(x), lossy_in_a_file::check(x), wordy::check(x)];
            assert_eq!(checks, [false; 3]);
            assert!(!shifty::check(x) && !veiled::check(x));
            assert_eq!(lossy::shelve(x).get().unwrap().y, x + 1);
        }
        assert_eq!(LOST.entries().unwrap(), []);
        // A result that can be stored is stored, even after results that cannot.
        assert!(veiled(1).value.is_none());
        assert!(veiled::check(1));
        assert!(lossy::stats().errors > 0 && lossy::stats().misses > 0);
        return;
    }
    let name = "lost::a_result_that_would_change_is_not_stored_and_reported_once";
    let output = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(AGAIN, "1")
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    let functions = ["lossy", "lossy_in_a_file", "wordy", "shifty", "veiled"];
    for function in functions {
        let place = format!("results::lost::{function} (tests/results/lost.rs:");
        let lines: Vec<_> = stderr
            .lines()
            .filter(|line| line.contains(&place))
            .collect();
        assert!(
            matches!(lines[..], [line] if line.contains("is not stored") && line.contains("return another type")),
            "{function}: {stderr}"
        );
    }
}
