use joblib::Persist;

struct Grid {
    side: u64,
}

#[derive(Persist)]
enum Area {
    Nothing,
    Of(Grid),
}

fn main() {}
