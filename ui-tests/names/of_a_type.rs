use joblib::memoize;

#[memoize]
fn f64(text: &str) -> Option<f64> {
    text.parse().ok()
}

fn main() {
    f64("1");
}
