//! A type or module may have the same name as an annotated function. The generated
//! items then have the names `name_memo` and `name_par`.

#![allow(
    non_snake_case,
    non_camel_case_types,
    dead_code,
    missing_docs,
    unreachable_pub
)]

use joblib::{memoize, parallel, track};

/// A module, and an import of its function under the same name.
mod parse {
    #[joblib::memoize(dir = "../target/ui-cache")]
    pub fn parse(text: &str) -> usize {
        text.len()
    }
}
pub use parse::parse;

/// The same with a renamed import.
mod scan {
    #[joblib::memoize(dir = "../target/ui-cache")]
    pub fn scan(text: &str) -> usize {
        text.len()
    }
}
mod through {
    pub use crate::scan::scan as renamed;
}
pub use through::renamed as scan;

/// An import without a conflict.
mod plain {
    #[joblib::memoize(dir = "../target/ui-cache")]
    pub fn plain(text: &str) -> usize {
        text.len()
    }
}
mod elsewhere {
    pub use crate::plain::plain;
}

/// A crate that only the body of the function names.
#[memoize(dir = "../target/ui-cache")]
fn serde(text: &str) -> String {
    <serde::de::value::Error as serde::de::Error>::custom(text).to_string()
}

/// A crate that other items name, too.
mod in_a_module {
    #[joblib::memoize(dir = "../target/ui-cache")]
    pub fn serde(text: &str) -> String {
        <serde::de::value::Error as serde::de::Error>::custom(text).to_string()
    }

    pub fn other(text: &str) -> String {
        <serde::de::value::Error as serde::de::Error>::custom(text).to_string()
    }
}

mod imported {
    use serde::de::Error as _;
    use serde::de::value::Error;

    #[joblib::memoize(dir = "../target/ui-cache")]
    pub fn serde(text: &str) -> String {
        Error::custom(text).to_string()
    }
}

/// A module, a struct, a trait and an enum next to the function.
mod beside {
    pub fn one() -> u64 {
        1
    }
}

#[memoize(dir = "../target/ui-cache")]
fn beside(x: u64) -> u64 {
    x + beside::one()
}

struct Point {
    x: u64,
}

#[memoize(dir = "../target/ui-cache")]
fn Point(x: u64) -> u64 {
    Point { x }.x
}

trait Shape {}

#[memoize(dir = "../target/ui-cache")]
fn Shape<T: joblib::Key>(x: T) -> u64 {
    let _ = x;
    1
}

enum Color {
    Red,
}

#[memoize(dir = "../target/ui-cache")]
async fn Color(x: u64) -> u64 {
    let _ = Color::Red;
    x
}

/// Types from a glob import, from the prelude and from the language.
mod types {
    pub type size = u64;
}
#[allow(unused_imports)]
use types::*;

#[memoize(dir = "../target/ui-cache")]
fn size(x: size) -> u64 {
    x
}

#[memoize(dir = "../target/ui-cache")]
fn Vec(x: u64) -> Vec<u64> {
    vec![x]
}

#[memoize(dir = "../target/ui-cache")]
pub fn f64(text: &str) -> Option<f64> {
    text.parse().ok()
}

use std::fmt;

#[memoize(dir = "../target/ui-cache")]
fn fmt(x: u64) -> String {
    struct Shown(u64);
    impl fmt::Display for Shown {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{}", self.0)
        }
    }
    Shown(x).to_string()
}

/// The other annotations.
mod tasks {}

#[parallel]
#[memoize(dir = "../target/ui-cache")]
fn tasks(x: u64) -> u64 {
    x
}

mod alone {}

#[parallel]
fn alone(x: u64) -> u64 {
    x
}

#[parallel]
fn i64(x: u64) -> i64 {
    x as i64
}

mod tracked {}

#[track]
fn tracked(x: u64) -> u64 {
    x
}

#[memoize(dir = "../target/ui-cache", depends(tracked_memo, beside_memo, serde))]
fn dependent(x: u64) -> u64 {
    x
}

fn within(x: u64) -> String {
    #[memoize(dir = "../target/ui-cache")]
    fn serde(x: u64) -> String {
        <serde::de::value::Error as serde::de::Error>::custom(x).to_string()
    }
    let first = serde(x);
    assert!(serde::check(x));
    first
}

fn main() {
    assert_eq!(parse("a"), 1);
    assert!(parse::parse_memo::check("a"));
    assert_eq!(scan("a"), 1);
    assert!(scan::scan_memo::check("a"));
    assert_eq!(elsewhere::plain("a"), 1);
    assert!(elsewhere::plain::check("a"));
    assert_eq!(serde("a"), "a");
    assert!(serde::check("a"));
    assert_eq!(in_a_module::serde("a"), in_a_module::other("a"));
    assert!(in_a_module::serde_memo::check("a"));
    assert_eq!(imported::serde("a"), "a");
    assert!(imported::serde_memo::check("a"));
    assert_eq!(beside(1), 2);
    assert!(beside_memo::check(1));
    assert_ne!(beside_memo::FINGERPRINT, tracked_memo::FINGERPRINT);
    assert_eq!(Point(1), 1);
    assert!(Point_memo::check(1));
    assert_eq!(Shape(1), 1);
    assert!(Shape_memo::check(1));
    drop(Color(1));
    assert!(!Color_memo::check(1));
    assert_eq!(size(1), 1);
    assert!(size_memo::check(1));
    assert_eq!(Vec(1), [1]);
    assert!(Vec_memo::check(1));
    assert_eq!(f64("1"), Some(1.0));
    assert!(f64_memo::check("1"));
    assert_eq!(fmt(1), "1");
    assert!(fmt_memo::check(1));
    let both: Vec<u64> = tasks_par(0..3).collect();
    let one: Vec<u64> = alone_par(0..3).collect();
    assert_eq!((both, one), (vec![0, 1, 2], vec![0, 1, 2]));
    assert_eq!(i64_par(0..2).collect::<Vec<i64>>(), [0, 1]);
    assert!(tasks_memo::check(1));
    assert_eq!(tracked(dependent(1)), 1);
    assert_eq!(within(1), "1");
}
