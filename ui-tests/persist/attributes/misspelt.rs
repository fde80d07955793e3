use joblib::Persist;

#[derive(Persist)]
#[persist(form = Old, writeonly)]
struct Model {
    #[persist(defualt)]
    x: u64,
    #[persist(compression = "zstd")]
    y: Vec<u64>,
    #[persist(flatten)]
    z: u64,
}

#[derive(Persist)]
enum Kind {
    #[persist(aliases = "Nothing")]
    None,
}

fn main() {
    let Model { x, y, z } = Model { x: 1, y: vec![], z: 2 };
    println!("{x}{y:?}{z}");
    let Kind::None = Kind::None;
}
