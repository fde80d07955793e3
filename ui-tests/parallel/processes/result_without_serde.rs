use joblib::backend::Processes;
use joblib::parallel;

struct Plan(u8);

#[parallel]
fn run(seed: u8) -> Plan {
    Plan(seed)
}

fn main() {
    let _ = run::par([1]).backend(Processes);
}
