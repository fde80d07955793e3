#![deny(warnings)]

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::process::Command;

use joblib::memoize;

#[memoize]
fn slow(path: &str) -> String {
    let mut text = fs::read_to_string(path).unwrap_or_default();
    let _ = File::open(path).and_then(|mut file| file.read_to_string(&mut text));
    let _ = io::stdin().read_line(&mut text);
    let output = Command::new("date").output();
    text + &format!("{output:?}")
}

#[memoize]
#[allow(deprecated)]
fn accepted(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn main() {
    slow("a");
    accepted("a");
}
