fn main() {
    let scale = 2.0;
    let _ = joblib::task!([scale] |x: f64| x * scale);
}
