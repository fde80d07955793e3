#[joblib::parallel(shared(data))]
fn score(fold: usize, data: &[f64]) -> f64 {
    data[fold]
}

fn main() {
    let _: Vec<f64> = score::par(0..3).collect();
}
