use joblib::Persist;

struct Grid {
    side: u64,
}

#[derive(Persist)]
struct Model {
    #[persist(default = grid)]
    grid: Grid,
}

fn grid() -> Grid {
    Grid { side: 1 }
}

fn main() {}
