use joblib::Key;

#[derive(Key)]
#[key(skip, crate)]
struct Grid {
    #[key(skip, skip)]
    side: u64,
    #[key(ignore)]
    name: String,
    #[key(crate = joblib)]
    depth: u8,
}

fn main() {}
