fn main() {
    let data = vec![1, 2, 3];
    let stream = joblib::par(0..3).map(|x| data[x]).stream_async();
    std::mem::forget(stream);
}
