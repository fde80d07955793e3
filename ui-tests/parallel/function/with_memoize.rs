use joblib::{memoize, parallel};

#[parallel(shared(dat))]
#[memoize(dirr = ".cache")]
fn score(x: u64, data: &[u64]) -> u64 {
    x * data[0]
}

#[memoize(dir = ".cache")]
#[parallel(share(data))]
fn again(x: u64, data: &[u64]) -> u64 {
    x * data[0]
}

fn main() {
    score(1, &[2]);
    again(1, &[2]);
}
