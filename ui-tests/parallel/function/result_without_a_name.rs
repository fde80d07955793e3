#[joblib::parallel]
fn numbers(x: u64) -> impl Iterator<Item = u64> {
    0..x
}

#[joblib::parallel]
fn forever(x: u64) -> ! {
    panic!("{x}")
}

fn main() {
    numbers(1);
    forever(1);
}
