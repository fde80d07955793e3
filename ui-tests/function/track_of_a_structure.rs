use joblib::track;

#[track]
struct Grid {
    side: u64,
}

fn main() {
    let _ = Grid { side: 1 }.side;
}
