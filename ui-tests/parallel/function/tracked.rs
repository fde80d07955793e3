use joblib::{parallel, track};

#[track]
#[parallel]
fn first(x: u64) -> u64 {
    x
}

#[parallel]
#[track]
fn second(x: u64) -> u64 {
    x
}

fn main() {
    let _: Vec<u64> = first::par([1]).collect();
    let _: Vec<u64> = second::par([1]).collect();
}
