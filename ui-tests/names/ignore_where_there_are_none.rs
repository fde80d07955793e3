use joblib::memoize;

#[memoize(ignore(verbose))]
fn slow() -> u64 {
    1
}

fn main() {
    slow();
}
