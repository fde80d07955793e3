use joblib::parallel;

struct Of<T>(T);

impl<T: Copy + Into<f64>> Of<T> {
    #[parallel(instantiate(f32))]
    fn area<U: Into<f64>>(&self, x: U) -> f64 {
        self.0.into() * x.into()
    }
}

fn main() {
    Of(1.0).area(1.0);
}
