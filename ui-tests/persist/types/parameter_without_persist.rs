use joblib::Persist;

struct Grid;

#[derive(Persist)]
struct Model<T> {
    items: Vec<T>,
}

fn main() {
    let _ = joblib::load::<Model<Grid>>("model.joblib");
}
