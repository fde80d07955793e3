fn kernel(x: f64) -> f64 {
    x
}

fn main() {
    let _ = joblib::hash(&(kernel as fn(f64) -> f64));
}
