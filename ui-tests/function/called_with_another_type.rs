use joblib::memoize;

#[memoize]
fn double(x: u64) -> u64 {
    2 * x
}

fn main() {
    double("1");
    double::check(1, 2);
}
