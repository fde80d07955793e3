use joblib::Key;

#[derive(Key)]
union Bits {
    float: f32,
    whole: u32,
}

fn main() {}
