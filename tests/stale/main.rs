//! Tests that no event of a build leaves a stale result: small packages are edited,
//! built and run several times with one cache.
//!
//! `cargo test --test stale macros` runs one class. `JOBLIB_TEST_CASE="pasted"` runs only
//! the cases whose title contains all of these words. `JOBLIB_TEST_WHOLE=1` runs every
//! case instead of one in five, and undoes the last edit of every case instead of one in
//! four. `JOBLIB_TEST_SCOPE=crate` sets this scope on all functions; no result may be
//! stale with it either.

mod build_dir;
#[path = "../built/mod.rs"]
mod built;
mod case;
mod compilation;
mod conditions;
mod crates;
mod data;
mod dependencies;
mod downstream_types;
mod environment;
mod identity;
mod includes;
mod linkage;
mod macros;
mod missing_sources;
mod package_files;
mod scopes;
mod search_paths;
mod shadowing;
mod transitive_crates;
mod type_parameters;
mod types;
mod unusual_code;
mod verdict;
mod visibility;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use build_dir::BuildDir;
use case::Case;

/// Number of packages that are tested in parallel.
const COPIES: usize = 2;

/// The numbers of the places that no case uses.
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
    try_all("missing_sources", missing_sources::cases());
}

#[test]
fn what_is_found_by_name_leaves_nothing_stale() {
    try_all("search_paths", search_paths::cases());
}

#[test]
fn visibility_leaves_nothing_stale() {
    try_all("visibility", visibility::cases());
}

#[test]
fn types_from_further_up_leave_nothing_stale() {
    try_all("downstream_types", downstream_types::cases());
}

#[test]
fn types_that_callers_choose_leave_nothing_stale() {
    try_all("type_parameters", type_parameters::cases());
}

#[test]
fn crates_below_others_leave_nothing_stale() {
    try_all("transitive_crates", transitive_crates::cases());
}

#[test]
fn unusual_code_leaves_nothing_stale() {
    try_all("unusual_code", unusual_code::cases());
}

/// One in this many cases undoes its last edit, unless all are requested.
const WHOLE: usize = 4;

/// One in this many cases runs, unless all are requested. Unit tests cover the subjects
/// of the others too.
const TRIED: usize = 5;

/// Runs the requested cases of one class and fails with all faults.
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
                    let found = with_build_dir(|dir| try_one(class, case, dir));
                    faults.lock().expect("no thread panics").extend(found);
                }
            });
        }
    });
    let faults = faults.into_inner().expect("no thread panics");
    assert!(
        faults.is_empty(),
        "{} of {} cases of {class} failed\n\n{}",
        faults.len(),
        wanted.len(),
        faults.join("\n\n")
    );
}

fn try_one(class: &str, case: &Case, dir: &BuildDir) -> Option<String> {
    let start = Instant::now();
    let fault = verdict::fault(case, dir);
    let word = if fault.is_some() { "FAULT" } else { "ok" };
    let seconds = start.elapsed().as_secs_f64();
    eprintln!("{class:<17} {word:<5} {seconds:>5.1} s  {}", case.promise());
    fault
}

/// The number of a directory that one case uses. Dropping it returns the directory.
struct BuildDirLease(usize);

impl Drop for BuildDirLease {
    fn drop(&mut self) {
        FREE.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(self.0);
        FREED.notify_one();
    }
}

/// Calls `work` with a directory that no other case uses.
fn with_build_dir<T>(work: impl FnOnce(&BuildDir) -> T) -> T {
    let lease = take_place();
    work(&BuildDir::number(lease.0))
}

fn take_place() -> BuildDirLease {
    let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(number) = free.pop() {
            return BuildDirLease(number);
        }
        if MADE.load(Ordering::Relaxed) < COPIES {
            let number = MADE.fetch_add(1, Ordering::Relaxed);
            BuildDir::make(number);
            return BuildDirLease(number);
        }
        free = FREED.wait(free).unwrap_or_else(PoisonError::into_inner);
    }
}
