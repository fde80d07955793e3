use joblib::{Key, memoize};

#[memoize]
fn same<T: Key>(value: T) -> T {
    value
}

fn main() {
    same(1);
}
