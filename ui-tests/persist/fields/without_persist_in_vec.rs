use joblib::Persist;

struct Grid {
    side: u64,
}

#[derive(Persist)]
struct Model {
    grids: Vec<Grid>,
}

fn main() {}
