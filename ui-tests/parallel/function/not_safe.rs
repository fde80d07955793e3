#[joblib::parallel]
unsafe fn read(x: usize) -> usize {
    x
}

fn main() {
    unsafe { read(1) };
}
