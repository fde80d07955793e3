use joblib::memoize;

struct Counter(u64);

impl Counter {
    #[memoize]
    fn next(&mut self, step: u64) -> u64 {
        self.0 += step;
        self.0
    }
}

fn main() {
    Counter(1).next(1);
}
