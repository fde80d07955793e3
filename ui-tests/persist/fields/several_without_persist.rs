use joblib::Persist;

struct Grid;

struct Line;

struct Point;

#[derive(Persist)]
struct Model {
    grid: Grid,
    weights: Vec<f64>,
    lines: Vec<Line>,
    kind: Kind,
}

#[derive(Persist)]
enum Kind {
    A(Point),
    B { grid: Grid, point: Option<Point> },
}

fn main() {}
