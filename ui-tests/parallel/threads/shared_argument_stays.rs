use std::cell::Cell;

#[joblib::parallel(shared(sum))]
fn add(x: i32, sum: &Cell<i32>) {
    sum.set(sum.get() + x);
}

fn main() {
    add::par([1], &Cell::new(1)).for_each(drop);
}
