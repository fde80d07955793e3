use joblib::Persist;

#[derive(Persist)]
struct Grid {
    side: u64,
}

#[derive(Persist)]
struct Model {
    #[persist(default)]
    grid: Grid,
}

fn main() {}
