use joblib::memoize;

struct Grid<T>(T);

impl<T> Grid<T> {
    #[memoize]
    fn area(&self) -> u64 {
        1
    }
}

fn main() {
    Grid(1).area();
}
