fn main() {
    let _ = joblib::task!(|x| x * 2);
}
