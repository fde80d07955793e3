use std::ops::Mul;

use joblib::parallel;

#[parallel(instantiate(f32, String))]
fn product<T: Mul>(a: T, b: T) -> T::Output {
    a * b
}

fn main() {
    product(1.0, 2.0);
}
