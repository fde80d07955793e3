use joblib::memoize;

#[memoize]
fn double(x: u64) -> u64 {
    let y: u32 = x;
    y * 2
}

fn main() {
    double(1);
}
