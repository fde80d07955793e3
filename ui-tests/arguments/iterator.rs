use joblib::memoize;

#[memoize]
fn total(values: impl Iterator<Item = u64>) -> u64 {
    values.sum()
}

fn main() {
    total(0..2);
}
