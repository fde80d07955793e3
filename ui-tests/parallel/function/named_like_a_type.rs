#[joblib::parallel]
fn u64(x: u8) -> u8 {
    x
}

fn main() {
    u64(1);
}
