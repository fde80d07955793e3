use joblib::Persist;

struct Grid;

#[derive(Persist)]
struct Model {
    first: Grid,
    second: Grid,
}

fn main() {}
