use joblib::Persist;

#[derive(Persist)]
#[persist(write_only)]
struct Model<'a> {
    weights: &'a [f64],
}

fn main() {
    let _ = joblib::open::<Model<'_>>("model.joblib");
}
