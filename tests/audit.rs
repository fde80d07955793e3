//! An audit computes hits again, and finds what no fingerprint covers.

use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};

use indexmap::IndexMap;
use joblib::backend::Processes;
use joblib::{Memory, Stats, finish_audits, memoize, parallel};
use serde::{Deserialize, Serialize};

/// What decides over results and is in no source.
static UNSEEN: AtomicU64 = AtomicU64::new(0);
static CALLS: AtomicU64 = AtomicU64::new(0);

fn unseen() -> u64 {
    CALLS.fetch_add(1, SeqCst);
    UNSEEN.load(SeqCst)
}

macro_rules! memory {
    ($name:ident, $dir:literal) => {
        static $name: Memory =
            Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/audit-", $dir)).audit(1.0);
    };
}

memory!(ALL, "all");

#[memoize(memory = ALL)]
fn kept(x: u64) -> u64 {
    x + unseen()
}

#[memoize(memory = ALL)]
fn kept_of_many(words: Vec<Option<String>>, (): (), pair: (u8, [bool; 2])) -> usize {
    words.len() + pair.1.len() + unseen() as usize
}

#[memoize(memory = ALL)]
fn lent(words: &[&str]) -> u64 {
    words.len() as u64 + unseen()
}

#[memoize(memory = ALL, memory_tier = false)]
fn from_disk(x: u64) -> Result<Vec<u64>, String> {
    Ok(vec![x, unseen()])
}

#[memoize(memory = ALL)]
fn generic<T: joblib::Key + Into<u64>>(x: T) -> u64 {
    x.into() + unseen()
}

#[memoize(memory = ALL)]
async fn later(x: u64) -> u64 {
    Twice(false).await;
    x + unseen()
}

#[derive(Clone, Copy, joblib::Key)]
struct Scale(u64);

impl Scale {
    #[memoize(memory = ALL)]
    fn scaled(&self, x: u64) -> u64 {
        self.0 * x + unseen()
    }

    #[memoize(memory = ALL)]
    async fn scaled_later(&self, x: u64) -> u64 {
        Twice(false).await;
        self.0 * x + unseen()
    }
}

trait Area {
    fn area(&self) -> u64;
}

impl Area for Scale {
    #[memoize(memory = ALL)]
    fn area(&self) -> u64 {
        self.0 * self.0 + unseen()
    }
}

/// A future that is ready when it is polled for the second time.
struct Twice(bool);

impl Future for Twice {
    type Output = ();

