#[joblib::parallel(shared(data))]
fn score(fold: usize, weight: f64, data: &[f64]) -> f64 {
    weight * data[fold]
}

fn main() {
    let _: Vec<f64> = score::par(0..3, &[1.0]).collect();
}
