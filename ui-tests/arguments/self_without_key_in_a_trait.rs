use joblib::memoize;

trait Area {
    fn area(&self, factor: u64) -> u64;
}

struct Grid {
    side: u64,
}

impl Area for Grid {
    #[memoize]
    fn area(&self, factor: u64) -> u64 {
        factor * self.side
    }
}

fn main() {
    Grid { side: 1 }.area(1);
}
