#[joblib::parallel]
extern "C" fn called(x: u64) -> u64 {
    x
}

fn main() {
    called(1);
}
