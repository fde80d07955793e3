use joblib::Persist;

#[derive(Persist)]
enum Kind {
    #[persist(with)]
    A,
    #[persist(hidden)]
    B,
    #[persist(write_only)]
    C,
    #[persist(rename)]
    D,
    #[persist(rename = "e", rename = "f")]
    E,
}

fn main() {}
