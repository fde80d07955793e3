use joblib::backend::Processes;
use joblib::parallel;

#[derive(Clone)]
struct Plan(u8);

#[parallel]
fn run(seed: u64, plan: &Plan) -> u64 {
    seed + u64::from(plan.0)
}

fn main() {
    let _ = run::par([(1, &Plan(2))]).backend(Processes);
}
