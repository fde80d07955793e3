use joblib::memoize;

trait Double {
    #[memoize]
    fn double(&self, x: u64) -> u64;
}

struct Plain;

impl Double for Plain {
    fn double(&self, x: u64) -> u64 {
        2 * x
    }
}

fn main() {
    Plain.double(1);
}
