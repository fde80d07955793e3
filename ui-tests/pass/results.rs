//! Memoized functions with every form of result.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;

use joblib::memoize;

type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[memoize(dir = "../target/ui-cache")]
#[allow(deprecated)]
fn unit(_x: u64) {}

#[memoize(dir = "../target/ui-cache")]
fn io_result(x: u64) -> io::Result<u64> {
    Ok(x)
}

#[memoize(dir = "../target/ui-cache")]
fn alias(text: &str) -> Fallible<u64> {
    Ok(text.parse()?)
}

#[memoize(dir = "../target/ui-cache")]
fn error_borrows(text: &str) -> Result<u64, &str> {
    text.parse().map_err(|_| text)
}

#[memoize(dir = "../target/ui-cache")]
fn optional(x: u64) -> Option<Vec<(u64, String)>> {
    let x = x.checked_sub(1)?;
    Some(vec![(x, x.to_string())])
}

#[memoize(dir = "../target/ui-cache")]
fn cow<'a>(text: &'a str) -> Cow<'a, str> {
    text.trim().into()
}

#[memoize(dir = "../target/ui-cache")]
fn cow_of_anything(text: &str) -> Cow<'_, str> {
    text.trim().into()
}

#[memoize(dir = "../target/ui-cache")]
fn map(x: u64) -> HashMap<String, [f64; 2]> {
    HashMap::from([(x.to_string(), [1.0, f64::NAN])])
}

fn always<T, E>(_: &Result<T, E>) -> bool {
    true
}

#[memoize(dir = "../target/ui-cache", cache_if = always)]
fn kept(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| text.to_owned())
}

#[memoize(dir = "../target/ui-cache")]
fn early(x: u64) -> u64 {
    if x == 0 {
        return 1;
    }
    for y in 0.. {
        if y * y > x {
            return y;
        }
    }
    0
}

fn main() {
    unit(1);
    assert_eq!(io_result(1).unwrap(), 1);
    assert!(alias("x").is_err());
    assert_eq!(error_borrows("x"), Err("x"));
    assert!(!error_borrows::check("x"));
    assert_eq!(optional(0), None);
    assert_eq!(cow(" a "), "a");
    assert_eq!(cow_of_anything(" a "), "a");
    assert_eq!(map(1).len(), 1);
    assert_eq!(kept("x"), Err("x".to_owned()));
    assert!(kept::check("x"));
    assert_eq!(early(9), 4);
}