    fn poll(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match std::mem::replace(&mut self.0, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

fn is_send<T: Send>(value: T) -> T {
    value
}

/// Calls, and what is counted of the function of each.
type Calls = Vec<(&'static str, Box<dyn Fn() -> u64>, Box<dyn Fn() -> Stats>)>;

fn calls() -> Calls {
    let scale = Scale(3);
    vec![
        ("kept", Box::new(|| kept(1)), Box::new(kept::stats)),
        (
            "kept_of_many",
            Box::new(|| kept_of_many(vec![None, Some("a".into())], (), (1, [true; 2])) as u64),
            Box::new(kept_of_many::stats),
        ),
        (
            "lent",
            Box::new(|| lent(&["a", "b"])),
            Box::new(lent::stats),
        ),
        (
            "from_disk",
            Box::new(|| from_disk(1).unwrap()[1]),
            Box::new(from_disk::stats),
        ),
        (
            "generic",
            Box::new(|| generic(1u8)),
            Box::new(generic::stats),
        ),
        (
            "later",
            Box::new(|| block_on(is_send(later(1)))),
            Box::new(later::stats),
        ),
        (
            "scaled",
            Box::new(move || scale.scaled(2)),
            Box::new(|| Scale::scaled_memo().stats()),
        ),
        (
            "scaled_later",
            Box::new(move || block_on(is_send(scale.scaled_later(2)))),
            Box::new(|| Scale::scaled_later_memo().stats()),
        ),
    ]
}

const AGAIN: &str = "JOBLIB_TEST_AUDIT";

fn is_again() -> bool {
    std::env::var_os(AGAIN).is_some()
}

/// `test` again, in a process of its own.
fn again(test: &str, variables: &[(&str, &str)]) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(AGAIN, "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn told(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines = text.lines().filter(|line| line.contains("warning: audit"));
    lines.map(str::to_owned).collect()
}

#[test]
fn what_the_source_does_not_show_is_found_in_every_kind_of_function() {
    if is_again() {
        ALL.clear().unwrap();
        for (name, call, stats) in calls() {
            UNSEEN.store(0, SeqCst);
            let first = call();
            assert_eq!(call(), first);
            finish_audits();
            let counted = stats();
            let counts =
                |stats: Stats| (stats.misses, stats.hits(), stats.audited, stats.differing);
            assert_eq!(counts(counted), (1, 1, 1, 0), "{name}");
            UNSEEN.store(7, SeqCst);
            assert_eq!(call(), first, "{name} answers what is stored");
            assert_eq!(call(), first, "{name}, told a second time");
            finish_audits();
            assert_eq!(counts(stats()), (1, 3, 3, 2), "{name}");
        }
        let scale = Scale(3);
        let stats = ALL.stats();
        UNSEEN.store(0, SeqCst);
        assert_eq!([scale.area(), scale.area()], [9, 9]);
        UNSEEN.store(1, SeqCst);
        assert_eq!(scale.area(), 9);
        let since = ALL.stats();
        assert_eq!(since.audited - stats.audited, 2, "of traits");
        assert_eq!(since.differing - stats.differing, 1, "of traits");
        assert!(
            ALL.stats().to_string().contains(" audited ("),
            "{}",
            ALL.stats()
        );
        return;
    }
    let output = again(
        "what_the_source_does_not_show_is_found_in_every_kind_of_function",
        &[],
    );
    let lines = told(&output);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(lines.len(), calls().len() + 1, "{lines:#?}");
    for (name, ..) in calls() {
        let of = |line: &&String| line.contains(&format!("{name} (tests/audit.rs:"));
        let line = lines.iter().find(of);
        let line = line.unwrap_or_else(|| panic!("{name}: {lines:#?}"));
        for part in [
            "with the key ",
            " is stored, and it gives ",
            "items of source",
            "`reaches()`",
        ] {
            assert!(line.contains(part), "{part:?} in {line}");
        }
    }
    let key = kept::key(1).to_string();
    assert!(
        lines.iter().any(|line| line.contains(&key)),
        "{key}: {lines:#?}"
    );
}

memory!(SAME, "same");

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Hashed {
    #[serde(flatten)]
    flat: HashMap<String, u64>,
    inner: Vec<HashSet<u64>>,
}

/// A hashed map that takes itself apart, so that no type shows what it is.
#[derive(Clone, Debug)]
struct ByHand(HashMap<u64, u64>);

impl Serialize for ByHand {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serde::Serializer::serialize_map(serializer, Some(self.0.len()))?;
        for (key, value) in &self.0 {
            serde::ser::SerializeMap::serialize_entry(&mut map, key, value)?;
        }
        serde::ser::SerializeMap::end(map)
    }
}

impl<'de> Deserialize<'de> for ByHand {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Deserialize::deserialize(deserializer).map(ByHand)
    }
}

fn numbers(n: u64) -> HashMap<u64, u64> {
    (0..n).map(|n| (n, n)).collect()
}

macro_rules! results {
    ($($name:ident($n:ident) -> $ty:ty $value:block)*) => {
        $(#[memoize(memory = SAME)]
        fn $name($n: u64) -> $ty $value)*

        /// What is counted of each function, after two calls of it.
        fn counted(n: u64) -> BTreeMap<&'static str, (u64, u64)> {
            $(drop($name(n)); drop($name(n)); drop($name(n));)*
            finish_audits();
            [$((stringify!($name), $name::stats())),*]
                .map(|(name, stats)| (name, (stats.audited, stats.differing)))
                .into()
        }
    };
}

results! {
    map(n) -> HashMap<u64, u64> { numbers(n) }
    flattened(n) -> Hashed {
        Hashed {
            flat: (0..n).map(|n| (n.to_string(), n)).collect(),
            inner: vec![(0..n).collect()],
        }
    }
    by_hand(n) -> ByHand { ByHand(numbers(n)) }
    heap(n) -> BinaryHeap<u64> { (0..n).map(|it| it * 7 % n).collect() }
    not_a_number(n) -> Vec<f64> { vec![f64::NAN, -0.0, n as f64] }
    json(n) -> serde_json::Value { serde_json::json!({"b": n, "a": [n, null, 0.1]}) }
}

#[test]
fn the_order_of_what_is_hashed_and_the_bits_of_numbers_are_no_difference() {
    for (name, counts) in counted(30) {
        assert_eq!(counts, (2, 0), "{name}");
    }
}

#[memoize(memory = SAME)]
fn in_some_order(_n: u64) -> IndexMap<u64, u64> {
    let back = unseen() % 2 == 1;
    let entries = [(1, 1), (2, 2)];
    match back {
        false => entries.into(),
        true => entries.into_iter().rev().collect(),
    }
}

#[memoize(memory = SAME, cache_if = is_even)]
fn sometimes(x: &u64) -> u64 {
    x + unseen()
}

fn is_even(x: &u64) -> bool {
    x.is_multiple_of(2)
}

#[memoize(memory = SAME)]
fn fails(x: &u64) -> Result<u64, String> {
    match unseen() {
        0 => Ok(*x),
        _ => Err("none".to_owned()),
    }
}

#[memoize(memory = SAME)]
fn panics(x: u64) -> u64 {
    match unseen() {
        0 => x,
        _ => panic!("there is none today"),
    }
}

#[test]
fn an_order_an_error_and_a_panic_are_differences() {
    if is_again() {
        SAME.clear().unwrap();
        UNSEEN.store(0, SeqCst);
        let call = || {
            let order: Vec<_> = in_some_order(1).into_keys().collect();
            (order, sometimes(&4), fails(&1), panics(3))
        };
        let first = call();
        UNSEEN.store(1, SeqCst);
        assert_eq!(call(), first);
        finish_audits();
        let differing = [
            in_some_order::stats(),
            sometimes::stats(),
            fails::stats(),
            panics::stats(),
        ];
        assert_eq!(differing.map(|stats| stats.differing), [1; 4]);
        return;
    }
    let output = again("an_order_an_error_and_a_panic_are_differences", &[]);
    assert!(output.status.success(), "{output:?}");
    let lines = told(&output).join("\n");
    for part in [
        "it panics: there is none today",
        "that is not to be stored",
        "it gives ",
    ] {
        assert!(lines.contains(part), "{part}: {lines}");
    }
}

memory!(DEEP, "deep");

#[memoize(memory = DEEP)]
fn outer(x: u64) -> u64 {
    middle(x) + middle(x) + 1
}

#[memoize(memory = DEEP)]
fn middle(x: u64) -> u64 {
    inner(&x) + 1
}

#[memoize(memory = DEEP)]
fn inner(x: &u64) -> u64 {
    COMPUTED.fetch_add(1, SeqCst);
    *x + HIDDEN.load(SeqCst)
}

static COMPUTED: AtomicU64 = AtomicU64::new(0);
static HIDDEN: AtomicU64 = AtomicU64::new(0);

#[test]
fn an_old_result_behind_old_results_is_found() {
    DEEP.clear().unwrap();
    HIDDEN.store(0, SeqCst);
    let first = outer(5);
    finish_audits();
    let stats = || [outer::stats(), middle::stats(), inner::stats()];
    let before = stats();
    let computed = COMPUTED.load(SeqCst);
    HIDDEN.store(3, SeqCst);
    assert_eq!(outer(5), first);
    finish_audits();
    for (before, after) in before.iter().zip(stats()) {
        let differing = after.differing - before.differing;
        assert_eq!(
            (after.audited - before.audited, differing),
            (1, 1),
            "{after}"
        );
        assert_eq!(after.misses, before.misses, "{after}");
    }
    assert_eq!(COMPUTED.load(SeqCst) - computed, 1, "once for each key");
    // What is counted are the calls, and nothing was stored.
    assert_eq!(outer::stats().hits() - before[0].hits(), 1);
    assert_eq!(middle::stats().hits(), before[1].hits());
    assert_eq!(inner::uncached(&5), 8);
    assert!(inner::check(&5));
}

#[memoize(memory = DEEP)]
async fn outer_later(x: u64) -> u64 {
    Twice(false).await;
    inner_later(x).await + inner_later(x).await
}

#[memoize(memory = DEEP_STRICT)]
async fn inner_later(x: u64) -> u64 {
    Twice(false).await;
    COMPUTED_LATER.fetch_add(1, SeqCst);
    x + HIDDEN_LATER.load(SeqCst)
}

/// Strict for its own hits, of which there are none in the test.
static DEEP_STRICT: Memory =
    Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/audit-deep-strict")).audit_strict(0.0);
static COMPUTED_LATER: AtomicU64 = AtomicU64::new(0);
static HIDDEN_LATER: AtomicU64 = AtomicU64::new(0);

#[test]
fn an_old_result_behind_that_of_an_async_function_is_found_and_told() {
    if is_again() {
        DEEP.clear().unwrap();
        DEEP_STRICT.clear().unwrap();
        HIDDEN_LATER.store(0, SeqCst);
        let first = block_on(outer_later(5));
        HIDDEN_LATER.store(3, SeqCst);
        assert_eq!(block_on(outer_later(5)), first);
        for stats in [outer_later::stats(), inner_later::stats()] {
            assert_eq!(
                (stats.audited, stats.differing, stats.misses),
                (1, 1, 1),
                "{stats}"
            );
        }
        assert_eq!(COMPUTED_LATER.load(SeqCst), 2, "once for each key");
        return;
    }
    let name = "an_old_result_behind_that_of_an_async_function_is_found_and_told";
    let output = again(name, &[]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(told(&output).len(), 2, "{output:?}");
}

memory!(RECURSIVE, "recursive");

#[memoize(memory = RECURSIVE)]
fn fibonacci(n: u64) -> u64 {
    match n {
        0 | 1 => n,
        _ => fibonacci(n - 1).wrapping_add(fibonacci(n - 2)),
    }
}

#[test]
fn recursion_is_audited_in_time_and_space_as_it_was_computed() {
    for n in 0..5_000 {
        fibonacci(n);
        if n % 256 == 0 {
            finish_audits();
        }
    }
    let before = fibonacci::stats();
    fibonacci(4_999);
    finish_audits();
    let after = fibonacci::stats();
    assert!(after.audited > before.audited, "{after}");
    assert_eq!(after.differing, 0, "{after}");
}

static STRICT: Memory =
    Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/audit-strict")).audit_strict(1.0);
static MOOD: AtomicU64 = AtomicU64::new(0);

#[memoize(memory = STRICT)]
fn moody(x: u64) -> u64 {
    x + MOOD.load(SeqCst)
}

#[memoize(memory = STRICT)]
fn calls_moody(x: u64) -> bool {
    moody(x) < 100
}

#[memoize(memory = STRICT)]
async fn moody_later(x: u64) -> u64 {
    Twice(false).await;
    x + MOOD.load(SeqCst)
}

fn panic_of<T>(call: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(call))
        .err()
        .expect("it panics");
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn a_difference_is_a_panic_where_the_audit_is_strict() {
    STRICT.clear().unwrap();
    MOOD.store(0, SeqCst);
    assert_eq!((moody(1), moody(1)), (1, 1));
    assert_eq!(block_on(moody_later(1)), 1);
    assert_eq!(block_on(moody_later(1)), 1);
    assert!(calls_moody(1) && calls_moody(1));
    MOOD.store(1, SeqCst);
    assert!(panic_of(|| moody(1)).contains("audit: audit::moody (tests/audit.rs:"));
    assert!(panic_of(|| block_on(moody_later(1))).contains("audit: audit::moody_later ("));
    // The result of the outer is the same, that of the inner is not.
    assert!(panic_of(|| calls_moody(1)).contains("audit: audit::moody ("));
    assert_eq!(calls_moody::stats().differing, 0);
    // What is stored can be replaced.
    assert_eq!(moody::recompute(1), 2);
    assert_eq!(moody(1), 2);
}

static SOME: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/audit-some")).audit(0.25);

#[memoize(memory = SOME)]
fn rarely(x: &u64) -> u64 {
    *x
}

#[test]
fn the_share_that_was_asked_for_is_audited() {
    let before = rarely::stats();
    (0..4_000).for_each(|x| assert_eq!(rarely(&(x % 10)), x % 10));
    let stats = rarely::stats();
    let audited = stats.audited - before.audited;
    assert!((800..1_200).contains(&audited), "{stats}");
}

memory!(BUSY, "busy");

#[memoize(memory = BUSY)]
fn busy(x: &u64, depth: u64) -> u64 {
    match depth {
        0 => *x,
        _ => {
            let below = joblib::par(0..4).map(|y| busy(&((x + y) % 7), depth - 1));
            below.n_jobs(2).collect::<Vec<u64>>().iter().sum()
        }
    }
}

#[test]
fn audits_do_not_wait_for_those_who_wait_for_them() {
    let expected: Vec<u64> = (0..7).map(|x| busy::uncached(&x, 2)).collect();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for round in 0..20 {
                    let x = round % 7;
                    assert_eq!(busy(&x, 2), expected[x as usize]);
                }
            });
        }
    });
    let stats = busy::stats();
    assert!(stats.audited > 0 && stats.differing == 0, "{stats}");
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

