use joblib::Persist;

struct Grid {
    side: u64,
}

#[derive(Persist)]
struct Model {
    grids: [Grid; 3],
}

fn main() {}
