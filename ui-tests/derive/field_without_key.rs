use joblib::Key;

struct Grid {
    side: u64,
}

#[derive(Key)]
enum Area<T> {
    Of { factor: T, grid: Grid },
    Nothing,
}

fn main() {}
