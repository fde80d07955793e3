use joblib::Persist;

#[derive(Persist)]
union Bits {
    float: f32,
    int: u32,
}

fn main() {}
