use joblib::memoize;

#[memoize]
fn place(x: u64) -> *const u64 {
    x as *const u64
}

fn main() {
    place(1);
}
