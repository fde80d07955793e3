use joblib::{Key, memoize};

#[derive(Key)]
struct Holder<T>(T);

impl<T: Key + Clone> Holder<T> {
    #[memoize]
    fn value(&self) -> T {
        self.0.clone()
    }
}

fn main() {
    Holder(1).value();
}
