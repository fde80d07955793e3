use joblib::Persist;

#[derive(Persist)]
struct Model {
    #[persist(with = colour)]
    color: u8,
}

fn main() {}
