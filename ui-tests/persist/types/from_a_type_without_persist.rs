use joblib::Persist;

struct Old {
    side: u32,
}

#[derive(Persist)]
#[persist(from = Old)]
struct Model {
    side: u64,
}

impl From<Old> for Model {
    fn from(old: Old) -> Model {
        Model {
            side: old.side.into(),
        }
    }
}

fn main() {}
