use joblib::memoize;

#[memoize]
fn total<T: Into<u64>>(value: T) -> u64 {
    value.into()
}

fn main() {
    total(1u32);
}
