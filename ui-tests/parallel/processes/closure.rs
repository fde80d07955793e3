use joblib::backend::Processes;

fn main() {
    let _ = joblib::par(0..3).map(|x| x + 1).backend(Processes);
}
