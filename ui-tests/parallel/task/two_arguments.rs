fn main() {
    let _ = joblib::task!(|x: f64, y: f64| x * y);
}
