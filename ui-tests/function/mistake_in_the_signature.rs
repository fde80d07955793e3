use joblib::memoize;

#[memoize]
fn double(x: Numbre) -> u64 {
    x.value()
}

fn main() {}
