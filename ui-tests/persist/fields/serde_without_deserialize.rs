use joblib::Persist;

#[derive(serde::Serialize)]
struct Grid;

#[derive(Persist)]
struct Model {
    #[persist(serde)]
    grid: Grid,
}

fn main() {}
