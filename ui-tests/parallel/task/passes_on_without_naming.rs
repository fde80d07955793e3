fn main() {
    let scale = 2.0;
    let _ = joblib::task!(|x: f64| f64::max(x, scale));
}
