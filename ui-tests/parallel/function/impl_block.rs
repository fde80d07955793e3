struct Grid;

#[joblib::parallel]
impl Grid {
    fn area(&self) {}
}

fn main() {
    Grid.area();
}
