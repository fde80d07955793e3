use joblib::memoize;

#[derive(serde::Serialize)]
struct Plain;

trait Double {
    async fn double(&self, x: u64) -> u64;
}

impl Double for Plain {
    #[memoize]
    async fn double(&self, x: u64) -> u64 {
        2 * x
    }
}

fn main() {
    drop(Plain.double(1));
}
