use joblib::memoize;

struct Grid {
    side: u64,
}

impl Grid {
    #[memoize]
    fn area(&self, factor: u64) -> u64 {
        factor * self.side
    }
}

fn main() {
    Grid { side: 1 }.area(1);
}
