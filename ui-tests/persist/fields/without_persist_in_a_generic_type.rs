use joblib::Persist;

struct Grid {
    side: u64,
}

#[derive(Persist)]
struct Model<T> {
    items: Vec<T>,
    grid: Option<Grid>,
}

fn main() {}
