use joblib::Persist;

mod color {
    pub(crate) struct Color(pub(crate) u8);
}

#[derive(Persist)]
struct Model {
    #[persist(with = color)]
    color: color::Color,
}

fn main() {}
