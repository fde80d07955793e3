use joblib::memoize;

#[memoize(key(data))]
fn slow(data: &[f64]) -> f64 {
    data[0]
}

fn main() {
    slow(&[1.0]);
}
