use joblib::memoize;

#[memoize(scope = "binary", pin = "0123456789abcdef0123456789abcdef")]
fn slow(x: f64) -> f64 {
    x
}

fn main() {
    slow(1.0);
}
