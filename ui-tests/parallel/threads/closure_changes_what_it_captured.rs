use joblib::backend::{Sequential, Threads};

fn main() {
    let mut count = 0;
    joblib::par(0..3).map(|_| count += 1).backend(Sequential).for_each(drop);
    let call = joblib::par(0..3).backend(Sequential).map(|_| count += 1);
    call.backend(Threads).for_each(drop);
    joblib::par(0..3).backend(Threads).map(|_| count += 1).for_each(drop);
}
