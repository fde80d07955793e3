use joblib::memoize;

struct Summary;

fn summary(_: &[f64]) -> Summary {
    Summary
}

#[memoize(key(data = summary(data)))]
fn slow(data: &[f64]) -> f64 {
    data[0]
}

fn main() {
    slow(&[1.0]);
}