memory!(SPREAD, "spread");

#[parallel]
#[memoize(memory = SPREAD)]
fn spread(x: u64) -> u64 {
    x + 1
}

#[test]
fn what_worker_processes_audit_is_counted() {
    SPREAD.clear().unwrap();
    for _ in 0..2 {
        let all: Vec<u64> = spread::par(0..20).backend(Processes).n_jobs(2).collect();
        assert!(all.into_iter().eq(1..21));
    }
    let stats = spread::stats();
    assert_eq!(
        (stats.misses, stats.hits(), stats.audited, stats.differing),
        (20, 20, 20, 0)
    );
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
        assert_eq!((plain(1), plain(1)), (1, 1), "in the background");
        assert_eq!((plain_lent(&1), plain_lent(&1)), (1, 1));
        println!("audited {}", plain_lent::stats().audited);
        // The end of the process waits for what is in the background.
        return;
    }
    let name = "the_environment_audits_all_caches";
    let with = |value| again(name, &[("JOBLIB_RS_AUDIT", value)]);
    let printed = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
    for value in ["100%", "1.0"] {
        let output = with(value);
        assert!(output.status.success(), "{output:?}");
        assert!(printed(&output).contains("audited 2"), "{output:?}");
        assert_eq!(told(&output).len(), 2, "{output:?}");
    }
    for value in ["0%", "", "0"] {
        let output = with(value);
        assert!(printed(&output).contains("audited 0"), "{output:?}");
        assert_eq!(told(&output).len(), 0, "{output:?}");
    }
    let output = with("100%,strict");
    assert!(!output.status.success());
    let text = format!(
        "{}{}",
        printed(&output),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        text.contains("audit: audit::plain (tests/audit.rs:"),
        "{text}"
    );
}

#[test]
fn a_bad_share_is_told_once_with_the_way_out() {
    if is_again() {
        (0..3).for_each(|x| assert_eq!(plain(x), plain(x)));
        let _ = SOME.stats();
        assert_eq!(plain::stats().audited, 0);
        return;
    }
    for value in ["5", "one percent", "101%", "1%,strikt"] {
        let name = "a_bad_share_is_told_once_with_the_way_out";
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
    PLAIN.clear().unwrap();
    assert_eq!(plain(9), plain(9));
    assert_eq!(plain::stats().audited, 0);
}
