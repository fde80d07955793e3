fn double(x: f64) -> f64 {
    2.0 * x
}

fn main() {
    let _ = joblib::task!(double);
    let _ = joblib::task!();
    let _ = joblib::task!(|x: f64| x, 2);
}
