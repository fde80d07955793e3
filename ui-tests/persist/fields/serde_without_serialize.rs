use joblib::Persist;

struct Grid;

#[derive(Persist)]
struct Model {
    #[persist(serde)]
    grid: Grid,
}

fn main() {}
