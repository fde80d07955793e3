use joblib::memoize;

#[memoize(key(date = data.len()))]
fn slow(data: &[f64]) -> f64 {
    data[0]
}

fn main() {
    slow(&[1.0]);
}
