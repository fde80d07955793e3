use std::cell::Cell;
use joblib::backend::Threads;

fn main() {
    let sum = Cell::new(0);
    joblib::par(0..3)
        .map(|x| sum.set(sum.get() + x))
        .backend(Threads)
        .for_each(drop);
}
