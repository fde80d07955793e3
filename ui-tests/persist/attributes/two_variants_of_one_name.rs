use joblib::Persist;

#[derive(Persist)]
enum Kind {
    Dense,
    #[persist(rename = "Dense")]
    Full,
}

fn main() {}
