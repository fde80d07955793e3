use joblib::{memoize, track};

#[track]
#[memoize]
fn first(x: u64) -> u64 {
    x
}

#[memoize]
#[track]
fn second(x: u64) -> u64 {
    x
}

#[track]
#[track]
fn third(x: u64) -> u64 {
    x
}

fn main() {
    println!("{} {} {}", first(1), second(1), third(1));
    println!("{} {} {}", first::FINGERPRINT, second::FINGERPRINT, third::FINGERPRINT);
}
