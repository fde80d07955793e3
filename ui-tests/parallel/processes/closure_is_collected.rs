use joblib::backend::Processes;

fn main() {
    let _: Vec<i32> = joblib::par(0..3).map(|x| x + 1).backend(Processes).collect();
}
