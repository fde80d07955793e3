use joblib::backend::Processes;
use joblib::parallel;

#[parallel]
fn fill(row: &mut [u8], value: u8) {
    row.fill(value);
}

fn main() {
    let mut row = [1];
    let _ = fill::par([(&mut row[..], 2)]).backend(Processes);
}
