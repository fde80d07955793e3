use joblib::memoize;

#[memoize(ignore(verbos))]
fn slow(x: u64, verbose: bool) -> u64 {
    if verbose { x } else { 0 }
}

fn main() {
    slow(1, true);
}
