use joblib::backend::Rayon;

fn main() {
    let pool = rayon::ThreadPoolBuilder::new().build().unwrap();
    let call = joblib::par(0..3).map(|x| x + 1).backend(Rayon::pool(&pool));
    std::mem::forget(call.stream());
}
