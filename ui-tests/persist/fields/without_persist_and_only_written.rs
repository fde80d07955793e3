use joblib::Persist;

struct Grid {
    side: u64,
}

#[derive(Persist)]
#[persist(write_only)]
struct Model<'a> {
    weights: &'a [f64],
    grid: &'a Grid,
}

fn main() {}
