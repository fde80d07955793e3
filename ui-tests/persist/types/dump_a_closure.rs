fn main() {
    let scale = 2.0;
    let _ = joblib::dump(&|x: f64| x * scale, "model.joblib");
}
