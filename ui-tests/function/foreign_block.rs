use joblib::memoize;

unsafe extern "C" {
    #[memoize]
    fn abs(x: i32) -> i32;
}

fn main() {
    unsafe { abs(1) };
}
