use joblib::memoize;

#[memoize]
unsafe fn double(x: u64) -> u64 {
    2 * x
}

fn main() {
    unsafe { double(1) };
}
