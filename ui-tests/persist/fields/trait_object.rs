use joblib::Persist;

trait Kernel {}

#[derive(Persist)]
struct Model {
    kernel: Box<dyn Kernel>,
}

fn main() {}
