use joblib::backend::Processes;
use joblib::parallel;

struct Plan(u8);

#[parallel]
fn run(Plan(x): Plan) -> u8 {
    x
}

fn main() {
    let _ = run::par([Plan(1)]).backend(Processes);
}
