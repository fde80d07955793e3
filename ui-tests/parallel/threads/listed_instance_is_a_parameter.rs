use joblib::parallel;

#[parallel(instantiate(f32, f64))]
fn double<T: Copy + std::ops::Add<Output = T>>(x: T) -> T {
    x + x
}

fn all<T: Copy + std::ops::Add<Output = T> + Send>(xs: Vec<T>) -> Vec<T> {
    double::par(xs).collect()
}

fn main() {
    all(vec![1.0]);
}
