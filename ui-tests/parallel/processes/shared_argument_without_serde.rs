use joblib::backend::Processes;
use joblib::parallel;

struct Plan(u8);

#[parallel(shared(plan))]
fn run(seed: u64, plan: &Plan) -> u64 {
    seed + u64::from(plan.0)
}

fn main() {
    let _ = run::par([1], &Plan(2)).backend(Processes);
}
