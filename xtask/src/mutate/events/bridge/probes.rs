
#[path = "tuning.rs"]
mod tuning;

#[memoize]
pub fn own_feature(n: u64) -> u64 {
    if cfg!(feature = "fast") { n * 5 } else { n * 7 }
}

#[memoize]
pub fn member_feature(n: u64) -> u64 {
    bridge::member_feature(n)
}

#[memoize]
pub fn example_feature(n: u64) -> u64 {
    bridge::example_feature(n)
}

#[memoize]
pub fn condition(n: u64) -> u64 {
    bridge::condition(n)
}

#[memoize]
pub fn variable(n: u64) -> String {
    bridge::variable(n)
}

#[memoize]
pub fn scripted(n: u64) -> String {
    bridge::scripted(n)
}

#[memoize]
pub fn made(n: u64) -> u64 {
    bridge::made(n)
}

#[memoize]
pub fn edition(n: u64) -> usize {
    bridge::edition(n)
}

#[memoize]
pub fn asserted(n: u64) -> u64 {
    bridge::asserted(n)
}

#[memoize]
pub fn line(n: u64) -> u64 {
    bridge::line(n)
}

#[memoize]
pub fn place(n: u64) -> String {
    bridge::place(n)
}

#[memoize]
pub fn tuned(n: u64) -> u64 {
    n * tuning::SCALE
}

#[memoize]
pub fn data(n: u64) -> String {
    format!("{} {n}", include_str!("data.txt"))
}

/// Answers what all others do.
#[memoize(scope = "crate")]
pub fn whole(n: u64) -> String {
    let others = FUNCTIONS.iter().filter(|function| function.0 != "whole");
    others.map(|function| (function.3)(n) + "\n").collect()
}
