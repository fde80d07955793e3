use joblib::memoize;

struct Grid {
    side: u64,
}

#[memoize(dir = ".cache")]
impl Grid {
    fn area(&self) -> u64 {
        self.side * self.side
    }
}

fn main() {
    Grid { side: 1 }.area();
}
