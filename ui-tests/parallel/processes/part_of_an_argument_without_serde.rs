use joblib::backend::Processes;
use joblib::parallel;

struct Plan(u8);

#[parallel]
fn run(plans: &[Plan]) -> u8 {
    plans[0].0
}

fn main() {
    let _ = run::par([&[Plan(2)][..]]).backend(Processes);
}
