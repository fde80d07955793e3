#![deny(warnings)]

use joblib::memoize;

#[memoize]
fn greeting(name: &str) -> String {
    let language = std::env::var("LANG").unwrap_or_default();
    format!("{language} {name}")
}

fn main() {
    greeting("a");
}
