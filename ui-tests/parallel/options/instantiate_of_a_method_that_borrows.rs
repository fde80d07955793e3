use joblib::parallel;

struct Words<'a>(&'a [String]);

impl<'a> Words<'a> {
    #[parallel(instantiate(u8))]
    fn nth<T: Into<usize>>(&self, n: T) -> String {
        self.0[n.into()].clone()
    }
}

fn main() {
    Words(&[]).nth(1_u8);
}
