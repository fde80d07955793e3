use joblib::memoize;

#[memoize(ignore(data), key(data = data.len()))]
fn slow(data: &[f64]) -> f64 {
    data[0]
}

fn main() {
    slow(&[1.0]);
}
