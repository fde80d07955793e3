use joblib::track;

struct Grid {
    side: u64,
}

impl Grid {
    #[track]
    fn area(&self) -> u64 {
        self.side * self.side
    }
}

fn main() {
    Grid { side: 1 }.area();
}
