use joblib::memoize;

#[memoize]
const unsafe extern "C" fn double(x: *mut u64) -> &'static u64 {
    unsafe { &*x }
}

fn main() {
    unsafe { double(std::ptr::null_mut()) };
}
