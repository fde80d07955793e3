use joblib::backend::Processes;
use joblib::parallel;

struct Plan(u8);

#[parallel]
fn run(first: Plan, second: Plan) -> u8 {
    first.0 + second.0
}

fn main() {
    let _ = run::par([(Plan(1), Plan(2))]).backend(Processes);
}
