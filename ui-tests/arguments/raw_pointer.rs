use joblib::memoize;

#[memoize]
fn first(data: *const u64) -> u64 {
    data as u64
}

fn main() {
    first(&1);
}
