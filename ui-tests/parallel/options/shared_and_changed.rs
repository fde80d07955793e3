use joblib::parallel;

#[parallel(shared(data))]
fn score(x: f64, data: &mut [f64]) -> f64 {
    data[0] = x;
    x
}

fn main() {
    score(1.0, &mut [2.0]);
}
