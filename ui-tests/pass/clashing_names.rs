//! User-chosen names do not conflict with generated names.

#![allow(non_snake_case, clippy::too_many_arguments)]

use joblib::memoize;

#[memoize(dir = "../target/ui-cache")]
fn slow(
    hasher: u64,
    key: u64,
    site: u64,
    memory: u64,
    stored: u64,
    digest: u64,
    arguments: u64,
    body: u64,
    joblib: u64,
    slow: u64,
    core: u64,
    value: u64,
) -> u64 {
    hasher + key + site + memory + stored + digest + arguments + body + joblib + slow + core + value
}

#[memoize(dir = "../target/ui-cache")]
fn key(check: u64, uncached: u64, SITE: u64, T: u64) -> u64 {
    check + uncached + SITE + T
}

#[memoize(dir = "../target/ui-cache")]
fn r#type(r#fn: u64, r#match: &str) -> u64 {
    r#fn + r#match.len() as u64
}

#[memoize(dir = "../target/ui-cache", ignore(r#fn), key(r#match = r#match.len()))]
fn raw_options(r#fn: u64, r#match: &str) -> u64 {
    r#fn + r#match.len() as u64
}

#[memoize(dir = "../target/ui-cache")]
fn check<KeyArguments: joblib::Key, Output: joblib::Key>(x: KeyArguments, y: Output) -> u64 {
    let _ = (x, y);
    1
}

struct Ok;
struct Some;
struct Result;
struct Vec;
struct Option;

#[derive(serde::Serialize)]
struct Grid;

impl Grid {
    #[memoize(dir = "../target/ui-cache")]
    fn r#loop(&self, a: u64, b: u64, this: u64) -> u64 {
        a + b + this
    }

    #[memoize(dir = "../target/ui-cache")]
    fn new(f: u64) -> u64 {
        f
    }
}

macro_rules! double {
    ($name:ident, $x:ident: $ty:ty) => {
        #[memoize(dir = "../target/ui-cache")]
        fn $name($x: $ty, y: $ty) -> $ty {
            2 * $x + y
        }
    };
}

double!(double, y_of_the_caller: u64);

fn main() {
    let _ = (Ok, Some, Result, Vec, Option);
    assert_eq!(slow(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 12);
    assert_eq!(key(1, 2, 3, 4), 10);
    assert!(key::check(1, 2, 3, 4));
    assert_eq!(r#type(1, "a"), 2);
    assert!(r#type::check(1, "a"));
    assert_eq!(raw_options(1, "a"), 2);
    assert!(raw_options::check(2, "b"));
    assert_eq!(check(1, 2), 1);
    assert!(check::check(1, 2));
    assert_eq!(Grid.r#loop(1, 2, 3), 6);
    assert!(Grid::loop_memo().check(&Grid, 1, 2, 3));
    assert_eq!(Grid::new(1), 1);
    assert_eq!(double(1, 2), 4);
}
