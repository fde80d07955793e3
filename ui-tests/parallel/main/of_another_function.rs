#[joblib::main]
fn start() {}

fn main() {
    start();
}
