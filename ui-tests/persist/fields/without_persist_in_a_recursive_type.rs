use joblib::Persist;

struct Grid {
    side: u64,
}

#[derive(Persist)]
struct Node {
    grid: Grid,
    next: Option<Box<Node>>,
}

fn main() {}
