fn main() {
    let _ = joblib::task!(|| 2);
}
