use joblib::Persist;

#[derive(Persist)]
struct Settings {
    #[persist(alias = "lr")]
    rate: f64,
    #[persist(alias = "step", alias = "lr")]
    size: f64,
    #[persist(alias = "size")]
    length: f64,
    #[persist(rename = "r", alias = "r")]
    root: f64,
}

#[derive(Persist)]
enum Kind {
    #[persist(alias = "Adam")]
    First,
    #[persist(alias = "Adam")]
    Second { #[persist(alias = "b")] a: u8, b: u8 },
}

fn main() {}
