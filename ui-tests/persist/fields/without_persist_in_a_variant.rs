use joblib::Persist;

struct Grid {
    side: u64,
}

#[derive(Persist)]
enum Area {
    Of { factor: f64, grid: Grid },
    Nothing,
}

fn main() {}
