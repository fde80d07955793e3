use joblib::parallel;

#[parallel(share(y), instantiates(u64), names = "s", workers = 4)]
fn slow(x: u64, y: u64) -> u64 {
    x + y
}

fn main() {
    slow(1, 2);
}
