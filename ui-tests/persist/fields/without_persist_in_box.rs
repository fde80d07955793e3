use joblib::Persist;

struct Grid {
    side: u64,
}

#[derive(Persist)]
struct Model {
    grid: Box<Grid>,
}

fn main() {}
