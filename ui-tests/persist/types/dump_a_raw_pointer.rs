fn main() {
    let weights = [1.0];
    let _ = joblib::dump(&weights.as_ptr(), "model.joblib");
}
