//! Proof that no event of a build leaves a stale answer: small packages, each
//! edited, built and run some times with one cache.
//!
//! `cargo test --test stale macros` tries one class, and with
//! `JOBLIB_TEST_CASE="pasted"` only the cases with these words in their name.
//! `JOBLIB_TEST_WHOLE=1` tries every case, not one of five, and lets each undo its
//! last edit, not one of four.
//! `JOBLIB_TEST_SCOPE=crate` gives all functions this scope, for which nothing
//! must be stale either.

mod above;
mod below;
#[path = "../built/mod.rs"]
mod built;
mod case;
mod chosen;
mod compilation;
mod conditions;
mod crates;
mod data;
mod dependencies;
mod environment;
mod found;
mod identity;
mod includes;
mod judge;
mod linkage;
mod macros;
mod place;
mod scopes;
mod shadowing;
mod tree;
mod types;
mod unkind;
mod unknown;
mod visibility;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use case::Case;
use place::Place;

/// Packages that are tried at the same time.
const COPIES: usize = 2;

/// The places where no case is tried just now.
static FREE: Mutex<Vec<usize>> = Mutex::new(Vec::new());
static FREED: Condvar = Condvar::new();
static MADE: AtomicUsize = AtomicUsize::new(0);

#[test]
fn macros_leave_nothing_stale() {
    try_all("macros", macros::cases());
}

#[test]
fn includes_leave_nothing_stale() {
    try_all("includes", includes::cases());
}

#[test]
fn identity_leaves_nothing_stale() {
    try_all("identity", identity::cases());
}

#[test]
fn conditions_leave_nothing_stale() {
    try_all("conditions", conditions::cases());
}

#[test]
fn environment_leaves_nothing_stale() {
    try_all("environment", environment::cases());
}

#[test]
fn linkage_leaves_nothing_stale() {
    try_all("linkage", linkage::cases());
}

#[test]
fn data_leave_nothing_stale() {
    try_all("data", data::cases());
}

#[test]
fn dependencies_leave_nothing_stale() {
    try_all("dependencies", dependencies::cases());
}

#[test]
fn compilation_leaves_nothing_stale() {
    try_all("compilation", compilation::cases());
}

#[test]
fn scopes_leave_nothing_stale() {
    try_all("scopes", scopes::cases());
}

#[test]
fn shadowing_leaves_nothing_stale() {
    try_all("shadowing", shadowing::cases());
}

#[test]
fn types_leave_nothing_stale() {
    try_all("types", types::cases());
}

#[test]
fn unknown_source_leaves_nothing_stale() {
    try_all("unknown", unknown::cases());
}

#[test]
fn what_is_found_by_name_leaves_nothing_stale() {
    try_all("found", found::cases());
}

#[test]
fn visibility_leaves_nothing_stale() {
    try_all("visibility", visibility::cases());
}

#[test]
fn types_from_further_up_leave_nothing_stale() {
    try_all("above", above::cases());
}

#[test]
fn types_that_callers_choose_leave_nothing_stale() {
    try_all("chosen", chosen::cases());
}

#[test]
fn crates_below_others_leave_nothing_stale() {
    try_all("below", below::cases());
}

#[test]
fn unkind_users_find_nothing_stale() {
    try_all("unkind", unkind::cases());
}

/// One of so many cases undoes its last edit, unless all are asked for.
const WHOLE: usize = 4;

/// One of so many cases is tried, unless all are asked for: what the others are about has
/// unit tests, too.
const TRIED: usize = 5;

/// Tries the cases of one class that are asked for, and fails with all faults.
fn try_all(class: &str, cases: Vec<Case>) {
    let words = std::env::var("JOBLIB_TEST_CASE").unwrap_or_default();
    let is_whole = !words.is_empty() || std::env::var_os("JOBLIB_TEST_WHOLE").is_some();
    let shorten = |(number, case): (usize, Case)| {
        let is_kept = is_whole || number % WHOLE == 0;
        if is_kept { case } else { case.shortened() }
    };
    let wanted = cases.into_iter().filter(|case| case.has(&words));
    let is_tried = |(number, _): &(usize, Case)| is_whole || number % TRIED == 0;
    let wanted = wanted.enumerate().filter(is_tried);
    let wanted: Vec<Case> = wanted.map(shorten).collect();
    let next = AtomicUsize::new(0);
    let faults = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..COPIES {
            scope.spawn(|| {
                while let Some(case) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = in_a_place(|place| try_one(class, case, place));
                    faults.lock().expect("no case panics").extend(found);
                }
            });
        }
    });
    let faults = faults.into_inner().expect("no case panics");
    assert!(
        faults.is_empty(),
        "{} of {} cases of {class} are at fault\n\n{}",
        faults.len(),
        wanted.len(),
        faults.join("\n\n")
    );
}

fn try_one(class: &str, case: &Case, place: &Place) -> Option<String> {
    let start = Instant::now();
    let fault = judge::fault(case, place);
    let word = if fault.is_some() { "FAULT" } else { "ok" };
    let seconds = start.elapsed().as_secs_f64();
    eprintln!("{class:<12} {word:<5} {seconds:>5.1} s  {}", case.promise());
    fault
}

/// A place that is lent to one case, and free again when this goes.
struct Lent(usize);

impl Drop for Lent {
    fn drop(&mut self) {
        FREE.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(self.0);
        FREED.notify_one();
    }
}

/// Lends `work` a place.
fn in_a_place<T>(work: impl FnOnce(&Place) -> T) -> T {
    let lent = take_place();
    work(&Place::number(lent.0))
}

fn take_place() -> Lent {
    let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(number) = free.pop() {
            return Lent(number);
        }
        if MADE.load(Ordering::Relaxed) < COPIES {
            let number = MADE.fetch_add(1, Ordering::Relaxed);
            Place::make(number);
            return Lent(number);
        }
        free = FREED.wait(free).unwrap_or_else(PoisonError::into_inner);
    }
}
