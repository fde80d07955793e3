#[joblib::parallel]
struct Grid;

fn main() {
    Grid;
}
