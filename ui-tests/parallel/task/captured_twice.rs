fn main() {
    let scale = 2.0;
    let _ = joblib::task!([scale: f64, scale: f64] |x: f64| x * scale);
}
