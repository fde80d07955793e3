#![deny(warnings)]

use joblib::memoize;

#[memoize]
fn omitted(x: u64) {
    println!("{x}");
}

#[memoize]
fn written(x: u64) -> () {
    println!("{x}");
}

#[memoize]
async fn later(x: u64) {
    println!("{x}");
}

struct Line(u64);

impl Line {
    #[memoize(ignore(self))]
    fn print(&self, x: u64) {
        println!("{x}{}", self.0);
    }
}

#[memoize]
#[allow(deprecated)]
fn accepted(x: u64) {
    println!("{x}");
}

#[memoize]
fn checked(x: u64) -> Result<(), String> {
    Err(x.to_string())
}

fn main() {
    omitted(1);
    written(1);
    drop(later(1));
    Line(1).print(1);
    accepted(1);
    checked(1).unwrap();
}
