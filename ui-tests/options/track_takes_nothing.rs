use joblib::track;

#[track(dir = ".cache")]
fn step(x: u64) -> u64 {
    x + 1
}

fn main() {
    step(1);
}
