fn main() {
    let _ = joblib::task!(async |x: f64| x);
}
